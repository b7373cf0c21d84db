-- Drop index ux_0ba8439fb26b21b9 of item.
DROP INDEX "ux_0ba8439fb26b21b9";
-- Read each value of field item.code (text) anew as integer; what it was is kept as _q_aded7b078a53fc33.
ALTER TABLE "item" RENAME COLUMN "code" TO "_q_aded7b078a53fc33";
ALTER TABLE "item" ADD COLUMN "code" bigint;
-- Read each value of field item.note (long_text) anew as rich_text; what it was is kept as _q_8403e5a22194f200.
ALTER TABLE "item" RENAME COLUMN "note" TO "_q_8403e5a22194f200";
ALTER TABLE "item" ADD COLUMN "note" text COLLATE "C";
-- Read each value of field item.kind (choice) anew as multi_choice; what it was is kept as _q_a4b97f72a2987fe5.
ALTER TABLE "item" RENAME COLUMN "kind" TO "_q_a4b97f72a2987fe5";
ALTER TABLE "item" ADD COLUMN "kind" jsonb;
-- Read each value of field item.flags (tags) anew as text; what it was is kept as _q_9c02cdf0b1a53681.
ALTER TABLE "item" RENAME COLUMN "flags" TO "_q_9c02cdf0b1a53681";
ALTER TABLE "item" ADD COLUMN "flags" text COLLATE "C";
-- Require a value in field item.code.
-- Keep code unique among live records of item.
CREATE UNIQUE INDEX "ux_0ba8439fb26b21b9" ON "item" ("code") WHERE "deleted_at" IS NULL;
