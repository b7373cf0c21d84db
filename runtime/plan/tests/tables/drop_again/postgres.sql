-- Take field item.title out of use; its values are kept as _q_cba52ef5b56d7775.
ALTER TABLE "item" RENAME COLUMN "title" TO "_q_cba52ef5b56d7775";
