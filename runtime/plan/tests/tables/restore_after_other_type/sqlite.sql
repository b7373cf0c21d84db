-- Take field item.extra from boolean back to text: the values kept as _q_c7653f67e0f6852e where they were not changed since, the others read anew; what it was is kept as _q_6d52cd65daf70bcb.
ALTER TABLE "item" RENAME COLUMN "extra" TO "_q_6d52cd65daf70bcb";
ALTER TABLE "item" RENAME COLUMN "_q_c7653f67e0f6852e" TO "extra";
