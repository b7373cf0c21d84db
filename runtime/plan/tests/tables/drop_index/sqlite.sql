-- Drop index ix_cb30496512754613 of item.
DROP INDEX "ix_cb30496512754613";
