-- Take object item into use again with the records kept as _q_abff4b36effb0452.
ALTER TABLE "_q_abff4b36effb0452" RENAME TO "item";
-- Take object owner_of_it into use again with the records kept as _q_2b68bd7c6582ee0d.
ALTER TABLE "_q_2b68bd7c6582ee0d" RENAME TO "owner_of_it";
-- Take field item.bent out of use; its values are kept as _q_e62df1822c1ddcae.
ALTER TABLE "item" RENAME COLUMN "bent" TO "_q_e62df1822c1ddcae";
-- Add field item.bent (boolean).
ALTER TABLE "item" ADD COLUMN "bent" integer;
-- Add field item.new (text).
ALTER TABLE "item" ADD COLUMN "new" text;
-- Take field item.gone into use again with the values kept as _q_540b9484a6ac96a8.
ALTER TABLE "item" RENAME COLUMN "_q_540b9484a6ac96a8" TO "gone";
-- Convert field item.amount from integer to decimal(2).
UPDATE "item" SET "amount" = "amount" * 100 WHERE "amount" IS NOT NULL;
-- Look whether item still has what field item.parent points at.
-- Look whether owner_of_it still has what field item.owner points at.
-- Require a value in field item.new.
-- Index owner_id of item.
CREATE INDEX "ix_e6b0d533af1ea0b7" ON "item" ("owner_id");
-- Index org_unit_id of item.
CREATE INDEX "ix_f8e795276d5c4094" ON "item" ("org_unit_id");
-- Index parent of item.
CREATE INDEX "ix_4292078d4929b714" ON "item" ("parent");
-- Index owner of item.
CREATE INDEX "ix_90f040e31379bc99" ON "item" ("owner");
-- Index owner_id of owner_of_it.
CREATE INDEX "ix_6ad6c239f1a769f9" ON "owner_of_it" ("owner_id");
-- Index org_unit_id of owner_of_it.
CREATE INDEX "ix_f396bbe8bf577eaf" ON "owner_of_it" ("org_unit_id");
