-- Create object item with 21 columns.
CREATE TABLE "item" ( "id" uuid NOT NULL, "created_at" timestamp with time zone NOT NULL, "created_by" uuid, "updated_at" timestamp with time zone NOT NULL, "updated_by" uuid, "owner_id" uuid, "org_unit_id" uuid, "version" bigint NOT NULL, "deleted_at" timestamp with time zone, "code" text COLLATE "C", "title" text COLLATE "C", "quantity" bigint, "price" decimal(18, 2), "shelf" uuid, "due" date, "seen_at" timestamp with time zone, "opens" time, "active" bool, "tags" jsonb, "place" jsonb, "total" decimal(18, 2), CONSTRAINT "_pk_530237977e4a6db0" PRIMARY KEY ("id") );
-- Create object shelf with 10 columns.
CREATE TABLE "shelf" ( "id" uuid NOT NULL, "created_at" timestamp with time zone NOT NULL, "created_by" uuid, "updated_at" timestamp with time zone NOT NULL, "updated_by" uuid, "owner_id" uuid, "org_unit_id" uuid, "version" bigint NOT NULL, "deleted_at" timestamp with time zone, "label_text" text COLLATE "C", CONSTRAINT "_pk_0a69466a7264649d" PRIMARY KEY ("id") );
-- Keep code unique among live records of item.
CREATE UNIQUE INDEX "ux_0ba8439fb26b21b9" ON "item" ("code") WHERE "deleted_at" IS NULL;
-- Keep shelf, title unique among live records of item.
CREATE UNIQUE INDEX "ux_9181bbfb107a641c" ON "item" ("shelf", "title") WHERE "deleted_at" IS NULL;
-- Index owner_id of item.
CREATE INDEX "ix_e6b0d533af1ea0b7" ON "item" ("owner_id");
-- Index org_unit_id of item.
CREATE INDEX "ix_f8e795276d5c4094" ON "item" ("org_unit_id");
-- Index shelf of item.
CREATE INDEX "ix_ef995f972768083e" ON "item" ("shelf");
-- Index title, due of item.
CREATE INDEX "ix_4f7cf21dfb84e67e" ON "item" ("title", "due");
-- Index owner_id of shelf.
CREATE INDEX "ix_42828f8011784441" ON "shelf" ("owner_id");
-- Index org_unit_id of shelf.
CREATE INDEX "ix_b0377d56140abfa3" ON "shelf" ("org_unit_id");
