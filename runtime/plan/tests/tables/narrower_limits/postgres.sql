-- Convert field item.fine from integer to decimal(2).
ALTER TABLE "item" ALTER COLUMN "fine" TYPE decimal(18, 2);
-- Hold field item.code to its new limits.
-- Hold field item.mail to its new limits.
-- Hold field item.count to its new limits.
-- Hold field item.stars to its new limits.
-- Hold field item.fine to its new limits.
