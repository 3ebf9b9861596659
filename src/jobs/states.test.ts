/** The table of states, row by row and as a whole. */
import { describe, expect, it } from "vitest";
import { type JobState, stateOf, type TaskFacts } from "./states.ts";
import { terminalStates } from "./task.ts";

const facts = (job: JobState, more: Partial<TaskFacts> = {}): TaskFacts => ({
  job,
  started: false,
  reported: false,
  failedBefore: false,
  cancelled: false,
  ...more,
});

const everyJob: JobState[] = [
  "waiting",
  "prioritized",
  "delayed",
  "active",
  "waiting-children",
  "completed",
  "failed",
  "missing",
];

describe("stateOf", () => {
  it.each([
    ["PENDING", facts("waiting")],
    ["PENDING", facts("delayed")],
    ["STARTED", facts("active", { started: true })],
    ["STARTED", facts("waiting", { started: true })],
    ["PROGRESS", facts("active", { started: true, reported: true })],
    ["PROGRESS", facts("waiting-children", { started: true, reported: true })],
    ["STARTED", facts("waiting-children", { started: true })],
    ["RETRY", facts("delayed", { started: true, reported: true, failedBefore: true })],
    ["RETRY", facts("waiting", { started: true, failedBefore: true })],
    ["PROGRESS", facts("active", { started: true, reported: true, failedBefore: true })],
    ["SUCCESS", facts("completed", { started: true, reported: true, failedBefore: true })],
    ["FAILURE", facts("failed", { started: true })],
    ["REVOKED", facts("failed", { started: true, cancelled: true })],
    ["REVOKED", facts("missing")],
  ] as const)("%s", (state, given) => {
    expect(stateOf(given)).toBe(state);
  });

  it("is terminal exactly for jobs that have ended, whatever else is known", () => {
    for (const job of everyJob) {
      for (let bits = 0; bits < 16; bits += 1) {
        const [started, reported, failedBefore, cancelled] = [1, 2, 4, 8].map((bit) => (bits & bit) > 0);
        const state = stateOf(
          facts(job, { started, reported, failedBefore, cancelled } as Partial<TaskFacts>),
        );
        expect(terminalStates.has(state), `${job} ${bits}`).toBe(
          ["completed", "failed", "missing"].includes(job),
        );
      }
    }
  });
});
