-- Take field item.total out of use; its values are kept as _q_0dd528c73e92a2f2.
ALTER TABLE "item" RENAME COLUMN "total" TO "_q_0dd528c73e92a2f2";
