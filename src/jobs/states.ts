/** From what the store knows of a task to the state that the doors show. */
import type { TaskState } from "./task.ts";

/** BullMQ's words, and `missing` for a task that was cancelled before it ran: its job is gone, its tombstone stays. */
export type JobState =
  | "waiting"
  | "prioritized"
  | "delayed"
  | "active"
  | "waiting-children"
  | "completed"
  | "failed"
  | "missing";

export interface TaskFacts {
  readonly job: JobState;
  /** A worker has begun it at least once. */
  readonly started: boolean;
  /** It has a progress record. */
  readonly reported: boolean;
  /** An attempt failed and another will follow. */
  readonly failedBefore: boolean;
  /** The failure that ended it is `cancelled`. */
  readonly cancelled: boolean;
}

/**
 * The machine: PENDING -> STARTED -> PROGRESS, with RETRY between attempts, and one of SUCCESS, FAILURE, REVOKED as
 * the end. Between the steps of a task its job waits for children or for its next turn; that is still PROGRESS. The
 * terminal states depend only on facts that are written once, together with the end of the job: a tombstone over a
 * job that still exists changes nothing until a worker or `cancel` has ended that job.
 * The first row whose conditions all hold gives the state.
 */
export const stateTable: readonly { readonly when: Partial<TaskFacts>; readonly state: TaskState }[] = [
  { when: { job: "completed" }, state: "SUCCESS" },
  { when: { job: "failed", cancelled: true }, state: "REVOKED" },
  { when: { job: "failed" }, state: "FAILURE" },
  { when: { job: "missing" }, state: "REVOKED" },
  { when: { job: "delayed", failedBefore: true }, state: "RETRY" },
  { when: { job: "waiting", failedBefore: true }, state: "RETRY" },
  { when: { job: "prioritized", failedBefore: true }, state: "RETRY" },
  { when: { started: true, reported: true }, state: "PROGRESS" },
  { when: { started: true }, state: "STARTED" },
  { when: {}, state: "PENDING" },
];

export function stateOf(facts: TaskFacts): TaskState {
  const row = stateTable.find(({ when }) =>
    (Object.keys(when) as (keyof TaskFacts)[]).every((name) => when[name] === facts[name]),
  );
  return row?.state ?? "PENDING";
}
