-- Drop index ix_1c1ed3f0e74ed03a of item.
DROP INDEX "ix_1c1ed3f0e74ed03a";
-- Take field item.title out of use; its values are kept as _q_cba52ef5b56d7775.
ALTER TABLE "item" RENAME COLUMN "title" TO "_q_cba52ef5b56d7775";
-- Create object shelf with 10 columns.
CREATE TABLE "shelf" ( "id" blob NOT NULL, "created_at" integer NOT NULL, "created_by" blob, "updated_at" integer NOT NULL, "updated_by" blob, "owner_id" blob, "org_unit_id" blob, "version" integer NOT NULL, "deleted_at" integer, "label_text" text, CONSTRAINT "_pk_0a69466a7264649d" PRIMARY KEY ("id") ) STRICT;
-- Convert field item.quantity from integer to decimal(2).
UPDATE "item" SET "quantity" = "quantity" * 100 WHERE "quantity" IS NOT NULL;
-- Keep code, quantity unique among live records of item.
CREATE UNIQUE INDEX "ux_8cf3f934a5fdae72" ON "item" ("code", "quantity") WHERE "deleted_at" IS NULL;
-- Index quantity of item.
CREATE INDEX "ix_1c1ed3f0e74ed03a" ON "item" ("quantity");
-- Index owner_id of shelf.
CREATE INDEX "ix_42828f8011784441" ON "shelf" ("owner_id");
-- Index org_unit_id of shelf.
CREATE INDEX "ix_b0377d56140abfa3" ON "shelf" ("org_unit_id");
