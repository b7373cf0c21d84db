-- Take field item.title into use again with the values kept as _q_cba52ef5b56d7775.
ALTER TABLE "item" RENAME COLUMN "_q_cba52ef5b56d7775" TO "title";
