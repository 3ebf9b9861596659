/** The port to the list of live worker processes, kept beside the jobs so that every door sees the same one. */
import { CambiumError } from "../errors.ts";
import type { JsonObject } from "./task.ts";

/** A `detached` worker serves a data folder alone; `foreground` ones are started by a person, any number of them. */
export type WorkerKind = "detached" | "foreground";

export interface WorkerRecord {
  readonly id: string;
  readonly kind: WorkerKind;
  readonly host: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds since 1970; older than 15 seconds means that the worker no longer counts. */
  readonly heartbeatAt: number;
  /** With its `name`, which no two living workers share, and what its heartbeats tell (`WorkerPulse`). */
  readonly info: JsonObject;
}

/** Every call may throw `unavailable`, `exhausted` or `forbidden` when the store cannot be written. */
export interface WorkerRegistry {
  /**
   * Enters this process, atomically. False when `kind` is `detached` and another detached worker is alive;
   * announcing the same id again renews it. Throws `conflict` (`takenName`) when `info.name` is another living worker's.
   */
  announce(worker: {
    readonly id: string;
    readonly kind: WorkerKind;
    readonly info: JsonObject;
  }): Promise<boolean>;
  /**
   * At least every 5 seconds; `info` replaces what was announced. False when the entry is gone (withdrawn, or displaced
   * after a long stop).
   */
  heartbeat(id: string, info?: JsonObject): Promise<boolean>;
  /** Idempotent. */
  withdraw(id: string): Promise<void>;
  /** Workers whose process exists and whose heartbeat is younger than 15 seconds, oldest first. */
  alive(): Promise<WorkerRecord[]>;
}

/** What every registry throws for a name that is in use. */
export function takenName(
  name: string,
  holder: { readonly host: string; readonly pid: number },
): CambiumError {
  const shown = JSON.stringify(name);
  // The registry keeps the process namespace beside the host.
  const [host = ""] = holder.host.split(" ");
  const text = `A worker named ${shown} is alive (process ${holder.pid} on ${host}). Choose another name with --name, or stop that one.`;
  return new CambiumError("conflict", text);
}
