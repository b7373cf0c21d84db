-- select
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."loan_no" AS "loan_no" FROM "loan" AS "t0" WHERE "t0"."deleted_at" IS NULL AND "t0"."owner_id" = ? AND EXISTS(SELECT ? FROM "loan_line" AS "t1" WHERE "t1"."deleted_at" IS NULL AND EXISTS(SELECT ? FROM "loan" AS "t2" WHERE "t2"."deleted_at" IS NULL AND "t2"."id" = "t1"."loan" AND "t2"."owner_id" = ? LIMIT ?) AND "t1"."loan" = "t0"."id" LIMIT ?) ORDER BY "t0"."id" ASC LIMIT ?
--   1: Actor(Id) as Id
--   2: Value(Integer(1)) as Integer
--   3: Value(Integer(1)) as Integer
--   4: Actor(Id) as Id
--   5: Value(Integer(1)) as Integer
--   6: Value(Integer(1)) as Integer
--   7: Value(Integer(100)) as Integer
-- count
SELECT COUNT("t0"."id") FROM "loan" AS "t0" WHERE "t0"."deleted_at" IS NULL AND "t0"."owner_id" = ? AND EXISTS(SELECT ? FROM "loan_line" AS "t1" WHERE "t1"."deleted_at" IS NULL AND EXISTS(SELECT ? FROM "loan" AS "t2" WHERE "t2"."deleted_at" IS NULL AND "t2"."id" = "t1"."loan" AND "t2"."owner_id" = ? LIMIT ?) AND "t1"."loan" = "t0"."id" LIMIT ?)
--   1: Actor(Id) as Id
--   2: Value(Integer(1)) as Integer
--   3: Value(Integer(1)) as Integer
--   4: Actor(Id) as Id
--   5: Value(Integer(1)) as Integer
--   6: Value(Integer(1)) as Integer
-- get
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."loan_no" AS "loan_no" FROM "loan" AS "t0" WHERE "t0"."deleted_at" IS NULL AND "t0"."owner_id" = ? AND EXISTS(SELECT ? FROM "loan_line" AS "t1" WHERE "t1"."deleted_at" IS NULL AND EXISTS(SELECT ? FROM "loan" AS "t2" WHERE "t2"."deleted_at" IS NULL AND "t2"."id" = "t1"."loan" AND "t2"."owner_id" = ? LIMIT ?) AND "t1"."loan" = "t0"."id" LIMIT ?) AND "t0"."id" = ?
--   1: Actor(Id) as Id
--   2: Value(Integer(1)) as Integer
--   3: Value(Integer(1)) as Integer
--   4: Actor(Id) as Id
--   5: Value(Integer(1)) as Integer
--   6: Value(Integer(1)) as Integer
--   7: Slot(0) as Id
-- embed
SELECT "t2"."id", "t2"."version", "t2"."loan" FROM (SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."loan" AS "loan", row_number() OVER ( PARTITION BY "t0"."loan" ORDER BY "t0"."id" ASC ) AS "_place" FROM "loan_line" AS "t0" WHERE "t0"."deleted_at" IS NULL AND EXISTS(SELECT ? FROM "loan" AS "t1" WHERE "t1"."deleted_at" IS NULL AND "t1"."id" = "t0"."loan" AND "t1"."owner_id" = ? LIMIT ?) AND "t0"."loan" IN (?, ?, ?, ?)) AS "t2" WHERE "t2"."_place" > ? AND "t2"."_place" <= ? ORDER BY "t2"."_place" ASC, "t2"."id" ASC
--   1: Value(Integer(1)) as Integer
--   2: Actor(Id) as Id
--   3: Value(Integer(1)) as Integer
--   4: Slot(0) as Id
--   5: Slot(1) as Id
--   6: Slot(2) as Id
--   7: Slot(3) as Id
--   8: Value(Integer(0)) as Integer
--   9: Value(Integer(100)) as Integer
