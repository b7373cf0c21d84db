-- Create object room with 10 columns.
CREATE TABLE "room" ( "id" blob NOT NULL, "created_at" integer NOT NULL, "created_by" blob, "updated_at" integer NOT NULL, "updated_by" blob, "owner_id" blob, "org_unit_id" blob, "version" integer NOT NULL, "deleted_at" integer, "floor" integer, CONSTRAINT "_pk_ac1cca43b2d005da" PRIMARY KEY ("id") ) STRICT;
-- Limit field item.code to 2 options.
-- Limit field item.title to 20 characters.
-- Point field item.shelf at room.
-- Limit field item.state to 2 options.
-- Index owner_id of room.
CREATE INDEX "ix_816afe4287b1f988" ON "room" ("owner_id");
-- Index org_unit_id of room.
CREATE INDEX "ix_99e7f9069926c140" ON "room" ("org_unit_id");
