/** Progress on a terminal and beside one. */
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Progress, TaskRecord } from "../jobs/task.ts";
import { openProgress } from "./cli-progress.ts";

const record = (progress: Progress | null, state: TaskRecord["state"] = "PROGRESS"): TaskRecord => ({
  task_id: "t1",
  kind: "index_repository",
  args: {},
  state,
  progress,
  attempts: 1,
  error: null,
  result: null,
  created_at: "2026-01-01T00:00:00.000Z",
  started_at: null,
  finished_at: null,
});
const indexing = (done: number): TaskRecord =>
  record({
    phase: "index",
    done,
    total: 2000,
    unit: "files",
    rate: 500,
    eta_seconds: (2000 - done) / 500,
    waiting_for: null,
  });
const scanning = record({
  phase: "scan",
  done: 2000,
  total: 2000,
  unit: "files",
  rate: null,
  eta_seconds: null,
  waiting_for: null,
});

function show(records: readonly TaskRecord[], terminal: boolean): string {
  const stderr = Object.assign(new PassThrough(), { isTTY: terminal, columns: 120 });
  const io = { stdout: new PassThrough(), stderr, noColor: true, signal: new AbortController().signal };
  const progress = openProgress(io);
  for (const one of records) progress.show(one);
  progress.end();
  return String(stderr.read() ?? "");
}

describe("beside a terminal", () => {
  it("writes a plain line a phase, not one a report", () => {
    const many = Array.from({ length: 500 }, (_, index) => indexing(index + 1));
    expect(show([record(null, "PENDING"), scanning, ...many], false).split("\n")).toEqual([
      "waiting for a worker",
      "scan: 2,000 files",
      "index: 1/2,000 files (0 %), 500 files/s, about 4 s left",
      "",
    ]);
  });
});

describe("on a terminal", () => {
  it("draws a bar with the phase, the files, the rate and the time left", () => {
    const drawn = show([record(null, "PENDING"), scanning, indexing(1000)], true);
    expect(drawn).toContain("waiting for a worker");
    expect(drawn).toMatch(/index {3}\[#{12}-{12}\] 1,000\/2,000 files {2}500 files\/s {2}ETA 2 s/);
    expect(drawn.startsWith("\u001b[?25l") || drawn.includes("\u001b[?25l"), "the cursor is hidden").toBe(
      true,
    );
    expect(drawn.lastIndexOf("\u001b[?25h"), "and shown again").toBeGreaterThan(
      drawn.lastIndexOf("\u001b[?25l"),
    );
  });

  it("leaves nothing behind when there was nothing to show", () => {
    expect(show([], true)).toBe("");
  });
});
