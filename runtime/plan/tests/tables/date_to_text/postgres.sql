-- Convert field item.due from date to text.
ALTER TABLE "item" ALTER COLUMN "due" TYPE text COLLATE "C";
