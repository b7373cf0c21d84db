-- Drop index ux_0ba8439fb26b21b9 of item.
DROP INDEX "ux_0ba8439fb26b21b9";
