/** Of which kind a question is, and which places it names. */
import { expect, it } from "vitest";
import { pathShare, readQuestion } from "./question.ts";

it.each([
  ["identifier", "parseHeader"],
  ["identifier", "Rack::Builder"],
  ["identifier", "std.mem.span"],
  ["identifier", "close()"],
  ["path", "src/http/mux.go"],
  ["path", "src\\http\\mux.go:12"],
  ["path", "../lib/util.ts"],
  ["path", "mux.go:12"],
  ["path", "lib/helpers"],
  ["message", "Cannot read properties of undefined (reading 'foo')"],
  ["message", "fatal error: unexpected signal during runtime execution"],
  ["message", "param closing delimiter '}' is missing"],
  ["message", "expected an object but got 42"],
  ["words", "how is a missing delimiter reported when the path cannot be read"],
  ["words", "retry with backoff"],
  ["words", "why must a handler be registered?"],
  ["words", "error handling and how errors become responses"],
  ["identifier", "你好"],
  ["words", "???"],
  ["path", "and/or"],
  ["words", "constructor of the pool"],
] as const)("is %s: %s", (kind, query) => {
  expect(readQuestion(query).kind).toBe(kind);
});

it("finds a place in the middle of a sentence, and its line", () => {
  const { paths, kind } = readQuestion("at Object.run (/home/me/app/src/Pool.ts:120:7) in pool.ts");
  expect(kind).toBe("words");
  expect(paths).toContainEqual({ end: "home/me/app/src/pool.ts", line: 120 });
  expect(paths).toContainEqual({ end: "pool.ts", line: undefined });
});

it("says how well a passage stands where the question says", () => {
  const asked = readQuestion("http/mux.go:12");
  expect(pathShare(asked, "src/http/Mux.go", { startLine: 1, endLine: 11 })).toBe(1);
  expect(pathShare(asked, "src/http/mux.go", { startLine: 12, endLine: 30 })).toBe(2);
  expect(pathShare(asked, "src/xhttp/mux.go", { startLine: 12, endLine: 30 })).toBe(0);
  expect(pathShare(asked, "mux.go", { startLine: 12, endLine: 30 })).toBe(0);
  expect(pathShare(readQuestion("mux"), "src/http/mux.go", { startLine: 1, endLine: 9 })).toBe(0);
});

it("reads a hostile question in no time", () => {
  const begun = performance.now();
  for (const piece of ["a/", "a.", "../", "a-", "'", "/\\", "a:1"]) readQuestion(piece.repeat(100_000));
  expect(performance.now() - begun).toBeLessThan(8000);
});
