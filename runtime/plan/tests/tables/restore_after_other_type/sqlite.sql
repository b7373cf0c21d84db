-- Replace field item.extra (boolean) by an empty one (text); its values are kept as _q_6d52cd65daf70bcb.
ALTER TABLE "item" RENAME COLUMN "extra" TO "_q_6d52cd65daf70bcb";
ALTER TABLE "item" ADD COLUMN "extra" text;
