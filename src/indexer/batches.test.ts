import { describe, expect, it } from "vitest";
import { cutBatches, isInBatch } from "./batches.ts";

const languageOf = (path: string) => path.split(".")[1] ?? "text";
const plan = (count: number, bytes: number, end = "") =>
  Array.from({ length: count }, (_, index) => ({ path: `${1000 + index}${end}`, bytes, crashes: 0 }));

describe("the batches of a plan", () => {
  const sizesOf = (count: number, bytes: number, concurrency: number) =>
    cutBatches(plan(count, bytes), concurrency, languageOf).map(
      ({ first, last }) => (Number(last) - Number(first) + 1) * bytes,
    );

  it("hold every file once, in order", () => {
    const batches = cutBatches(plan(700, 20_000), 2, languageOf);
    expect(batches[0]?.first).toBe("1000");
    expect(batches.at(-1)?.last).toBe("1699");
    for (const [index, { first }] of batches.slice(1).entries())
      expect(Number(first)).toBe(Number(batches[index]?.last) + 1);
  });

  it("grow smaller towards the end, so that all processes end together", () => {
    const sizes = sizesOf(700, 20_000, 2);
    expect(sizes[0]).toBe(1_500_000);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(sizes.at(-1)).toBeLessThanOrEqual(100_000);
  });

  it("come in the order of what is hot in them, but for the small ones at the end", () => {
    const files = plan(700, 20_000);
    const cold = cutBatches(files, 2, languageOf);
    const hot = cutBatches(files, 2, languageOf, new Set(["1400", "1401", "1200", "1699"]));
    expect(hot.slice(0, 3).map(({ first }) => first)).toEqual(["1375", "1150", "1000"]);
    expect(hot.toSorted((a, b) => Number(a.first) - Number(b.first))).toEqual(cold);
    expect(hot.slice(-4)).toEqual(cold.slice(-4));
  });

  it("are one for a few files, and hold no more than a turn's worth of tiny ones", () => {
    expect(sizesOf(3, 10_000, 2)).toEqual([30_000]);
    expect(sizesOf(600, 10, 2)).toEqual([2560, 2560, 880]);
    expect(cutBatches([], 2, languageOf)).toEqual([]);
  });

  it("keep a language together, the smallest first, and each file is in exactly one", () => {
    const files = [...plan(300, 20_000, ".go"), ...plan(40, 20_000, ".ts"), ...plan(5, 1000, ".css")];
    files.push({ path: "\u{1f600}.go", bytes: 1, crashes: 0 }, { path: "\uffee.go", bytes: 1, crashes: 0 });
    const pending = files.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
    const batches = cutBatches(pending, 2, languageOf);
    expect(batches[0]?.runs?.map(({ language }) => language)).toEqual(["css", "ts", "go"]);
    expect(batches.filter(({ runs }) => runs?.some(({ language }) => language === "ts"))).toHaveLength(1);
    const places = new Map(pending.map(({ path }, at) => [path, at]));
    const placeOf = (path: string) => places.get(path) ?? -1;
    for (const { path } of pending) {
      const holders = batches.filter(
        (batch) =>
          placeOf(batch.first) <= placeOf(path) &&
          placeOf(path) <= placeOf(batch.last) &&
          isInBatch(batch, path, languageOf(path)),
      );
      expect(holders, path).toHaveLength(1);
    }
  });

  it("do not part a language that fits into one, be it by size or by number", () => {
    const bySize = [...plan(50, 20_000, ".css"), ...plan(60, 20_000, ".ts"), ...plan(400, 20_000, ".go")];
    const byNumber = [...plan(100, 10, ".css"), ...plan(200, 10, ".ts"), ...plan(400, 20_000, ".go")];
    for (const files of [bySize, byNumber]) {
      const batches = cutBatches(files, 2, languageOf);
      const languages = batches.map(({ runs }) => runs?.map(({ language }) => language));
      expect(languages.slice(0, 3)).toEqual([["css"], ["ts", "go"], ["go"]]);
    }
  });

  it("name paths only where a language goes on in another batch, so that a payload stays small", () => {
    const batches = cutBatches(plan(300, 20_000, ".go").concat(plan(5, 10, ".css")), 2, languageOf);
    expect(batches[0]?.runs?.[0]).toEqual({ language: "css" });
    expect(batches[0]?.runs?.[1]).toMatchObject({ language: "go", first: "1000.go" });
  });
});
