/** What a worker and its child processes say to each other over the IPC channel of `fork`; `run` numbers the runs. */
import type { Failure } from "../errors.ts";
import type { Json, JsonObject, ProgressReport, StepOutcome } from "./task.ts";

/** One run of a handler. */
export interface RunOrder {
  readonly kind: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly starts: number;
  readonly crashes: number;
  readonly previous: readonly Json[];
  readonly args: JsonObject;
}

export type ToChild =
  | { readonly type: "run"; readonly run: number; readonly order: RunOrder }
  /** Aborts the signal of the running handler; the failure is the signal's reason. */
  | { readonly type: "abort"; readonly run: number; readonly failure: Failure };

/** How a run ended. */
export type RunEnd =
  | { readonly type: "outcome"; readonly outcome: StepOutcome }
  | { readonly type: "failure"; readonly failure: Failure };

export type FromChild =
  | { readonly type: "ready"; readonly rssBytes: number }
  | { readonly type: "report"; readonly run: number; readonly report: ProgressReport }
  | (RunEnd & { readonly run: number; readonly rssBytes: number });

/** Reports of one job are sent at most this often; the last one is always sent. */
export const reportIntervalMs = 100;
