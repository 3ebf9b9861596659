/** The nouns of the clock: what a task is, how far it is, and how a kind of work is described. */
import { CambiumError, type ErrorCode, type Failure } from "../errors.ts";

/** As in Celery; the last three are terminal and never change. */
export const taskStates = [
  "PENDING",
  "STARTED",
  "PROGRESS",
  "RETRY",
  "SUCCESS",
  "FAILURE",
  "REVOKED",
] as const;
export type TaskState = (typeof taskStates)[number];
export const terminalStates: ReadonlySet<TaskState> = new Set(["SUCCESS", "FAILURE", "REVOKED"]);

/** JSON values only: arguments and results go through the store. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** The one progress record of a task: persisted, never going back within a phase, read by every door. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  /** What `done` and `total` count, for example `files`. */
  readonly unit: string;
  /** Units per second since the phase began; null before the first is done. */
  readonly rate: number | null;
  readonly eta_seconds: number | null;
  /** Why it stands still (a rate limit, a full disk, no worker), or null. */
  readonly waiting_for: string | null;
}

/** A task as every door shows it. Times are ISO 8601. */
export interface TaskRecord {
  readonly task_id: string;
  readonly kind: string;
  readonly args: JsonObject;
  readonly state: TaskState;
  readonly progress: Progress | null;
  readonly attempts: number;
  readonly error: Failure | null;
  readonly result: JsonObject | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

/** What a handler reports; the worker adds rate and ETA and stores it with the task. */
export interface ProgressReport {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  /** Why it stands still for now. */
  readonly waiting_for?: string;
}

/** A task that is to follow once this one has succeeded. Asked for while one of its key runs, it runs once more after it. */
export interface NextTask {
  readonly kind: string;
  readonly args: JsonObject;
  readonly key: string;
}

/** A job that a step adds to its task's flow. `key` makes adding it twice harmless. */
export interface JobSpec {
  readonly kind: string;
  readonly key: string;
  readonly args: JsonObject;
}

/** What a handler may touch while it runs in a child process. */
export interface JobContext {
  readonly taskId: string;
  /** From 1; counts failures of the handler. */
  readonly attempt: number;
  /** From 1; counts also runs that a crash cut short. */
  readonly starts: number;
  /** How many runs ended with the death of their process. */
  readonly crashes: number;
  /**
   * In a canvas: the results of what ran before, the only one of a chain or all headers of a chord. Of a kind that
   * wants them: the results of the parts that it has waited for.
   */
  readonly previous: readonly Json[];
  /** Aborts on revocation, a lost lease, the soft time limit or shutdown; its reason is a `CambiumError`. */
  readonly signal: AbortSignal;
  report(progress: ProgressReport): void;
}

/**
 * What a step of a task answers: it is done, with its result, or more jobs must finish first, after which
 * the same step runs again.
 */
export type StepOutcome =
  | { readonly result: JsonObject; readonly next?: NextTask }
  | { readonly waitFor: readonly JobSpec[] };

export type Handler = (args: JsonObject, context: JobContext) => Promise<StepOutcome>;

export interface RetryPolicy {
  /** Runs in all, the first included; a run that a crash cut short is not counted. */
  readonly attempts: number;
  readonly delayMs: number;
  readonly maxDelayMs: number;
  /** `exponential` (the default) doubles the delay with each failure, `fixed` keeps it. */
  readonly backoff?: "exponential" | "fixed";
  /** The delay is drawn from `[(1 - jitter) * delay, delay]`; 0.5 by default, so that jobs do not return all at once. */
  readonly jitter?: number;
  /** Only these are tried again; by default what the world may mend (`errorCodes`). */
  readonly retryOn?: readonly ErrorCode[];
  /** These end the job at once, also where `retryOn` names them. */
  readonly failOn?: readonly ErrorCode[];
}

/** From 0 to 9, 9 first; equal ones in the order of their arrival. */
export type Priority = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
export const defaultPriority: Priority = 5;

/** One kind of work: where it goes and how it is treated. The handler is loaded only in the child. */
export interface KindSpec {
  readonly kind: string;
  /** A task is what is asked for and followed by id; a job is a part of a task. */
  readonly role: "task" | "job";
  readonly queue: string;
  readonly priority?: Priority;
  /** `cpu` (the default): a process of its own while it runs; `io`: work that mostly waits shares one process. */
  readonly pool?: "cpu" | "io";
  /** A task of it leaves the store at once when it has succeeded; by default it is shown for a day. */
  readonly isForgottenOnSuccess?: true;
  readonly retry: RetryPolicy;
  /** After this the signal aborts. */
  readonly softTimeLimitMs: number;
  /** After this the process that runs it is killed; by default only when it does not obey the abort. */
  readonly hardTimeLimitMs?: number;
  /** After more crashes than this the job is a dead letter; 3 by default. */
  readonly maxCrashes?: number;
  /** After this without any report from the child, it is killed. */
  readonly silenceLimitMs: number;
  /** Each step is given the results of the parts that have ended (`previous`). */
  readonly wantsResults?: boolean;
  /**
   * Work that waits until a worker is there anyway: the next run of its schedule keeps no idle worker alive, and is in
   * no list of tasks before its time.
   */
  readonly isUpkeep?: boolean;
}

/** Throws `not_found` in the words of every door. */
export function unknownTask(taskId: string): never {
  // Ids come from outside: what is no id of ours is shown cut, and as JSON, so that nothing in it steers a terminal.
  const shown = JSON.stringify(taskId.length > 60 ? `${taskId.slice(0, 59)}…` : taskId);
  throw new CambiumError(
    "not_found",
    `There is no task ${shown}. Call list_tasks {} to see the ids there are (\`cambium tasks\`).`,
  );
}
