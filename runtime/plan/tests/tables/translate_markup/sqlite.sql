-- Replace field item.c (rich_text) by an empty one (integer); its values are kept as _q_ba90e01bcd4658cb.
ALTER TABLE "item" RENAME COLUMN "c" TO "_q_ba90e01bcd4658cb";
ALTER TABLE "item" ADD COLUMN "c" integer;
-- Read each value of field item.a (rich_text) anew as text; what it was is kept as _q_fbd79a9323a67a3e.
ALTER TABLE "item" RENAME COLUMN "a" TO "_q_fbd79a9323a67a3e";
ALTER TABLE "item" ADD COLUMN "a" text;
-- Read each value of field item.b (markdown) anew as rich_text; what it was is kept as _q_668d65ca9a9e2f07.
ALTER TABLE "item" RENAME COLUMN "b" TO "_q_668d65ca9a9e2f07";
ALTER TABLE "item" ADD COLUMN "b" text;
