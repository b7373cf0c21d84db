-- Take field item.extra out of use; its values are kept as _q_c7653f67e0f6852e.
ALTER TABLE "item" RENAME COLUMN "extra" TO "_q_c7653f67e0f6852e";
