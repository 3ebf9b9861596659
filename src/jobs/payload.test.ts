/** What may go through the store, and priorities on both sides of it. */
import { describe, expect, it } from "vitest";
import { checkPayload, maxPayloadBytes } from "./payload.ts";
import { readPriority, shownPriority, storedPriority } from "./priority.ts";
import { derivedTaskId, newTaskId, readTaskId } from "./task-id.ts";

describe("a payload", () => {
  const problem = (value: unknown) => {
    try {
      checkPayload(value, "It");
    } catch (error) {
      return (error as Error).message;
    }
    return "none";
  };

  it("is any JSON of up to 256 KB, counted in bytes", () => {
    expect(problem({ a: [null, true, 1.5, "ä", { b: {} }], gone: undefined })).toBe("none");
    expect(problem("x".repeat(maxPayloadBytes - 2))).toBe("none");
    expect(problem("x".repeat(maxPayloadBytes - 1))).toContain("the limit is 262144");
    expect(problem("ä".repeat(maxPayloadBytes / 2))).toContain("send a reference");
  });

  const circle: { self?: unknown } = {};
  circle.self = circle;
  it.each<[string, unknown, string]>([
    ["NaN", { a: Number.NaN }, "at .a: NaN"],
    ["a function", { a: [() => 1] }, "at .a[0]: function"],
    ["a date", { when: new Date(0) }, "at .when: Date"],
    ["a big number", { n: 1n }, "at .n: bigint"],
    ["nothing", undefined, "undefined"],
    ["a hole", [undefined], "at [0]: undefined"],
    ["a circle", circle, "deeper than 100 levels"],
    ["a NUL, which PostgreSQL cannot store", { a: "x\0" }, "at .a: a text with a NUL or half a character"],
    ["half a character", { a: ["\ud800"] }, "at .a[0]: a text with a NUL or half a character"],
  ])("is refused with %s, by its place", (_name, value, expected) => {
    expect(problem(value)).toContain(expected);
  });
});

describe("a priority", () => {
  it("is stored with 9 first and never as 0", () => {
    const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(readPriority);
    expect(all.map(storedPriority)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(all.map((priority) => shownPriority(storedPriority(priority)))).toEqual(all);
    expect(shownPriority(undefined)).toBe(5);
    expect(shownPriority(0)).toBe(5);
  });

  it.each([12, -1, 1.5, "9", null, Number.NaN])("is refused if it is %j, with the range", (given) => {
    expect(() => readPriority(given)).toThrow(/from 0 \(last\) to 9 \(first\)/);
  });
});

describe("a task's id", () => {
  it("tells the tenant, the task and whether it names a part", () => {
    const id = newTaskId("a-b");
    expect(readTaskId(id)).toEqual({ taskId: id, tenant: "a-b", isPart: false });
    expect(readTaskId(`${id}-0-1-2-3`)).toEqual({ taskId: id, tenant: "a-b", isPart: true });
    const plain = newTaskId("");
    expect(plain).toMatch(/^[0-9a-f]{32}$/);
    expect(readTaskId(`${plain}-part-1`)).toEqual({ taskId: plain, tenant: "", isPart: true });
    const run = "repeat:@a-b/night-ly:17";
    expect(readTaskId(run)).toEqual({ taskId: run, tenant: "a-b", isPart: false });
    expect(readTaskId(`${run}-0-1`)).toEqual({ taskId: run, tenant: "a-b", isPart: true });
    expect(readTaskId("../../etc")).toBeUndefined();
    expect(derivedTaskId("t", "redrive", id)).toBe(derivedTaskId("t", "redrive", id));
  });
});
