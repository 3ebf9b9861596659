/** A job that a worker holds, from its claim to its end. */
import type { StoredJob } from "./connection.ts";
import { taskIdOf } from "./parts.ts";
import type { HeldJob } from "./running-worker.ts";
import { StopOrder } from "./stop-order.ts";
import type { KindSpec } from "./task.ts";

export interface Running {
  readonly job: StoredJob;
  readonly taskId: string;
  readonly since: number;
  readonly soft: StopOrder;
  /** Kills the child. */
  readonly hard: StopOrder;
  kind: KindSpec | undefined;
  isInChild: boolean;
  hasRun: boolean;
  /** What to do when the aborted run has ended, instead of failing the job. */
  instead: "requeue" | "forget" | undefined;
  /** Aborted because its task has ended: it is no reason for that end. */
  isLeftover: boolean;
}

export function begin(job: StoredJob): Running {
  const orders = { soft: new StopOrder(), hard: new StopOrder() };
  const fresh = { kind: undefined, isInChild: false, hasRun: false, instead: undefined, isLeftover: false };
  return { job, taskId: taskIdOf(job), since: Date.now(), ...orders, ...fresh };
}

export function heldJob({ job, taskId, since }: Running): HeldJob {
  const at = new Date(since).toISOString();
  return { id: String(job.id), task_id: taskId, kind: job.name, queue: job.queueName, since: at };
}
