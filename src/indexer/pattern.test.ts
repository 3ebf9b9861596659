import { describe, expect, it } from "vitest";
import { linesOf } from "./matched-lines.ts";
import { compilePattern, type PatternOptions } from "./pattern.ts";
import { distinctTrigrams, type TrigramQuery } from "./trigrams.ts";

const never = () => false;

async function linesFound(query: string, text: string, options: PatternOptions = {}): Promise<number[]> {
  const pattern = await compilePattern(query, options);
  try {
    const utf8 = Buffer.from(text);
    return linesOf(utf8, pattern.find(utf8, 1e9, never).spans).map(({ startLine }) => startLine);
  } finally {
    pattern.free();
  }
}

function fits(text: Buffer, query: TrigramQuery): boolean {
  const own = new Set(distinctTrigrams(text));
  const judge = ({ of, trigrams, parts }: TrigramQuery): boolean => {
    const all = [...trigrams.map((one) => own.has(one)), ...parts.map(judge)];
    return of === "all" ? all.every(Boolean) : all.some(Boolean);
  };
  return judge(query);
}

describe("a pattern", () => {
  it("finds each line once, and none behind the last line feed", async () => {
    expect(await linesFound("a", "aa\nb\nba a\n")).toEqual([1, 3]);
    expect(await linesFound("^", "a\n\nb\n")).toEqual([1, 2, 3]);
    expect(await linesFound("x*", "a\n\nb")).toEqual([1, 2, 3]);
    expect(await linesFound("$", "")).toEqual([]);
    expect(await linesFound("\\Aa|b\\z", "a\nab\na\nb")).toEqual([1, 4]);
  });

  it("keeps within lines what could match a line feed", async () => {
    const text = "f(\n  a, b)\nf( c )\n";
    expect(await linesFound("f\\([^)]*\\)", text)).toEqual([3]);
    expect(await linesFound("f\\(\\s+[a-z]", text)).toEqual([3]);
    expect(await linesFound("f\\(\\W+[a-z]", text)).toEqual([3]);
    expect(await linesFound("f\\([\\s]+[^\\d]", text)).toEqual([3]);
    expect(await linesFound("f\\(\\P{L}+[a-z]", text)).toEqual([3]);
    expect(await linesFound("(?x) f \\( [^)]* \\) # a comment [", text)).toEqual([3]);
    expect(await linesFound("f\\([^)]*\\)", text, { multiline: true })).toEqual([1, 3]);
    expect(await linesFound("[^\\n]b", text)).toEqual([2]);
    expect(await linesFound("\\(\\n", text)).toEqual([1]);
    expect(await linesFound("[x\\n] +a", text)).toEqual([1]);
    expect(await linesFound("(?s:f.*c)", text)).toEqual([1]);
  });

  it("finds in large texts what it finds in small ones", async () => {
    const line = "some line without any of it, as long as others are\n";
    const text = `${line.repeat(4000)}needle one\n${line.repeat(4000)}two needle`;
    expect(await linesFound("needle", text)).toEqual([4001, 8002]);
    expect(await linesFound("^", text)).toHaveLength(8002);
    expect(await linesFound("it,.*\\n.*needle", text)).toEqual([4000, 8001]);
  });

  it("knows letters beyond ASCII, in texts that have them and in texts that have none", async () => {
    const text = "plain\nnaïve café\nSTRASSE straße\n数据 data\n\u212aelvin\n";
    expect(await linesFound("\\bcaf\\w\\b", text)).toEqual([2]);
    expect(await linesFound("na\\w+e\\b", text)).toEqual([2]);
    expect(await linesFound("stra\\wE$", text, { ignoreCase: true })).toEqual([3]);
    expect(await linesFound("\\p{Han}+ \\w", text)).toEqual([4]);
    expect(await linesFound("kelvin", text, { ignoreCase: true })).toEqual([5]);
    expect(await linesFound("caf", text, { word: true })).toEqual([]);
    expect(await linesFound("^\\w+$", "plain\nno word\n")).toEqual([1]);
    expect(await linesFound("\\D\\S", "1\n2b\n c\n", {})).toEqual([3]);
  });

  it("takes a literal as it is", async () => {
    const odd = "a.b*c[d](e){f}|g^h$i\\j?k+l-m#n&o~p";
    expect(await linesFound(odd, `x\n${odd}\n`, { literal: true })).toEqual([2]);
    expect(await linesFound("(a", "(a\n", { literal: true, word: true })).toEqual([1]);
    expect(await linesFound("a\nb", "a\nb\n", { literal: true })).toEqual([1]);
  });
});

describe("a pattern that cannot be searched for", () => {
  it.each([
    ["a(b", /unclosed group/],
    ["a)(b", /unopened group/],
    ["[z-a]", /invalid character class range/],
    ["foo(?=bar)", /look-around.*[\s\S]*bounded time/],
    ["(a)\\1", /backreferences.*[\s\S]*bounded time/],
    ["*", /repetition operator missing expression/],
    ["\\q", /unrecognized escape/],
    ["[a", /unclosed character class/],
    ["a\\", /incomplete escape/],
    ["(a{1000}){1000}", /too large/],
    ["((((a{100}){100}){100}){100}){100}", /too large/],
    ["x".repeat(6000), /at most 5000/],
  ])("%s is refused with the reason", async (query, reason) => {
    await expect(compilePattern(query)).rejects.toMatchObject({ code: "invalid_argument" });
    await expect(compilePattern(query)).rejects.toThrow(reason);
  });

  it("shows the place as the user wrote it", async () => {
    await expect(compilePattern("ab(c", { word: true, ignoreCase: true })).rejects.toThrow(
      "    ab(c\n      ^",
    );
  });
});

describe("hostile patterns", () => {
  it.each([
    "(((a*)*)*)*b",
    "(a|a|a|a)*$c",
    "(x+x+)+y",
    "\\w{1,200}z",
    "(a?){60}a{60}b",
    "(.*)(.*)(.*)(.*)(.*)[^a]q",
  ])("%s takes bounded time on a long line", async (query) => {
    const pattern = await compilePattern(query);
    const text = Buffer.from(`${"a".repeat(60_000)}\n`);
    const began = performance.now();
    pattern.find(text, 1000, () => performance.now() - began > 1000);
    expect(performance.now() - began).toBeLessThan(10_000);
    pattern.free();
  });

  it("leaves out a text that it would take too long on, and says so", async () => {
    const pattern = await compilePattern("(?:a{0,400}b{0,400}){20}c");
    expect(pattern.find(Buffer.from("a".repeat(1_000_000)), 10, never)).toEqual({ spans: [], isCut: true });
    pattern.free();
  });

  it("stops between two matches that span lines", async () => {
    const pattern = await compilePattern("(?s).*x|.");
    const found = pattern.find(Buffer.from("ab\n".repeat(100_000)), 1e9, () => true);
    expect(found).toMatchObject({ isCut: true });
    expect(found.spans).toHaveLength(1);
    pattern.free();
  });
});

describe("trigrams of a pattern", () => {
  it("rule out texts", async () => {
    const query = async (text: string, options = {}) => {
      const pattern = await compilePattern(text, options);
      pattern.free();
      return pattern.trigrams;
    };
    const text = Buffer.from("static int open_file(const char *path)\n");
    const tells = async (pattern: string) => fits(text, await query(pattern));
    expect(await tells("open_file")).toBe(true);
    expect(await tells("OPEN_file")).toBe(true);
    expect(await tells("open_dir")).toBe(false);
    expect(await tells("open_(file|dir)\\(")).toBe(true);
    expect(await tells("open_(link|dir)\\(")).toBe(false);
    expect(await tells("open_\\w+\\(double\\s+int")).toBe(false);
    expect(await tells("(?:long|static)+ int op[a-e]n")).toBe(true);
    expect(await tells("(ab+c?)*")).toBe(true);
    expect(await tells("stat(ic)?.*closed")).toBe(false);
    expect((await query("a.b")).trigrams).toEqual([]);
    expect((await query("task_struct_size_mask_kiss", { ignoreCase: true })).of).toBe("all");
  });

  it("never rule out a text that matches", { timeout: 60_000 }, async () => {
    const seed = Number(process.env["CAMBIUM_SEED"] ?? 0) || Math.floor(Math.random() * 2 ** 31);
    const random = makeRandom(seed);
    let matched = 0;
    for (let round = 0; round < 120; round += 1) {
      const source = makePattern(random, 3);
      const texts = Array.from({ length: 25 }, () => makeText(random));
      for (const ignoreCase of [false, true]) {
        const pattern = await compilePattern(source, { ignoreCase });
        // JavaScript's engine is the judge: it is another one, and these patterns are harmless.
        const judge = new RegExp(source, ignoreCase ? "iu" : "u");
        for (const text of texts) {
          const utf8 = Buffer.from(text);
          const found = linesOf(utf8, pattern.find(utf8, 1e9, never).spans).map(({ startLine }) => startLine);
          const expected = linesOfText(text).flatMap((line, index) => (judge.test(line) ? index + 1 : []));
          const told = `seed ${seed}, pattern ${source}, text ${JSON.stringify(text)}`;
          expect(found, told).toEqual(expected);
          if (found.length > 0) expect(fits(utf8, pattern.trigrams), told).toBe(true);
          matched += found.length;
        }
        pattern.free();
      }
    }
    expect(matched).toBeGreaterThan(300);
  });
});

function linesOfText(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

type Random = (below: number) => number;

function makeRandom(seed: number): Random {
  let state = seed >>> 0 || 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

const letters = ["a", "b", "c", "A", "B", "1", "_", " ", "é", "("];

function makeText(random: Random): string {
  return Array.from({ length: random(30) }, () =>
    random(8) === 0 ? "\n" : letters[random(letters.length)],
  ).join("");
}

function makePattern(random: Random, depth: number): string {
  const one = () => makePattern(random, depth - 1);
  const literal = () =>
    Array.from({ length: 1 + random(4) }, () => letters[random(letters.length)]?.replace("(", "\\(")).join(
      "",
    );
  if (depth === 0 || random(4) === 0) return literal();
  switch (random(9)) {
    case 0:
      return `${one()}${one()}`;
    case 1:
      return `${one()}${one()}${one()}`;
    case 2:
      return `(?:${one()}|${one()})`;
    case 3:
      return `(?:${one()})${["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}"][random(7)]}`;
    case 4:
      return ["[ab]", "[^a]", ".", "[a-c1]", "\\d", "[^\\d ]", "[A-Z_]"][random(7)] ?? "";
    case 5:
      return `(${one()})`;
    case 6:
      return `^${one()}`;
    case 7:
      return `${one()}$`;
    default:
      return literal();
  }
}
