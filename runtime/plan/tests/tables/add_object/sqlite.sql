-- Create object item with 21 columns.
CREATE TABLE "item" ( "id" blob NOT NULL, "created_at" integer NOT NULL, "created_by" blob, "updated_at" integer NOT NULL, "updated_by" blob, "owner_id" blob, "org_unit_id" blob, "version" integer NOT NULL, "deleted_at" integer, "code" text, "title" text, "quantity" integer, "price" integer, "shelf" blob, "due" text, "seen_at" integer, "opens" text, "active" integer, "tags" text, "place" text, "total" integer, CONSTRAINT "_pk_530237977e4a6db0" PRIMARY KEY ("id") ) STRICT;
-- Create object shelf with 10 columns.
CREATE TABLE "shelf" ( "id" blob NOT NULL, "created_at" integer NOT NULL, "created_by" blob, "updated_at" integer NOT NULL, "updated_by" blob, "owner_id" blob, "org_unit_id" blob, "version" integer NOT NULL, "deleted_at" integer, "label_text" text, CONSTRAINT "_pk_0a69466a7264649d" PRIMARY KEY ("id") ) STRICT;
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
