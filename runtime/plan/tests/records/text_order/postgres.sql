-- select
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."code" AS "code", "t0"."title" AS "title" FROM "equipment" AS "t0" WHERE "t0"."deleted_at" IS NULL AND ("t0"."title" LIKE $1 ESCAPE '!' AND ("t0"."code" COLLATE "C") > $2) ORDER BY "t0"."title" COLLATE "C" ASC NULLS LAST, "t0"."id" ASC LIMIT $3
--   1: Value(Text("%a!%%")) as Text
--   2: Value(Text("B")) as Text
--   3: Value(Integer(100)) as Integer
-- count
SELECT COUNT("t0"."id") FROM "equipment" AS "t0" WHERE "t0"."deleted_at" IS NULL AND ("t0"."title" LIKE $1 ESCAPE '!' AND ("t0"."code" COLLATE "C") > $2)
--   1: Value(Text("%a!%%")) as Text
--   2: Value(Text("B")) as Text
-- get
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."code" AS "code" FROM "equipment" AS "t0" WHERE "t0"."deleted_at" IS NULL AND ("t0"."title" LIKE $1 ESCAPE '!' AND ("t0"."code" COLLATE "C") > $2) AND "t0"."id" = $3
--   1: Value(Text("%a!%%")) as Text
--   2: Value(Text("B")) as Text
--   3: Slot(0) as Id
