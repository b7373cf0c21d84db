-- Add field item.extra (boolean), empty: what is kept as _q_c7653f67e0f6852e (text) stays in quarantine.
ALTER TABLE "item" ADD COLUMN "extra" integer;
