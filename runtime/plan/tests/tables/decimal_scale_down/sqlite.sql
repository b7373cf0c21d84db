-- Convert field item.price from decimal(2) to decimal(1).
UPDATE "item" SET "price" = "price" / 10 WHERE "price" IS NOT NULL;
