-- Take field item.extra into use again with the values kept as _q_c7653f67e0f6852e.
ALTER TABLE "item" RENAME COLUMN "_q_c7653f67e0f6852e" TO "extra";
-- Require a value in field item.extra.
-- Keep extra unique among live records of item.
CREATE UNIQUE INDEX "ux_54cee12d5b6e71a0" ON "item" ("extra") WHERE "deleted_at" IS NULL;
