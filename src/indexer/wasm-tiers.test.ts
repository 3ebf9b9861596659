/** Grammars with a lexer that is dear to optimise: what they are, and that nobody sees which compiler they went through. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { loadGrammar, parseSource } from "./parse.ts";
import { largestFunction, withOtherBytes } from "./wasm-tiers.ts";

/** Two functions of 2 and 4 bytes of body. */
const twoFunctions = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[3, 3, 2, 0, 0],
  ...[10, 9, 2, 2, 0, 0x0b, 4, 0, 0x01, 0x01, 0x0b],
);

it("the largest function is found in the code section", () => {
  expect(largestFunction(twoFunctions)).toBe(4);
  expect(largestFunction(twoFunctions.subarray(0, 8))).toBe(0);
});

it("the same module with other bytes is the same module", () => {
  const other = withOtherBytes(twoFunctions);
  expect(other.length).toBeGreaterThan(twoFunctions.length);
  expect(other.subarray(0, twoFunctions.length)).toEqual(twoFunctions);
  expect(largestFunction(other)).toBe(4);
});

it("a grammar that is loaded again after two million characters reads as before", async () => {
  const rule = readFileSync(new URL("../../grammars/css/corpus/shelf.css", import.meta.url), "utf8");
  const text = rule.repeat(Math.ceil(800_000 / rule.length));
  const read = () =>
    parseSource(text, "css", { parseLimitMs: 60_000 }, ({ tree, matches }) => [
      tree.rootNode.descendantCount,
      matches.length,
    ]);
  const first = await read();
  expect(first[1]).toBeGreaterThan(1000);
  for (let again = 0; again < 3; again++) expect(await read()).toEqual(first);
}, 120_000);

it("of a text with small parts in a language only these parts count towards optimising it", async () => {
  const text = `${" ".repeat(1_500_000)}echo one\n`;
  const startPosition = { row: 0, column: 1_500_000 };
  const end = { endPosition: { row: 0, column: text.length - 1 }, endIndex: text.length - 1 };
  const ranges = [{ startPosition, startIndex: 1_500_000, ...end }];
  const before = await loadGrammar("bash");
  for (let again = 0; again < 3; again++)
    await parseSource(text, "bash", { parseLimitMs: 60_000, ranges }, () => {});
  expect(await loadGrammar("bash")).toBe(before);
  for (let again = 0; again < 2; again++) await parseSource(text, "bash", { parseLimitMs: 60_000 }, () => {});
  expect(await loadGrammar("bash")).not.toBe(before);
});
