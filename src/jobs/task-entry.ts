/** A request as the job that is stored for it: checked, sealed and ready to be added, now or later. */
import type { JobsOptions } from "bullmq";
import { CambiumError } from "../errors.ts";
import { canvasKind } from "./canvas.ts";
import { maxCanvasBytes, readCanvas } from "./canvas-reader.ts";
import { findKind, type JobData, retryOptions, taskQueueName, taskRetention } from "./connection.ts";
import { checkPayload, isObject, maxPayloadBytes } from "./payload.ts";
import { readPriority, storedPriority } from "./priority.ts";
import type { EnqueueRequest } from "./queue.ts";
import type { Sealer } from "./seal.ts";
import { defaultPriority, type Json, type KindSpec } from "./task.ts";

/** A path fits in. */
const maxKeyBytes = 16 * 1024;
/** No store can order times that are much further away. */
const maxDelayMs = 10 * 365 * 86_400_000;

export interface EntryContext {
  /** With `canvasKind`. */
  readonly kinds: readonly KindSpec[];
  readonly sealer: Sealer;
  /** Empty: none. */
  readonly tenant: string;
}

export interface TaskEntry {
  readonly name: string;
  readonly data: JobData;
  readonly opts: JobsOptions;
}

/** Throws `invalid_argument` for whatever is wrong with the request, before anything is stored. */
export function makeEntry(request: EnqueueRequest, taskId: string, context: EntryContext): TaskEntry {
  const kind = findKind(context.kinds, request.kind, "task");
  checkArguments(request, context.kinds);
  const { deduplicationKey: key, expiresAt } = request;
  if (key !== undefined) checkPayload(key, "The deduplication key", maxKeyBytes);
  const delay = delayOf(request);
  const data: JobData = {
    args: request.args,
    ...(key === undefined ? {} : { key }),
    ...(context.tenant === "" ? {} : { tenant: context.tenant }),
    ...(expiresAt === undefined ? {} : { expiresAt: timeOf(expiresAt, "expiresAt") }),
  };
  return {
    name: kind.kind,
    data: context.sealer.sign({ queue: taskQueueName, name: kind.kind, id: taskId }, data),
    opts: {
      ...taskOptions(kind, request.priority),
      jobId: taskId,
      ...(delay === undefined ? {} : { delay }),
      ...(key === undefined ? {} : { deduplication: { id: joinId(context.tenant, kind.kind, key) } }),
    },
  };
}

/** Of every task, also of a schedule's. */
export function taskOptions(kind: KindSpec, priority: unknown): JobsOptions {
  return {
    ...retryOptions(kind),
    priority: storedPriority(readPriority(priority ?? kind.priority ?? defaultPriority)),
    removeOnComplete: kind.isForgottenOnSuccess ?? taskRetention,
    removeOnFail: taskRetention,
  };
}

export function checkArguments(request: EnqueueRequest, kinds: readonly KindSpec[]): void {
  const { kind, args } = request;
  if (!isObject(args)) throw new CambiumError("invalid_argument", "The arguments must be a plain object.");
  const isCanvas = kind === canvasKind.kind;
  checkPayload(args, "The arguments", isCanvas ? maxCanvasBytes : maxPayloadBytes);
  if (isCanvas) readCanvas(args["canvas"] as Json | undefined, kinds);
}

/** What tasks of the same key have in common; no kind begins with an `@`. */
export const joinId = (tenant: string, kind: string, key: string): string =>
  `${tenant === "" ? "" : `@${tenant} `}${kind} ${key}`;

function delayOf({ eta, countdownMs }: EnqueueRequest): number | undefined {
  if (eta !== undefined && countdownMs !== undefined)
    throw new CambiumError("invalid_argument", "Give eta or countdownMs, not both.");
  if (countdownMs !== undefined && !(Number.isFinite(countdownMs) && countdownMs >= 0))
    throw new CambiumError("invalid_argument", "countdownMs must be a number of milliseconds from 0.");
  if (eta === undefined && countdownMs === undefined) return undefined;
  const delay =
    eta === undefined ? Math.ceil(countdownMs ?? 0) : Math.max(0, timeOf(eta, "eta") - Date.now());
  if (delay <= maxDelayMs) return delay;
  throw new CambiumError(
    "invalid_argument",
    "The task would begin in more than ten years. Give an earlier time.",
  );
}

function timeOf(date: Date, name: string): number {
  const time = date instanceof Date ? date.getTime() : Number.NaN;
  if (Number.isFinite(time)) return time;
  throw new CambiumError("invalid_argument", `${name} must be a valid Date.`);
}
