-- Take field item.extra into use again with the values kept as _q_c7653f67e0f6852e.
ALTER TABLE "item" RENAME COLUMN "_q_c7653f67e0f6852e" TO "extra";
-- Convert field item.extra from integer to decimal(2).
ALTER TABLE "item" ALTER COLUMN "extra" TYPE decimal(18, 2);
