/** Rules of ignore files that would hold a scan up. */
import { expect, it } from "vitest";
import { extendRules, readRules } from "./ignore-rules.ts";

const deepPath = `${"a/".repeat(120)}c`;

it("leaves out a rule whose stars would be tried in millions of ways, and keeps the rest", () => {
  const text = "# a note\n\n**/a/**/a/**/a/**/a/**/b\n*.log\n";
  expect(readRules(text, "")).toEqual({ rules: ["*.log"], refused: [3] });
  const heard: number[] = [];
  const rules = extendRules(undefined, "", text, (line) => heard.push(line));
  expect(heard).toEqual([3]);
  expect(rules.ignores(deepPath)).toBe(false);
  expect(rules.ignores("a/x.log")).toBe(true);
});

it.each(["x".repeat(201), "*a*b*c*d", "**/a/**/b/**", "[a][b][c][d][e][f][g][h][i]", "a/*/*/*/*/*/*/*/*/*"])(
  "refuses %s",
  (rule) => {
    expect(readRules(rule, "folder/")).toEqual({ rules: [], refused: [1] });
  },
);

it.each(["*.py[cod]", "[Dd]ebug*/", "**/*.egg-info/**/*.[ch]", "[._]*.s[a-v][a-z]", "!/lib/**/*.so.*"])(
  "keeps %s of common templates",
  (rule) => {
    expect(readRules(rule, "")).toEqual({ rules: [rule], refused: [] });
  },
);
