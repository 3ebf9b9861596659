/** How hits read: grouped by file, best first, and never longer than the budget of the detail. */
import { describe, expect, it } from "vitest";
import type { Hit } from "../indexer/search.ts";
import { budgets, details, writeHits } from "./hits-text.ts";

const hit = (path: string, startLine: number, more: Partial<Hit> = {}): Hit => ({
  repository: "shop",
  path,
  startLine,
  endLine: startLine + 9,
  kind: "function",
  name: `fn${startLine}`,
  signature: `function fn${startLine}(a: string): void`,
  snippet: Array.from({ length: 20 }, (_, line) => `  line ${line};`).join("\n"),
  copies: [],
  explain: [],
  ...more,
});

describe("concise", () => {
  it("groups by file in the order of the best hit", () => {
    const hits = [
      hit("b.ts", 20),
      hit("a.ts", 1, {
        endLine: 1,
        kind: "text",
        name: "",
        signature: "",
        snippet: "---\n# Title here\nmore",
      }),
      hit("b.ts", 5),
    ];
    expect(writeHits(hits, { detail: "concise", nameRepository: false })).toEqual({
      shown: 3,
      text: [
        "b.ts",
        "  20-29 function fn20 | function fn20(a: string): void",
        "  5-14 function fn5 | function fn5(a: string): void",
        "a.ts",
        "  1 text | # Title here",
      ].join("\n"),
    });
  });

  it("names the repository when there are several", () => {
    expect(writeHits([hit("a.ts", 1)], { detail: "concise", nameRepository: true }).text).toMatch(
      /^shop: a\.ts\n/,
    );
  });
});

describe("with text", () => {
  it("snippets show the first lines in a fence and count the rest; full shows all", () => {
    const snippets = writeHits([hit("a.ts", 1)], { detail: "snippets", nameRepository: false }).text;
    expect(snippets).toContain("  1-10 function fn1\n```\n  line 0;\n");
    expect(snippets).toContain("  line 11;\n```\n  (8 more lines)");
    expect(writeHits([hit("a.ts", 1)], { detail: "full", nameRepository: false }).text).toContain(
      "  line 19;\n```",
    );
  });
});

describe("the budget", () => {
  const many = Array.from({ length: 200 }, (_, index) =>
    hit(`src/${"deep/".repeat(index % 7)}file${index % 60}.ts`, index * 10 + 1, {
      signature: "é".repeat(300),
      snippet: `${"ü".repeat(500)}\n`.repeat(60),
    }),
  );

  it.each(details)("%s stays within it and shows a prefix of the ranking", (detail) => {
    const { text, shown } = writeHits(many, { detail, nameRepository: true });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(budgets[detail]);
    expect(shown).toBeGreaterThan(0);
    expect(shown).toBeLessThan(many.length);
    expect(writeHits(many.slice(0, shown), { detail, nameRepository: true })).toEqual({ text, shown });
    expect(text).not.toContain(`${(many[shown] as Hit).startLine}-`);
  });

  it("one hit that is too large alone is cut and says so", () => {
    const huge = hit("a.ts", 1, { snippet: "ü".repeat(150).concat("\n").repeat(1000) });
    const { text, shown } = writeHits([huge, hit("b.ts", 1)], { detail: "full", nameRepository: false });
    expect(shown).toBe(1);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(40_000);
    expect(text).toMatch(/\(cut; read the file at this place for the rest\)$/);
  });
});
