/** What is folded into a better hit, and what is not. */
import { expect, it } from "vitest";
import { foldCopies } from "./copies.ts";
import type { RankedMatch } from "./rank.ts";

const body = (word: string) =>
  `function send(message) {\n  const line = encode(message);\n  socket.write(line);\n  return ${word};\n}\n`;

interface Made {
  readonly path: string;
  readonly text: string;
  readonly hash?: string;
  readonly score?: number;
  readonly repository?: string;
}

const texts = new Map<string, string>();

function ranked(made: readonly Made[]): RankedMatch[] {
  return made.map(({ path, text, hash = path, score = 5, repository = "shop" }) => {
    texts.set(path, text);
    const lines = text.split("\n").length - 1;
    const chunk = { startLine: 1, endLine: lines, startByte: 0, endByte: text.length, definitions: [] };
    const match = { repository, path, language: "made", chunk, definitions: [], score, blobHash: hash };
    return { match, best: undefined, score, explain: [] };
  });
}

function fold(made: readonly Made[]) {
  const read: string[] = [];
  const folded = foldCopies(ranked(made), ({ path }) => {
    read.push(path);
    return texts.get(path);
  });
  const told = folded.map(({ match, copies }) => [match.path, ...copies.map(({ path }) => path)]);
  return { told, read };
}

it("folds the same bytes under other paths without reading them", () => {
  const same = ["a", "b", "c"].map((path) => ({ path, text: "x\n", hash: "one" }));
  expect(fold(same)).toEqual({ told: [["a", "b", "c"]], read: [] });
});

it("folds what differs in a word, and leaves what only begins alike", () => {
  const text = body("line.length").repeat(4);
  const near = { path: "b", text: text.replace("return line", "return row") };
  const other = { path: "c", text: `${body("line.length")}${"  collect(garbage, slowly);\n".repeat(15)}` };
  expect(fold([{ path: "a", text }, near, other]).told).toEqual([["a", "b"], ["c"]]);
});

it("reads nothing of what differs in its size, its score, its name or its repository", () => {
  const text = body("1");
  const { told, read } = fold([
    { path: "a", text },
    { path: "longer", text: text.repeat(2) },
    { path: "lower", text, score: 2 },
    { path: "elsewhere", text, repository: "other" },
  ]);
  expect(told).toHaveLength(4);
  expect(read).toEqual([]);
});

it("leaves passages of one file apart, and those that nobody looks at", () => {
  const text = body("1");
  expect(
    fold([
      { path: "a", text },
      { path: "a", text },
    ]).told,
  ).toHaveLength(2);
  const many = Array.from({ length: 40 }, (_, index) => ({ path: `f${index}`, text }));
  expect(fold(many).told).toHaveLength(11);
});
