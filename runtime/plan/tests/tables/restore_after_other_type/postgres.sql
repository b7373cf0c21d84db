-- Take field item.extra out of use; its values are kept as _q_6d52cd65daf70bcb.
ALTER TABLE "item" RENAME COLUMN "extra" TO "_q_6d52cd65daf70bcb";
-- Take field item.extra into use again with the values kept as _q_c7653f67e0f6852e.
ALTER TABLE "item" RENAME COLUMN "_q_c7653f67e0f6852e" TO "extra";
