/** What who asks and a worker say to each other: commands as jobs of the worker's own queue, answers as their results. */
import type { Job as BullJob } from "bullmq";
import { CambiumError } from "../errors.ts";
import { type JobData, openQueue, type QueueConnection, type QueueOf } from "./connection.ts";
import type { JobPlace, Sealer } from "./seal.ts";
import type { JsonObject } from "./task.ts";

export type Command =
  | { readonly verb: "ping" }
  /** Everything a worker tells about itself: `TellableFacts`. */
  | { readonly verb: "facts" }
  | { readonly verb: "pool_grow" | "pool_shrink"; readonly count: number }
  /** Without a range the pool keeps its size. */
  | { readonly verb: "autoscale"; readonly range?: { readonly max: number; readonly min: number } }
  | { readonly verb: "add_consumer" | "cancel_consumer"; readonly queue: string }
  | { readonly verb: "shutdown"; readonly how: "warm" | "cold" }
  /** The settings board has changed. */
  | { readonly verb: "read_settings" }
  /** A task was revoked. */
  | { readonly verb: "look_for_revoked" };

/** A command as it is stored: signed where there are keys, and obeyed only until it expires. */
export type Order = Pick<JobData, "expiresAt" | "seal"> & { readonly args: Command };

export type CommandQueue = QueueOf<Order, JsonObject>;
export type CommandJob = BullJob<Order, JsonObject, string>;

/** What a signing key that is bound to queues must name to cover commands. */
export const controlScope = "control";

/** The clocks of two machines may differ by so much. */
const slackMs = 60_000;

/** The id of an order also names its worker, so that it cannot be put before another one. */
const placeOf = (workerId: string, jobId: string, { verb }: Command): JobPlace => ({
  queue: controlScope,
  name: verb,
  id: `${workerId} ${jobId}`,
});

/** Throws `forbidden` if there are keys, but none for commands. */
export function writeOrder(
  command: Command,
  place: { readonly workerId: string; readonly jobId: string },
  timeoutMs: number,
  sealer: Sealer,
): Order {
  // What stands in the store is not out of date when it is read late.
  const isLasting = command.verb === "read_settings" || command.verb === "look_for_revoked";
  const expiry = isLasting ? {} : { expiresAt: Date.now() + timeoutMs + slackMs };
  const { seal } = sealer.sign(placeOf(place.workerId, place.jobId, command), { args: command, ...expiry });
  return { args: command, ...expiry, ...(seal === undefined ? {} : { seal }) };
}

/** Throws `forbidden` for an order that no known key has signed for this worker, and `timeout` for one of the past. */
export function readOrder({ id, data }: CommandJob, workerId: string, sealer: Sealer): Command {
  sealer.verify(placeOf(workerId, String(id), data.args), data);
  if (data.expiresAt !== undefined && Date.now() > data.expiresAt)
    throw new CambiumError("timeout", "The command came too late to be obeyed. Give it again.");
  return data.args;
}

export const controlQueueName = (workerId: string) => `control-${workerId}`;

export const openCommandQueue = (workerId: string, through: QueueConnection): CommandQueue =>
  openQueue(controlQueueName(workerId), through);
