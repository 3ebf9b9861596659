/** The front everyone uses: enqueue, follow and revoke tasks, over BullMQ on whichever backend it was given. */
import type { Canvas } from "./canvas.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { ClockEvent, EventOptions } from "./events.ts";
import { BullTaskFront, type FrontOptions } from "./front.ts";
import type { Schedules } from "./schedules.ts";
import type { JsonObject, Priority, TaskRecord, TaskState } from "./task.ts";

export type { ClockEvent } from "./events.ts";
export type { FrontOptions } from "./front.ts";

export interface EnqueueRequest {
  readonly kind: string;
  readonly args: JsonObject;
  /** While a task with this key is not terminal, enqueueing again joins it. */
  readonly deduplicationKey?: string;
  /**
   * What the key does while its task runs: `join` (the default), or `again`: one more run follows, with the newest
   * arguments, however often it is asked for. A task that has not begun and has the same arguments is joined.
   */
  readonly whenRunning?: "join" | "again";
  readonly priority?: Priority;
  /** Not begun before this, or this long from now. */
  readonly eta?: Date;
  readonly countdownMs?: number;
  /** A task that has not begun by then ends REVOKED. */
  readonly expiresAt?: Date;
}

export interface TaskFront {
  /** Returns after the write is durable. `joined` says that a running task was found. */
  enqueue(request: EnqueueRequest): Promise<{ readonly task: TaskRecord; readonly joined: boolean }>;
  /** Undefined for an unknown id. */
  find(taskId: string): Promise<TaskRecord | undefined>;
  /** Newest first. */
  list(filter?: { readonly states?: readonly TaskState[]; readonly limit?: number }): Promise<TaskRecord[]>;
  /**
   * Waits until the task is terminal, the time is over or the signal aborts (which ends the wait, never the task),
   * and returns the task as it then is. `onProgress` sees every change of state or progress.
   */
  wait(
    taskId: string,
    options: {
      readonly timeoutMs: number;
      readonly signal?: AbortSignal;
      readonly onProgress?: (task: TaskRecord) => void;
    },
  ): Promise<TaskRecord>;
  /**
   * Idempotent. A waiting task is REVOKED at once, a running one when its batch ends, or at once with `terminate`; a
   * terminal one stays as it is. The id of a part of a task ends that part only.
   */
  cancel(taskId: string, options?: { readonly terminate?: boolean }): Promise<TaskRecord>;
  /** Runs a FAILURE or REVOKED task again under a new id, which is returned; a live one is returned as it is. */
  retry(taskId: string): Promise<TaskRecord>;
  close(): Promise<void>;
}

/** The front with everything the clock can do. */
export interface ClockFront extends TaskFront {
  /** A chain, group or chord as one task. Throws `invalid_argument` with the place, before anything is stored. */
  submit(canvas: Canvas, options?: SubmitOptions): ReturnType<TaskFront["enqueue"]>;
  readonly schedules: Schedules;
  readonly deadLetters: DeadLetters;
  /** Until the signal aborts. Throws `invalid_argument` for a cursor that is none of ours. */
  events(options?: EventOptions): AsyncIterable<ClockEvent>;
}

export type SubmitOptions = Omit<EnqueueRequest, "kind" | "args">;

/** Opens nothing before its first use, as the start-up time of a door matters. */
export function openTaskFront(options: FrontOptions): ClockFront {
  return new BullTaskFront(options);
}
