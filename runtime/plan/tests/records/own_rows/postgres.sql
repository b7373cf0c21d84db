-- select
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."loan_no" AS "loan_no", "t0"."amount" AS "amount", "t0"."status" AS "status", "t0"."to_on" AS "to_on" FROM "loan" AS "t0" WHERE "t0"."deleted_at" IS NULL AND "t0"."owner_id" = $1 AND ("t0"."amount" > $2 AND "t0"."status" IN ($3, $4)) ORDER BY "t0"."to_on" ASC NULLS LAST, "t0"."id" ASC LIMIT $5
--   1: Actor(Id) as Id
--   2: Value(Decimal(10)) as Decimal { scale: 2 }
--   3: Value(Text("draft")) as Text
--   4: Value(Text("lent")) as Text
--   5: Value(Integer(100)) as Integer
-- count
SELECT COUNT("t0"."id") FROM "loan" AS "t0" WHERE "t0"."deleted_at" IS NULL AND "t0"."owner_id" = $1 AND ("t0"."amount" > $2 AND "t0"."status" IN ($3, $4))
--   1: Actor(Id) as Id
--   2: Value(Decimal(10)) as Decimal { scale: 2 }
--   3: Value(Text("draft")) as Text
--   4: Value(Text("lent")) as Text
-- get
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."loan_no" AS "loan_no", "t0"."amount" AS "amount", "t0"."status" AS "status" FROM "loan" AS "t0" WHERE "t0"."deleted_at" IS NULL AND "t0"."owner_id" = $1 AND ("t0"."amount" > $2 AND "t0"."status" IN ($3, $4)) AND "t0"."id" = $5
--   1: Actor(Id) as Id
--   2: Value(Decimal(10)) as Decimal { scale: 2 }
--   3: Value(Text("draft")) as Text
--   4: Value(Text("lent")) as Text
--   5: Slot(0) as Id
