-- Drop index ix_a038fc6ca2d84051 of item.
DROP INDEX "ix_a038fc6ca2d84051";
-- Take field item.extra out of use; its values are kept as _q_6d52cd65daf70bcb.
ALTER TABLE "item" RENAME COLUMN "extra" TO "_q_6d52cd65daf70bcb";
-- Take field item.extra into use again with the values kept as _q_c7653f67e0f6852e.
ALTER TABLE "item" RENAME COLUMN "_q_c7653f67e0f6852e" TO "extra";
-- Index extra of item.
CREATE INDEX "ix_a038fc6ca2d84051" ON "item" ("extra");
