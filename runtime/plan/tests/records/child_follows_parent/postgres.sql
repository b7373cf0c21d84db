-- select
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."quantity" AS "quantity", "t0"."amount" AS "amount" FROM "loan_line" AS "t0" WHERE "t0"."deleted_at" IS NULL AND EXISTS(SELECT $1 FROM "loan" AS "t1" WHERE "t1"."deleted_at" IS NULL AND "t1"."id" = "t0"."loan" AND "t1"."owner_id" = $2) AND "t0"."quantity" >= $3 ORDER BY "t0"."id" ASC LIMIT $4
--   1: Value(Integer(1)) as Integer
--   2: Actor(Id) as Id
--   3: Value(Integer(2)) as Integer
--   4: Value(Integer(100)) as Integer
-- count
SELECT COUNT("t0"."id") FROM "loan_line" AS "t0" WHERE "t0"."deleted_at" IS NULL AND EXISTS(SELECT $1 FROM "loan" AS "t1" WHERE "t1"."deleted_at" IS NULL AND "t1"."id" = "t0"."loan" AND "t1"."owner_id" = $2) AND "t0"."quantity" >= $3
--   1: Value(Integer(1)) as Integer
--   2: Actor(Id) as Id
--   3: Value(Integer(2)) as Integer
-- get
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."quantity" AS "quantity", "t0"."amount" AS "amount" FROM "loan_line" AS "t0" WHERE "t0"."deleted_at" IS NULL AND EXISTS(SELECT $1 FROM "loan" AS "t1" WHERE "t1"."deleted_at" IS NULL AND "t1"."id" = "t0"."loan" AND "t1"."owner_id" = $2) AND "t0"."quantity" >= $3 AND "t0"."id" = $4
--   1: Value(Integer(1)) as Integer
--   2: Actor(Id) as Id
--   3: Value(Integer(2)) as Integer
--   4: Slot(0) as Id
