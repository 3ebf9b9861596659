/** What runs next in a chain, a group and a chord, from the results alone, and what is refused. */
import { describe, expect, it } from "vitest";
import { advanceCanvas, type Canvas, chunks, readDoneParts, stageResults } from "./canvas.ts";
import { readCanvas } from "./canvas-reader.ts";
import type { Json, KindSpec } from "./task.ts";

const sig = (value: number) => ({ kind: "echo", args: { value } });
const done = (...entries: [string, Json][]) => new Map(entries);
const keys = (canvas: Canvas, results: Map<string, Json>) => {
  const step = advanceCanvas(canvas, results);
  return "run" in step ? step.run.map((part) => part.key) : step.result;
};

describe("a canvas goes on from the results of its parts", () => {
  it("runs a chain one after the other, and ends with the last result", () => {
    const chain = { chain: [sig(1), sig(2)] };
    expect(keys(chain, done())).toEqual(["0-0"]);
    expect(keys(chain, done(["0-0", { value: 1 }]))).toEqual(["1-0"]);
    expect(keys(chain, done(["0-0", { value: 1 }], ["1-0", { value: 2 }]))).toEqual({ value: 2 });
  });

  it("runs all of a group at once, and after a crash only those without a result", () => {
    const group = { group: [sig(1), sig(2), sig(3)] };
    expect(keys(group, done())).toEqual(["0-0", "0-1", "0-2"]);
    expect(keys(group, done(["0-1", 5]))).toEqual(["0-0", "0-2"]);
    expect(keys(group, done(["0-0", 4], ["0-1", 5], ["0-2", 6]))).toEqual({ results: [4, 5, 6] });
  });

  it("runs the body of a chord after all headers, whose failures count only where it says so", () => {
    const chord = { chord: { header: [sig(1), sig(2)], body: sig(3), onHeaderFailure: "continue" as const } };
    const step = advanceCanvas(chord, done());
    expect("run" in step && step.run.map((part) => part.onFailure)).toEqual(["continue", "continue"]);
    const failures = { "bull:parts:t-0-1": "timeout: Too slow." };
    const headers = readDoneParts("t", { "bull:parts:t-0-0": { value: 1 } }, failures);
    expect(stageResults(headers, 0)).toEqual([
      { value: 1 },
      { failed: { code: "timeout", message: "Too slow." } },
    ]);
    expect(keys(chord, new Map(headers))).toEqual(["1-0"]);
    expect(keys(chord, new Map([...headers, ["1-0", { sum: 1 }]]))).toEqual({ sum: 1 });
    const strict = advanceCanvas({ chord: { header: [sig(1)], body: sig(2) } }, done());
    expect("run" in strict && strict.run[0]?.onFailure).toBe("fail");
  });

  it("runs what is nested as a canvas of its own, and a lone signature as it is", () => {
    const inner = { group: [sig(1)] };
    expect(advanceCanvas({ chain: [inner, sig(2)] }, done())).toEqual({
      run: [{ key: "0-0", stage: 0, kind: "canvas", args: { canvas: inner }, onFailure: "fail" }],
    });
    const lone = { ...sig(1), priority: 9 as const };
    expect(advanceCanvas(lone, done())).toEqual({
      run: [{ key: "0-0", stage: 0, onFailure: "fail", ...lone }],
    });
    expect(advanceCanvas(lone, done(["0-0", "text"]))).toEqual({ result: { value: "text" } });
  });

  it("keeps ten thousand headers in their order", () => {
    const header = Array.from({ length: 10_000 }, (_, index) => sig(index));
    const results = readDoneParts("t", Object.fromEntries(header.map((_, i) => [`q:t-0-${i}`, i])), {});
    expect(stageResults(results, 0)).toEqual(header.map((_, i) => i));
    const step = advanceCanvas({ chord: { header, body: sig(1) } }, results);
    expect("run" in step && step.run).toHaveLength(1);
  });

  it("takes only the results of its own parts for its own", () => {
    const names = { "bull:tasks:t-0-0": 1, "bull:parts:t-0-0-0-3": 2 };
    expect([...readDoneParts("t-0-0", { "bull:parts:t-0-0-0-3": 2 }, {})]).toEqual([["0-3", 2]]);
    expect(stageResults(readDoneParts("t", names, {}), 0)).toEqual([1]);
  });
});

it("chunks give each run so many items, the last the rest", () => {
  expect(chunks("echo", [1, 2, 3, 4, 5], 2, { root: "/r" }).group.map((part) => part.args)).toEqual([
    { root: "/r", items: [1, 2] },
    { root: "/r", items: [3, 4] },
    { root: "/r", items: [5] },
  ]);
});

describe("a canvas from outside", () => {
  const kinds = [{ kind: "echo", role: "task" }, { kind: "canvas" }] as unknown as KindSpec[];
  const problem = (given: Json) => {
    try {
      readCanvas(given, kinds);
    } catch (error) {
      return (error as Error).message;
    }
    return "none";
  };

  it("is taken whole", () => {
    const canvas = {
      chain: [{ group: [sig(1), { chord: { header: [sig(2)], body: sig(3), onHeaderFailure: "fail" } }] }],
    };
    expect(readCanvas(canvas, kinds)).toEqual(canvas);
    expect(readCanvas({ kind: "echo" }, kinds)).toEqual({ kind: "echo", args: {} });
  });

  it.each<[string, Json, string]>([
    ["no canvas", 1, "canvas must be {kind, args}"],
    ["an empty group", { group: [] }, "canvas.group must be a list of at least one part"],
    ["an unknown kind", { chain: [sig(1), { kind: "no" }] }, 'canvas.chain[1].kind is "no"'],
    ["a canvas by name", { kind: "canvas" }, 'canvas.kind is "canvas", which is no kind. Known: echo.'],
    ["a chord without a body", { chord: { header: [sig(1)] } }, "canvas.chord.body must be"],
    ["a priority of 12", { group: [{ ...sig(1), priority: 12 }] }, "The priority 12 is refused"],
    ["arguments that are no object", { kind: "echo", args: [] }, "canvas.args must be an object"],
    [
      "another failure rule",
      { chord: { header: [sig(1)], body: sig(1), onHeaderFailure: "maybe" } },
      'canvas.chord.onHeaderFailure must be "fail" or "continue"',
    ],
    ["20,001 parts", { group: Array.from({ length: 20_001 }, () => sig(1)) }, "more than 20000 parts"],
    ["a part of 300 KB", { kind: "echo", args: { a: "x".repeat(300_000) } }, "the limit is 262144"],
  ])("is refused with its place: %s", (_name, given, expected) => {
    expect(problem(given)).toContain(expected);
  });

  it("is refused when it is nested too deep", () => {
    const nest = (depth: number): Json => (depth === 0 ? sig(1) : { chain: [nest(depth - 1)] });
    expect(problem(nest(7))).toBe("none");
    expect(problem(nest(8))).toContain("nested deeper than 8 levels");
  });
});
