-- Keep code unique among live records of item.
CREATE UNIQUE INDEX "ux_0ba8439fb26b21b9" ON "item" ("code") WHERE "deleted_at" IS NULL;
-- Keep title, price unique among live records of item.
CREATE UNIQUE INDEX "ux_c178450880c1e37d" ON "item" ("title", "price") WHERE "deleted_at" IS NULL;
