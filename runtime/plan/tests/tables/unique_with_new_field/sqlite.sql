-- Add field item.batch (text).
ALTER TABLE "item" ADD COLUMN "batch" text;
-- Add field item.slot (text).
ALTER TABLE "item" ADD COLUMN "slot" text;
-- Set field item.batch to "first" where it is empty.
UPDATE "item" SET "batch" = ? WHERE "batch" IS NULL; -- first
-- Keep code, batch unique among live records of item.
CREATE UNIQUE INDEX "ux_7493a3b1c72f1dce" ON "item" ("code", "batch") WHERE "deleted_at" IS NULL;
-- Keep code, slot unique among live records of item.
CREATE UNIQUE INDEX "ux_4db6c97a426d5ee6" ON "item" ("code", "slot") WHERE "deleted_at" IS NULL;
