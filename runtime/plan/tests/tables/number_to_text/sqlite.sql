-- Convert field item.quantity from integer to text.
ALTER TABLE "item" ADD COLUMN "_new" text;
UPDATE "item" SET "_new" = CAST("quantity" AS text) WHERE "quantity" IS NOT NULL;
ALTER TABLE "item" DROP COLUMN "quantity";
ALTER TABLE "item" RENAME COLUMN "_new" TO "quantity";
-- Convert field item.price from decimal(2) to text.
ALTER TABLE "item" ADD COLUMN "_new" text;
UPDATE "item" SET "_new" = printf('%s%d.%02d', (CASE WHEN ("price" < 0) THEN '-' ELSE '' END), ABS("price") / 100, ABS("price") % 100) WHERE "price" IS NOT NULL;
ALTER TABLE "item" DROP COLUMN "price";
ALTER TABLE "item" RENAME COLUMN "_new" TO "price";
