/** Which paths are told from the code itself. */
import { expect, it } from "vitest";
import { asideFactors, isAside } from "./asides.ts";

it.each([
  "src/doctor.ts",
  "docker.go",
  "document.ts",
  "src/changes.ts",
  "src/changelog.go",
  "localesort.ts",
  "deps/list.c",
  "build/plan.ts",
  "external/link.go",
  "src/latest.ts",
  "src/contest/run.ts",
  "benchmarking.go",
])("%s is code", (path) => {
  expect(isAside(path)).toBe(false);
});

it.each([
  ["docs/intro.py", "prose"],
  ["CHANGELOG.md", "prose"],
  ["README", "prose"],
  ["test/a.ts", "test"],
  ["src/a.test.ts", "test"],
  ["pkg/a_test.go", "test"],
  ["_examples/a.go", "example"],
  ["hash/a_benchmark.cc", "example"],
  ["vendor/a.go", "vendored"],
  ["api/a.pb.go", "generated"],
  ["lib/_compat.py", "compatibility"],
  ["deprecated/a.py", "compatibility"],
])("%s is aside: %s", (path, rule) => {
  const factors = asideFactors(path, new Set(), false);
  expect(factors.map((one) => one.rule)).toEqual([rule]);
  expect(factors[0]?.factor).toBeLessThan(1);
});

it("holds nothing back that is asked for", () => {
  expect(asideFactors("test/a.ts", new Set(["tests"]), false)).toEqual([]);
  expect(asideFactors("src/a.rs", new Set(["parse"]), true).map(({ rule }) => rule)).toEqual(["test"]);
});
