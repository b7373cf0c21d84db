-- Drop index ix_1c1ed3f0e74ed03a of item.
DROP INDEX "ix_1c1ed3f0e74ed03a";
-- Convert field item.quantity from integer to decimal(3).
ALTER TABLE "item" ALTER COLUMN "quantity" TYPE decimal(18, 3);
-- Index quantity of item.
CREATE INDEX "ix_1c1ed3f0e74ed03a" ON "item" ("quantity");
