-- Replace field item.sum (formula(2)) by an empty one (formula(4)); its values are kept as _q_5c34c1ac703e3b5b.
ALTER TABLE "item" RENAME COLUMN "sum" TO "_q_5c34c1ac703e3b5b";
ALTER TABLE "item" ADD COLUMN "sum" integer;
-- Replace field item.weight (decimal(2)) by an empty one (formula(2)); its values are kept as _q_ee394d1fd92c6d94.
ALTER TABLE "item" RENAME COLUMN "weight" TO "_q_ee394d1fd92c6d94";
ALTER TABLE "item" ADD COLUMN "weight" integer;
-- Compute field item.total for existing records.
-- Compute field item.sum for existing records.
-- Compute field item.weight for existing records.
