-- Take object item into use again with the records kept as _q_abff4b36effb0452.
ALTER TABLE "_q_abff4b36effb0452" RENAME TO "item";
-- Take object owner_of_it into use again with the records kept as _q_2b68bd7c6582ee0d.
ALTER TABLE "_q_2b68bd7c6582ee0d" RENAME TO "owner_of_it";
-- Look whether item still has what field item.parent points at.
-- Look whether owner_of_it still has what field item.owner points at.
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
