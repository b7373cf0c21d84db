-- Add field item.shelf (reference).
ALTER TABLE "item" ADD COLUMN "shelf" blob;
-- Add field item.note (text).
ALTER TABLE "item" ADD COLUMN "note" text;
-- Add field item.status (text).
ALTER TABLE "item" ADD COLUMN "status" text;
-- Add field item.serial (text).
ALTER TABLE "item" ADD COLUMN "serial" text;
-- Add field item.total (decimal(2)).
ALTER TABLE "item" ADD COLUMN "total" integer;
-- Require a value in field item.serial.
-- Set field item.status to "new" where it is empty.
UPDATE "item" SET "status" = ? WHERE "status" IS NULL; -- new
-- Compute field item.total for existing records.
-- Index shelf of item.
CREATE INDEX "ix_ef995f972768083e" ON "item" ("shelf");
