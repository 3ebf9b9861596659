/** The front everyone uses: enqueue, follow and revoke tasks, over BullMQ on whichever backend it was given. */
import { BullTaskFront, type FrontOptions } from "./front.ts";
import type { JsonObject, TaskRecord, TaskState } from "./task.ts";

export interface EnqueueRequest {
  readonly kind: string;
  readonly args: JsonObject;
  /** While a task with this key is not terminal, enqueueing again joins it. */
  readonly deduplicationKey?: string;
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
  /** Idempotent. A waiting task is REVOKED at once, a running one when its batch ends; a terminal one stays as it is. */
  cancel(taskId: string): Promise<TaskRecord>;
  /** Runs a FAILURE or REVOKED task again under a new id, which is returned; a live one is returned as it is. */
  retry(taskId: string): Promise<TaskRecord>;
  close(): Promise<void>;
}

/** Opens nothing before its first use, as the start-up time of a door matters. */
export function openTaskFront(options: FrontOptions): TaskFront {
  return new BullTaskFront(options);
}
