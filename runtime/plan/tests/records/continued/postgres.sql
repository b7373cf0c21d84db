-- select
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."loan_no" AS "loan_no", "t0"."to_on" AS "to_on", "t0"."from_on" AS "from_on" FROM "loan" AS "t0" WHERE "t0"."deleted_at" IS NULL AND ("t0"."to_on" > $1 OR "t0"."to_on" IS NULL OR ("t0"."to_on" = $2 AND (NOT "t0"."from_on" IS NULL)) OR ("t0"."to_on" = $3 AND "t0"."from_on" IS NULL AND "t0"."id" > $4)) ORDER BY "t0"."to_on" ASC NULLS LAST, "t0"."from_on" DESC NULLS FIRST, "t0"."id" ASC LIMIT $5
--   1: Value(Date(2026-03-01)) as Date
--   2: Value(Date(2026-03-01)) as Date
--   3: Value(Date(2026-03-01)) as Date
--   4: Value(Id(018f0000-0000-7000-8000-000000000001)) as Id
--   5: Value(Integer(100)) as Integer
-- count
SELECT COUNT("t0"."id") FROM "loan" AS "t0" WHERE "t0"."deleted_at" IS NULL
-- get
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."loan_no" AS "loan_no" FROM "loan" AS "t0" WHERE "t0"."deleted_at" IS NULL AND "t0"."id" = $1
--   1: Slot(0) as Id
