-- Drop index ux_0ba8439fb26b21b9 of item.
DROP INDEX "ux_0ba8439fb26b21b9";
-- Drop index ix_cb30496512754613 of item.
DROP INDEX "ix_cb30496512754613";
-- Take field item.code out of use; its values are kept as _q_aded7b078a53fc33.
ALTER TABLE "item" RENAME COLUMN "code" TO "_q_aded7b078a53fc33";
-- Take field item.title out of use; its values are kept as _q_cba52ef5b56d7775.
ALTER TABLE "item" RENAME COLUMN "title" TO "_q_cba52ef5b56d7775";
