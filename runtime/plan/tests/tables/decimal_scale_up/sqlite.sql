-- Drop index ux_35480e9de181971e of item.
DROP INDEX "ux_35480e9de181971e";
-- Convert field item.price from decimal(2) to decimal(4).
UPDATE "item" SET "price" = "price" * 100 WHERE "price" IS NOT NULL;
-- Keep price unique among live records of item.
CREATE UNIQUE INDEX "ux_35480e9de181971e" ON "item" ("price") WHERE "deleted_at" IS NULL;
