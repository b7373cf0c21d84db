-- Drop index ux_35480e9de181971e of item.
DROP INDEX "ux_35480e9de181971e";
-- Convert field item.price from decimal(2) to decimal(4).
ALTER TABLE "item" ALTER COLUMN "price" TYPE decimal(18, 4);
-- Keep price unique among live records of item.
CREATE UNIQUE INDEX "ux_35480e9de181971e" ON "item" ("price") WHERE "deleted_at" IS NULL;
