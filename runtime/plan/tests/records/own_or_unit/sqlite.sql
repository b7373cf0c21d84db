-- select
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."loan_no" AS "loan_no", "t0"."to_on" AS "to_on", "t0"."from_on" AS "from_on" FROM "loan" AS "t0" WHERE "t0"."deleted_at" IS NULL AND ("t0"."owner_id" = ? OR ("t0"."org_unit_id" = ? OR "t0"."org_unit_id" IN (SELECT "t1"."below" FROM "_unit_closure" AS "t1" WHERE "t1"."above" = ?))) ORDER BY "t0"."to_on" DESC NULLS FIRST, "t0"."from_on" ASC NULLS LAST, "t0"."id" ASC LIMIT ?
--   1: Actor(Id) as Id
--   2: Actor(OrgUnitId) as Id
--   3: Actor(OrgUnitId) as Id
--   4: Value(Integer(20)) as Integer
-- count
SELECT COUNT("t0"."id") FROM "loan" AS "t0" WHERE "t0"."deleted_at" IS NULL AND ("t0"."owner_id" = ? OR ("t0"."org_unit_id" = ? OR "t0"."org_unit_id" IN (SELECT "t1"."below" FROM "_unit_closure" AS "t1" WHERE "t1"."above" = ?)))
--   1: Actor(Id) as Id
--   2: Actor(OrgUnitId) as Id
--   3: Actor(OrgUnitId) as Id
-- get
SELECT "t0"."id" AS "id", "t0"."version" AS "version", "t0"."loan_no" AS "loan_no" FROM "loan" AS "t0" WHERE "t0"."deleted_at" IS NULL AND ("t0"."owner_id" = ? OR ("t0"."org_unit_id" = ? OR "t0"."org_unit_id" IN (SELECT "t1"."below" FROM "_unit_closure" AS "t1" WHERE "t1"."above" = ?))) AND "t0"."id" = ?
--   1: Actor(Id) as Id
--   2: Actor(OrgUnitId) as Id
--   3: Actor(OrgUnitId) as Id
--   4: Slot(0) as Id
