-- Take field item.title out of use; its values are kept as _q_245058c6a31c41af.
ALTER TABLE "item" RENAME COLUMN "title" TO "_q_245058c6a31c41af";
