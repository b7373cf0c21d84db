-- Drop index ix_e6b0d533af1ea0b7 of item.
DROP INDEX "ix_e6b0d533af1ea0b7";
-- Drop index ix_f8e795276d5c4094 of item.
DROP INDEX "ix_f8e795276d5c4094";
-- Take object item out of use; its records are kept as _q_abff4b36effb0452.
ALTER TABLE "item" RENAME TO "_q_abff4b36effb0452";
