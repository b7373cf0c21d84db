-- select
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."amount" AS "amount", "t0"."equipment" AS "equipment" FROM "loan_line" AS "t0" WHERE "t0"."deleted_at" IS NULL AND EXISTS(SELECT $1 FROM "loan" AS "t1" WHERE "t1"."deleted_at" IS NULL AND "t1"."id" = "t0"."loan" AND "t1"."owner_id" = $2) ORDER BY "t0"."id" ASC LIMIT $3
--   1: Value(Integer(1)) as Integer
--   2: Actor(Id) as Id
--   3: Value(Integer(100)) as Integer
-- count
SELECT COUNT("t0"."id") FROM "loan_line" AS "t0" WHERE "t0"."deleted_at" IS NULL AND EXISTS(SELECT $1 FROM "loan" AS "t1" WHERE "t1"."deleted_at" IS NULL AND "t1"."id" = "t0"."loan" AND "t1"."owner_id" = $2)
--   1: Value(Integer(1)) as Integer
--   2: Actor(Id) as Id
-- get
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."amount" AS "amount", "t0"."equipment" AS "equipment" FROM "loan_line" AS "t0" WHERE "t0"."deleted_at" IS NULL AND EXISTS(SELECT $1 FROM "loan" AS "t1" WHERE "t1"."deleted_at" IS NULL AND "t1"."id" = "t0"."loan" AND "t1"."owner_id" = $2) AND "t0"."id" = $3
--   1: Value(Integer(1)) as Integer
--   2: Actor(Id) as Id
--   3: Slot(0) as Id
-- embed
SELECT "t0"."id" AS "id", "t0"."version" AS "version" FROM "equipment" AS "t0" WHERE "t0"."deleted_at" IS NULL AND "t0"."id" IN ($1, $2, $3, $4)
--   1: Slot(0) as Id
--   2: Slot(1) as Id
--   3: Slot(2) as Id
--   4: Slot(3) as Id
