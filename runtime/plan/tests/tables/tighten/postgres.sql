-- Create object room with 10 columns.
CREATE TABLE "room" ( "id" uuid NOT NULL, "created_at" timestamp with time zone NOT NULL, "created_by" uuid, "updated_at" timestamp with time zone NOT NULL, "updated_by" uuid, "owner_id" uuid, "org_unit_id" uuid, "version" bigint NOT NULL, "deleted_at" timestamp with time zone, "floor" bigint, CONSTRAINT "_pk_ac1cca43b2d005da" PRIMARY KEY ("id") );
-- Limit field item.code to 2 options.
-- Limit field item.title to 20 characters.
-- Point field item.shelf at room.
-- Limit field item.state to 2 options.
-- Index owner_id of room.
CREATE INDEX "ix_816afe4287b1f988" ON "room" ("owner_id");
-- Index org_unit_id of room.
CREATE INDEX "ix_99e7f9069926c140" ON "room" ("org_unit_id");
