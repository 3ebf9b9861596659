import { defineConfig } from "vitest/config";

const shared = { pool: "forks" as const, testTimeout: 90_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    // Most tests wait for processes: two files at a time keep two cores busy; Vitest would run one.
    maxWorkers: 2,
    globalSetup: ["test/build-once.ts", "test/fixtures/start-stores.ts"],
    projects: [
      { test: { ...shared, name: "house", include: ["test/house.test.ts", "test/docs.test.ts"] } },
      { test: { ...shared, name: "unit", include: ["src/**/*.test.ts"] } },
      { test: { ...shared, name: "grammars", include: ["test/grammars.test.ts"] } },
      { test: { ...shared, name: "conformance", include: ["test/conformance/*.test.ts"] } },
      {
        test: {
          ...shared,
          name: "e2e",
          include: ["test/e2e/*.test.ts", "test/golden/*.test.ts", "test/eval/*.test.ts"],
          testTimeout: 120_000,
        },
      },
      {
        test: { ...shared, name: "clients", include: ["test/clients/*.test.ts"], testTimeout: 180_000 },
      },
      { test: { ...shared, name: "mcp", include: ["test/mcp/*.test.ts"] } },
      { test: { ...shared, name: "faults", include: ["test/faults/*.test.ts"], testTimeout: 900_000 } },
    ],
  },
});
