-- Add field item.title (text).
ALTER TABLE "item" ADD COLUMN "title" text COLLATE "C";
