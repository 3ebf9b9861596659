import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { indexTokenBytes } from "./token-bytes.ts";
import { indexTokens } from "./tokenize.ts";

const tokensOf = (text: string) => indexTokenBytes(Buffer.from(text)).toString();

it("gives the tokens of every file of this folder", () => {
  const files = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(50);
  for (const { name } of files) {
    const text = readFileSync(join(import.meta.dirname, name), "utf8");
    expect(tokensOf(text), name).toBe(indexTokens(text));
  }
});

it.each([
  "",
  "a",
  "  \n",
  "a b c",
  "HTTPServer2 parse_url $scope __init__ x",
  "größe Straße ŉame naïve café",
  "検索エンジン と code と ไทย",
  "\u{1f600}smile \u{10400}deseret",
  "a".repeat(5000),
  `${"aB".repeat(60)} tail`,
  "é".repeat(300),
  `${"a".repeat(99)}\u{1f600}b`,
  "\ufeffbegin \ufffd",
])("gives the same tokens: %j", (text) => {
  expect(tokensOf(text)).toBe(indexTokens(text));
  expect(tokensOf(text), "when it is known").toBe(indexTokens(text));
});

it("gives those of a part alone", () => {
  const utf8 = Buffer.from("first second third");
  expect(indexTokenBytes(utf8, 6, 12).toString()).toBe("second");
  expect(indexTokenBytes(utf8, 6, 9).toString()).toBe("sec");
  const cut = Buffer.from(`漢${"b".repeat(99)} tail`);
  expect(indexTokenBytes(cut, 1).toString()).toBe(`${"b".repeat(99)} tail`);
});

it("goes on when it has forgotten what it knew", () => {
  const many = Array.from({ length: 130_000 }, (_, at) => `name${at}Of`).join(" ");
  expect(tokensOf(many)).toBe(indexTokens(many));
  const long = Array.from({ length: 40_000 }, (_, at) => `${"word_".repeat(15)}${at}`).join(" ");
  expect(tokensOf(long)).toBe(indexTokens(long));
});

it("takes no longer for words that were made to fall into one place of its table", () => {
  const spread = 1 << 17;
  const words: string[] = [];
  for (let at = 0; words.length < 20_000; at += 1) {
    const word = `w${at.toString(36)}`;
    let hash = 0;
    for (const byte of Buffer.from(word)) hash = Math.imul(hash ^ byte, 0x01000193);
    if ((hash & (spread - 1)) < 600) words.push(word);
  }
  const text = words.join(" ");
  const began = process.cpuUsage().user;
  expect(tokensOf(text)).toBe(indexTokens(text));
  // 0.1 s; without a bound on its looks 2 s.
  expect((process.cpuUsage().user - began) / 1e6).toBeLessThan(1.5);
});
