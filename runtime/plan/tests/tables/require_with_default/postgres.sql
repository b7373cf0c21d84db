-- Set field item.quantity to 1 where it is empty.
UPDATE "item" SET "quantity" = $1 WHERE "quantity" IS NULL; -- 1
-- Set field item.price to "9.95" where it is empty.
UPDATE "item" SET "price" = $1 WHERE "price" IS NULL; -- 9.95
