-- Convert field item.price from decimal(2) to decimal(1).
ALTER TABLE "item" ALTER COLUMN "price" TYPE decimal(18, 1);
