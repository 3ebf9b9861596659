/** The rules that every chunking keeps, tried on random texts; and the shapes that a reader expects. */
import { describe, expect, it } from "vitest";
import { seedOfRun } from "../../test/fixtures/seeded.mjs";
import { chunkBytesGoal, chunkBytesMax } from "./chunk.ts";
import { extractFile } from "./extract-file.ts";
import type { Chunk, Extraction } from "./symbol.ts";

const limits = { parseLimitMs: 60_000 };

/** A small generator with a seed (mulberry32), so that a failure can be run again. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const pieces = [
  "\n",
  "\n",
  "\n\n",
  "\r\n",
  " ",
  "\t",
  "\u00a0",
  "word ",
  "x = 1;\n",
  "été",
  "名前",
  "😀",
  "👩‍👩‍👧",
  "\u2028",
  "{\n",
  "}\n",
  "  }\n",
  "function f(a) {\n",
  "class A {\n",
  "  /** doc */\n",
  "  m() {\n",
  "// note\n",
  "def g():\n    return 1\n",
  "(",
  ")",
  "'",
  "\ufeff",
] as const;

function randomText(random: (below: number) => number): string {
  let text = "";
  for (let left = random(400); left > 0; left--) {
    const piece = pieces[random(pieces.length)] as string;
    text += random(20) === 0 ? piece.repeat(random(1_500)) : piece;
  }
  return text;
}

/** What breaks the rules; empty when all are kept. */
function broken(text: string, { chunks, definitions }: Pick<Extraction, "chunks" | "definitions">): string[] {
  const bytes = Buffer.from(text);
  const problems: string[] = [];
  let end = 0;
  const uncovered: string[] = [];
  for (const chunk of chunks) {
    const body = bytes.subarray(chunk.startByte, chunk.endByte).toString();
    if (chunk.startByte < end) problems.push(`overlaps at ${chunk.startByte}`);
    if (chunk.endByte - chunk.startByte > chunkBytesMax)
      problems.push(`is ${chunk.endByte - chunk.startByte} bytes`);
    if (body.includes("\ufffd")) problems.push(`cuts a character at ${chunk.startByte}`);
    if (body.trim() === "") problems.push(`is blank at ${chunk.startByte}`);
    problems.push(...wrongLines(bytes, chunk));
    uncovered.push(bytes.subarray(end, chunk.startByte).toString());
    end = chunk.endByte;
  }
  uncovered.push(bytes.subarray(end).toString());
  if (uncovered.join("").trim() !== "")
    problems.push(`leaves out ${JSON.stringify(uncovered.join("").trim().slice(0, 40))}`);
  const named = chunks.flatMap((chunk) => chunk.definitions).sort((a, b) => a - b);
  if (named.join() !== definitions.map((_, index) => index).join())
    problems.push("loses or repeats a definition");
  return problems;
}

function wrongLines(bytes: Buffer, { startByte, endByte, startLine, endLine }: Chunk): string[] {
  const lineOf = (offset: number) => bytes.subarray(0, offset).toString().split("\n").length;
  const first = lineOf(startByte);
  const last = lineOf(endByte);
  return first === startLine && last === endLine
    ? []
    : [`says lines ${startLine}-${endLine}, not ${first}-${last}`];
}

describe("chunks of random texts", () => {
  const seed = seedOfRun();

  it.each(["text", "javascript", "python", "go"])(`keep the rules as %s (seed ${seed})`, async (language) => {
    for (let round = 0; round < 30; round++) {
      const text = randomText(randomOf(seed + round));
      const found = await extractFile(text, language, limits);
      expect(broken(text, found), `seed ${seed + round}`).toEqual([]);
    }
  });

  it("would be found out if they broke a rule", () => {
    const chunk: Chunk = { startLine: 1, endLine: 1, startByte: 0, endByte: 2, definitions: [] };
    expect(broken("ab", { chunks: [chunk], definitions: [] })).toEqual([]);
    expect(broken("abc", { chunks: [chunk], definitions: [] })).toHaveLength(1);
    expect(broken("a\u00e9", { chunks: [chunk], definitions: [] })).not.toEqual([]);
    expect(broken("ab", { chunks: [chunk, chunk], definitions: [] })).toHaveLength(1);
    expect(broken("ab", { chunks: [{ ...chunk, endLine: 2 }], definitions: [] })).toHaveLength(1);
  });
});

const statement = (name: string) => `  ${name}("a rather long argument that fills the line", 1, 2, 3);\n`;
const method = (name: string, lines: number) =>
  `  /** Says ${name}. */\n  ${name}() {\n${statement("  call").repeat(lines)}  }\n`;

describe("chunks of source", () => {
  it("keeps a large class's methods together with their comments, and opens a chunk with its signature", async () => {
    const body = [method("one", 14), method("two", 14), method("three", 2), method("four", 2)].join("\n");
    const text = `import a from "a";\n\n/** Holds. */\nclass Holder {\n${body}}\n\nconst after = 1;\n`;
    const { chunks } = await extractFile(text, "javascript", limits);
    const firstLines = chunks.map(({ startByte }) => text.slice(startByte).split("\n", 1)[0]);
    expect(firstLines[0]).toBe('import a from "a";');
    expect(firstLines).toContain("/** Holds. */");
    expect(firstLines).toContain("  /** Says two. */");
    expect(firstLines.filter((line) => /\/\*\*|import|const after/.test(line ?? ""))).toEqual(firstLines);
  });

  it("merges what is small", async () => {
    const text = Array.from({ length: 10 }, (_, index) => `export function f${index}() {}\n`).join("\n");
    const { chunks } = await extractFile(text, "typescript", limits);
    expect(chunks).toHaveLength(1);
    expect(chunks[0]?.definitions).toHaveLength(10);
  });

  it("cuts plain text between paragraphs", async () => {
    const paragraph = `${"Some words that make a line of text. ".repeat(30)}\n`;
    const text = [paragraph, paragraph, paragraph].join("\n");
    const { chunks } = await extractFile(text, "text", limits);
    expect(chunks.map(({ startLine }) => startLine)).toEqual([1, 3, 5]);
  });

  it("cuts one long line, and knows nothing about nothing", async () => {
    const text = "é".repeat(20_000);
    const { chunks } = await extractFile(text, "text", limits);
    expect(chunks.length).toBeGreaterThanOrEqual(40_000 / chunkBytesMax);
    expect(chunks.length).toBeLessThanOrEqual(40_000 / chunkBytesGoal + 1);
    expect((await extractFile(" \n\n\t\n", "text", limits)).chunks).toEqual([]);
    expect((await extractFile("", "go", limits)).chunks).toEqual([]);
  });
});
