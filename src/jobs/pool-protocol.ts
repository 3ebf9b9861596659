/** What a worker and its child processes say to each other: one job at a time, over the IPC channel of `fork`. */
import type { Failure } from "../errors.ts";
import type { JsonObject, ProgressReport, StepOutcome } from "./task.ts";

/** One run of a handler. */
export interface RunOrder {
  readonly kind: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly starts: number;
  readonly args: JsonObject;
}

export type ToChild =
  | { readonly type: "run"; readonly order: RunOrder }
  /** Aborts the signal of the running handler; the failure is the signal's reason. */
  | { readonly type: "abort"; readonly failure: Failure };

export type FromChild =
  | { readonly type: "ready" }
  | { readonly type: "report"; readonly report: ProgressReport }
  | { readonly type: "outcome"; readonly outcome: StepOutcome; readonly rssBytes: number }
  | { readonly type: "failure"; readonly failure: Failure; readonly rssBytes: number };

/** Reports of one job are sent at most this often; the last one is always sent. */
export const reportIntervalMs = 100;
