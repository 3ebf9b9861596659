/** Nothing out of a file can steer a terminal, hide from the eye, close its fence or fill the page. */
import { describe, expect, it } from "vitest";
import { cleanLines, cutText, fenced, grouped, oneLine, showPath, stripUnseen } from "./text.ts";

describe("stripUnseen", () => {
  it.each([
    ["colour codes", "\u001b[31mred\u001b[0m", "[31mred[0m"],
    ["bidi overrides", "a\u202eb\u2066c\u2069", "abc"],
    ["zero width", "a\u200bb\u200dc\ufeffd\u2060e", "abcde"],
    ["tag characters", "a\u{e0041}\u{e0042}b", "ab"],
    ["variation selectors", "a\ufe0fb\u{e0101}c", "abc"],
    ["bell, backspace, carriage return, C1", "a\u0007\b\r\u009bb", "ab"],
    ["line and paragraph separators", "a\u2028b\u2029c", "abc"],
  ])("takes out %s", (_name, text, expected) => {
    expect(stripUnseen(text)).toBe(expected);
  });

  it("leaves text of every script, tabs and line feeds", () => {
    const text = "\tπάντα ῥεῖ\n検索 العربية é 👍\n";
    expect(stripUnseen(text)).toBe(text);
  });
});

it("cutText never splits a pair", () => {
  expect(cutText("abc", 3)).toBe("abc");
  expect(cutText("abcd", 3)).toBe("ab…");
  expect(cutText("a👍bc", 3)).toBe("a…");
});

it("oneLine folds white space and cuts", () => {
  expect(oneLine("  a\n\t b  ")).toBe("a b");
  expect(oneLine("x".repeat(500))).toHaveLength(200);
});

it("cleanLines cuts each line", () => {
  expect(cleanLines(`a  \n${"x".repeat(300)}`).map((line) => line.length)).toEqual([1, 200]);
});

it("showPath keeps a path on its line", () => {
  expect(showPath("a\nb c.ts")).toBe("a\\nb c.ts");
});

it("a fence is longer than any in the text", () => {
  expect(fenced(["a"])).toBe("```\na\n```");
  expect(fenced(["````md", "x"])).toBe("`````\n````md\nx\n`````");
  expect(fenced(["```` and ``````"])).toMatch(/^`{7}\n/);
});

it("groups the digits of a number", () => {
  const numbers = [0, 7, 999, 1000, 12_345, 1_234_567, 1_000_000_000];
  expect(numbers.map(grouped)).toEqual(numbers.map((one) => one.toLocaleString("en-US")));
});
