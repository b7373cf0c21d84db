-- Drop index ix_1c1ed3f0e74ed03a of item.
DROP INDEX "ix_1c1ed3f0e74ed03a";
-- Take field item.title out of use; its values are kept as _q_cba52ef5b56d7775.
ALTER TABLE "item" RENAME COLUMN "title" TO "_q_cba52ef5b56d7775";
-- Create object shelf with 10 columns.
CREATE TABLE "shelf" ( "id" uuid NOT NULL, "created_at" timestamp with time zone NOT NULL, "created_by" uuid, "updated_at" timestamp with time zone NOT NULL, "updated_by" uuid, "owner_id" uuid, "org_unit_id" uuid, "version" bigint NOT NULL, "deleted_at" timestamp with time zone, "label_text" text COLLATE "C", CONSTRAINT "_pk_0a69466a7264649d" PRIMARY KEY ("id") );
-- Convert field item.quantity from integer to decimal(2).
ALTER TABLE "item" ALTER COLUMN "quantity" TYPE decimal(18, 2);
-- Keep code, quantity unique among live records of item.
CREATE UNIQUE INDEX "ux_8cf3f934a5fdae72" ON "item" ("code", "quantity") WHERE "deleted_at" IS NULL;
-- Index quantity of item.
CREATE INDEX "ix_1c1ed3f0e74ed03a" ON "item" ("quantity");
-- Index owner_id of shelf.
CREATE INDEX "ix_42828f8011784441" ON "shelf" ("owner_id");
-- Index org_unit_id of shelf.
CREATE INDEX "ix_b0377d56140abfa3" ON "shelf" ("org_unit_id");
