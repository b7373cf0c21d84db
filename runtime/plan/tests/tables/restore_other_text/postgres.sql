-- Add field item.note (text), empty: what is kept as _q_8403e5a22194f200 (text) stays in quarantine.
ALTER TABLE "item" ADD COLUMN "note" text COLLATE "C";
