/** A task in words: each state says where it stands and what to do next. */
import { describe, expect, it } from "vitest";
import type { Progress, TaskRecord } from "../jobs/task.ts";
import {
  nextStep,
  percentOf,
  sayDuration,
  sayProgress,
  sayStanding,
  viewTask,
  viewTaskBriefly,
  viewTaskCut,
} from "./task-view.ts";

const progress = (more: Partial<Progress> = {}): Progress => ({
  phase: "index",
  done: 1200,
  total: 4800,
  unit: "files",
  rate: 312.4,
  eta_seconds: 11.6,
  waiting_for: null,
  ...more,
});

const task = (more: Partial<TaskRecord> = {}): TaskRecord => ({
  task_id: "t1",
  kind: "index_repository",
  args: { root: "/code/shop" },
  state: "PROGRESS",
  progress: progress(),
  attempts: 1,
  error: null,
  result: null,
  created_at: "2026-01-01T00:00:00.000Z",
  started_at: "2026-01-01T00:00:01.000Z",
  finished_at: null,
  ...more,
});

describe("sayProgress", () => {
  it.each([
    [progress(), "index: 1,200/4,800 files (25 %), 312 files/s, about 12 s left"],
    [progress({ phase: "scan", done: 900, total: 900, rate: null, eta_seconds: null }), "scan: 900 files"],
    [
      progress({ waiting_for: "a free disk", rate: 1.25, eta_seconds: 3700 }),
      "index: 1,200/4,800 files (25 %), 1.3 files/s, about 1 h 1 min left, waiting for a free disk",
    ],
  ])("%#", (given, words) => {
    expect(sayProgress(given)).toBe(words);
  });
});

describe("where it stands and what is next", () => {
  it.each<[Partial<TaskRecord>, string, RegExp]>([
    [{ state: "PENDING", progress: null }, "waiting for a worker", /wait_for_task \{"task_id":"t1"\}/],
    [{}, "index: 1,200/4,800 files (25 %), 312 files/s, about 12 s left", /wait_for_task/],
    [
      { state: "RETRY", attempts: 2, progress: progress({ waiting_for: "The disk is full." }) },
      "waits to try again after attempt 2: The disk is full.",
      /wait_for_task/,
    ],
    [
      {
        state: "SUCCESS",
        result: {
          repository: "shop",
          files: 3,
          files_skipped: 1,
          symbols: 1,
          references: 1234,
          reused: 0,
          seconds: 1.26,
          ignore_rules_refused: [".gitignore:2", "a/.gitignore:1"],
        },
      },
      "done: 3 files, 1 symbol, 1,234 references, 1 skipped, in 1.3 s, but these ignore rules were not used, as they are too long or have too many wildcards: .gitignore:2, a/.gitignore:1",
      /search_code \{"query":"…","repository":"shop"\}/,
    ],
    [
      { state: "FAILURE", error: { code: "forbidden", message: "No rights." } },
      "failed: forbidden: No rights.",
      /retry_task \{"task_id":"t1"\}/,
    ],
    [{ state: "REVOKED" }, "cancelled", /retry_task/],
  ])("%j", (more, standing, next) => {
    expect(sayStanding(task(more))).toBe(standing);
    expect(nextStep(task(more))).toMatch(next);
  });
});

it("the percentage starts at 0, never goes back between phases and ends at 100", () => {
  const steps = [
    task({ state: "PENDING", progress: null }),
    task({ progress: progress({ phase: "scan", done: 4800, total: 4800 }) }),
    task(),
    task({ progress: progress({ done: 4800 }) }),
    task({ progress: progress({ phase: "publish", done: 0, total: 4800 }) }),
    task({ state: "SUCCESS" }),
  ].map(percentOf);
  expect(steps[0]).toBe(0);
  expect(steps.at(-1)).toBe(100);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
});

it("durations", () => {
  expect([0.2, 59.6, 125, 7261].map(sayDuration)).toEqual(["0 s", "1 min 0 s", "2 min 5 s", "2 h 1 min"]);
});

it("cuts arguments of megabytes in lists and for models, and only those", () => {
  const large = {
    canvas: { group: Array.from({ length: 5000 }, (_, index) => ({ kind: "part", args: { index } })) },
  };
  const cut = viewTaskCut(task({ args: large }));
  expect(cut.args).toEqual({
    bytes: JSON.stringify(large).length,
    start: expect.stringMatching(/^\{"canvas":\{"group".*…$/),
  });
  expect(JSON.stringify(cut).length).toBeLessThan(3000);
  expect(viewTaskCut(task())).toEqual(viewTask(task()));
  expect(viewTask(task({ args: large })).args).toBe(large);
});

it("the views have the keys of the contract", () => {
  const keys = [
    "task_id",
    "kind",
    "state",
    "args",
    "progress",
    "attempts",
    "error",
    "result",
    "created_at",
    "started_at",
    "finished_at",
  ];
  expect(Object.keys(viewTask(task()))).toEqual(keys);
  expect(viewTaskBriefly(task())).toMatchObject({
    task_id: "t1",
    path: "/code/shop",
    progress: expect.stringContaining("25 %"),
  });
});
