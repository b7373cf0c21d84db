-- Index title of item.
CREATE INDEX "ix_cb30496512754613" ON "item" ("title");
-- Index code, quantity of item.
CREATE INDEX "ix_5c7458ba45105ce4" ON "item" ("code", "quantity");
