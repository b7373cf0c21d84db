-- Add field purchase.no (text).
ALTER TABLE "purchase" ADD COLUMN "no" text COLLATE "C";
-- Add field purchase.total (decimal(2)).
ALTER TABLE "purchase" ADD COLUMN "total" decimal(18, 2);
-- Add field purchase.net (decimal(2)).
ALTER TABLE "purchase" ADD COLUMN "net" decimal(18, 2);
-- Compute field purchase.no for existing records.
-- Compute field purchase.total for existing records.
-- Compute field purchase.net for existing records.
