-- Convert field item.quantity from integer to text.
ALTER TABLE "item" ALTER COLUMN "quantity" TYPE text COLLATE "C";
-- Convert field item.price from decimal(2) to text.
ALTER TABLE "item" ALTER COLUMN "price" TYPE text COLLATE "C";
