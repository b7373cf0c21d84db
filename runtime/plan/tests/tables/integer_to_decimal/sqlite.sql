-- Drop index ix_1c1ed3f0e74ed03a of item.
DROP INDEX "ix_1c1ed3f0e74ed03a";
-- Convert field item.quantity from integer to decimal(3).
UPDATE "item" SET "quantity" = "quantity" * 1000 WHERE "quantity" IS NOT NULL;
-- Index quantity of item.
CREATE INDEX "ix_1c1ed3f0e74ed03a" ON "item" ("quantity");
