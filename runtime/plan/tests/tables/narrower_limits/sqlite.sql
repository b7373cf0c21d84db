-- Convert field item.fine from integer to decimal(2).
UPDATE "item" SET "fine" = "fine" * 100 WHERE "fine" IS NOT NULL;
-- Hold field item.code to its new limits.
-- Hold field item.mail to its new limits.
-- Hold field item.count to its new limits.
-- Hold field item.stars to its new limits.
-- Hold field item.fine to its new limits.
