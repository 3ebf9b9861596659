/**
 * The side of remote control that a worker has: serves the commands of its own queue and keeps the settings of the
 * board in force.
 */
import type { Worker as BullWorker, ConnectionOptions, IQueueBackend, JobProgress } from "bullmq";
import { CambiumError, toFailure } from "../errors.ts";
import { UnrecoverableError, Worker } from "./bullmq.ts";
import type { QueueConnection } from "./connection.ts";
import { calmBackend } from "./consumers.ts";
import {
  type Command,
  type CommandJob,
  controlQueueName,
  type Order,
  readOrder,
} from "./control-protocol.ts";
import { writeReason } from "./reason.ts";
import type { RunningWorker } from "./running-worker.ts";
import type { Sealer } from "./seal.ts";
import { SettingsBoard } from "./settings-board.ts";
import type { JsonObject } from "./task.ts";
import { openPresence } from "./worker-presence.ts";
import type { WorkerRegistry } from "./worker-registry.ts";

export interface ControlDesk {
  /** Takes no more commands and removes their queue; the worker calls it at its end. */
  close(): Promise<void>;
}

export interface DeskOptions {
  readonly connection: QueueConnection;
  readonly registry: WorkerRegistry;
  readonly worker: RunningWorker;
  /** Commands that it does not know as signed are refused. */
  readonly sealer: Sealer;
  readonly log: (level: "warn" | "info", line: string) => void;
}

type CommandWorker = BullWorker<Order, JsonObject, string, IQueueBackend, JobProgress, ConnectionOptions>;

/** Call it when the worker is in the registry: a command that came before waits for it. */
export async function openControlDesk(options: DeskOptions): Promise<ControlDesk> {
  const { connection, worker, log } = options;
  const name = controlQueueName(worker.id);
  const board = new SettingsBoard(connection);
  await applySettings(board, worker, log);
  const presence = await openPresence(options);
  const obeyed = new Map<string, number>();
  const server: CommandWorker = new Worker(
    name,
    (job: CommandJob) => serve(job, options, board, obeyed),
    // A worker that has died answers nothing any more, so nobody needs to take its commands up.
    { connection: connection.connection, concurrency: 4, skipStalledCheck: true },
    calmBackend(connection.backend),
  );
  server.on("error", (error) => log("warn", `${name}: ${error.message}`));
  return {
    async close() {
      await server.close();
      await presence.close();
      await board.close();
    },
  };
}

async function serve(
  job: CommandJob,
  options: DeskOptions,
  board: SettingsBoard,
  obeyed: Map<string, number>,
): Promise<JsonObject> {
  try {
    const command = readOrder(job, options.worker.id, options.sealer);
    refuseAgain(job, obeyed);
    return await obey(command, options, board);
  } catch (error) {
    throw new UnrecoverableError(writeReason(toFailure(error)));
  }
}

/** A seal holds for one time: who can write to the store could put an order that was obeyed before the worker again. */
function refuseAgain({ id, data }: CommandJob, obeyed: Map<string, number>): void {
  const now = Date.now();
  for (const [old, expiresAt] of obeyed) if (expiresAt < now) obeyed.delete(old);
  if (obeyed.has(String(id)))
    throw new CambiumError("forbidden", "The command was obeyed before. Give it again.");
  if (data.expiresAt !== undefined) obeyed.set(String(id), data.expiresAt);
}

/** Answers when the command is in force, not when its effect is over: who asks waits a second at most. */
async function obey(
  command: Command,
  { worker, log }: DeskOptions,
  board: SettingsBoard,
): Promise<JsonObject> {
  if (command.verb !== "ping" && command.verb !== "facts") log("info", `control: ${JSON.stringify(command)}`);
  switch (command.verb) {
    case "ping":
      return { ok: "pong" };
    case "facts":
      return worker.facts();
    case "pool_grow":
      return { concurrency: worker.grow(command.count) };
    case "pool_shrink":
      return { concurrency: worker.shrink(command.count) };
    case "autoscale":
      worker.autoscale(command.range);
      return { autoscale: command.range ?? null };
    case "add_consumer":
      worker.addConsumer(command.queue);
      return { queues: [...worker.facts().queues] };
    case "cancel_consumer":
      worker
        .cancelConsumer(command.queue)
        .catch((error) => log("warn", `${command.queue}: ${String(error)}`));
      return { queues: [...worker.facts().queues] };
    case "shutdown":
      // Not awaited: the end of the worker waits for this answer.
      void worker.stop(command.how);
      return { stopping: command.how };
    case "read_settings":
      await applySettings(board, worker, log);
      return { ok: true };
    case "look_for_revoked":
      await worker.lookForRevoked();
      return { ok: true };
    default:
      throw new CambiumError(
        "invalid_argument",
        `This worker's version knows no command ${JSON.stringify(command)}.`,
      );
  }
}

async function applySettings(
  board: SettingsBoard,
  worker: RunningWorker,
  log: DeskOptions["log"],
): Promise<void> {
  for (const [kind, { softMs, hardMs }] of await board.timeLimits()) {
    try {
      worker.setTimeLimit(kind, softMs, hardMs);
    } catch (error) {
      // Kept by another version, whose kinds are not all ours.
      log("warn", `time limit of ${kind}: ${toFailure(error).message}`);
    }
  }
}
