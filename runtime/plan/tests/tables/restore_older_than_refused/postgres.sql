-- Add field item.extra (text), empty: what is kept as _q_6d52cd65daf70bcb (boolean) stays in quarantine.
ALTER TABLE "item" ADD COLUMN "extra" text COLLATE "C";
