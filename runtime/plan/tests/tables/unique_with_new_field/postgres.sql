-- Add field item.lot (text).
ALTER TABLE "item" ADD COLUMN "lot" text COLLATE "C";
-- Add field item.slot (text).
ALTER TABLE "item" ADD COLUMN "slot" text COLLATE "C";
-- Set field item.lot to "first" where it is empty.
UPDATE "item" SET "lot" = $1 WHERE "lot" IS NULL; -- first
-- Keep code, lot unique among live records of item.
CREATE UNIQUE INDEX "ux_a8e3cfcaeffa6bf5" ON "item" ("code", "lot") WHERE "deleted_at" IS NULL;
-- Keep code, slot unique among live records of item.
CREATE UNIQUE INDEX "ux_4db6c97a426d5ee6" ON "item" ("code", "slot") WHERE "deleted_at" IS NULL;
