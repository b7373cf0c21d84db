-- Take field item.code from integer back to text: the values kept as _q_aded7b078a53fc33 where they were not changed since, the others read anew; what it was is kept as _q_e3d39d59ef86e2d2.
ALTER TABLE "item" RENAME COLUMN "code" TO "_q_e3d39d59ef86e2d2";
ALTER TABLE "item" RENAME COLUMN "_q_aded7b078a53fc33" TO "code";
