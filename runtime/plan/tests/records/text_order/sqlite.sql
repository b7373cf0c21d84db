-- select
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."code" AS "code", "t0"."title" AS "title" FROM "equipment" AS "t0" WHERE "t0"."deleted_at" IS NULL AND (("t0"."title" GLOB ?) AND "t0"."code" > ?) ORDER BY "t0"."title" ASC NULLS LAST, "t0"."id" ASC LIMIT ?
--   1: Value(Text("*a%*")) as Text
--   2: Value(Text("B")) as Text
--   3: Value(Integer(100)) as Integer
-- count
SELECT COUNT("t0"."id") FROM "equipment" AS "t0" WHERE "t0"."deleted_at" IS NULL AND (("t0"."title" GLOB ?) AND "t0"."code" > ?)
--   1: Value(Text("*a%*")) as Text
--   2: Value(Text("B")) as Text
-- get
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."code" AS "code" FROM "equipment" AS "t0" WHERE "t0"."deleted_at" IS NULL AND (("t0"."title" GLOB ?) AND "t0"."code" > ?) AND "t0"."id" = ?
--   1: Value(Text("*a%*")) as Text
--   2: Value(Text("B")) as Text
--   3: Slot(0) as Id
