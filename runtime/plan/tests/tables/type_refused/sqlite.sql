-- Replace field item.due (date) by an empty one (datetime); its values are kept as _q_ea1df5b80095caa7.
ALTER TABLE "item" RENAME COLUMN "due" TO "_q_ea1df5b80095caa7";
ALTER TABLE "item" ADD COLUMN "due" integer;
-- Read each value of field item.code (text) anew as integer; what it was is kept as _q_aded7b078a53fc33.
ALTER TABLE "item" RENAME COLUMN "code" TO "_q_aded7b078a53fc33";
ALTER TABLE "item" ADD COLUMN "code" integer;
