import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { globalSetup: "./server.ts", include: ["tests/*.test.ts"], fileParallelism: false },
});
