-- Add field purchase.no (text).
ALTER TABLE "purchase" ADD COLUMN "no" text;
-- Add field purchase.total (decimal(2)).
ALTER TABLE "purchase" ADD COLUMN "total" integer;
-- Add field purchase.net (decimal(2)).
ALTER TABLE "purchase" ADD COLUMN "net" integer;
-- Compute field purchase.no for existing records.
-- Compute field purchase.total for existing records.
-- Compute field purchase.net for existing records.
