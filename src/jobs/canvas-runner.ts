/** The worker's side of a canvas: reads from the store how far it is, and answers what runs next. */
import { advanceCanvas, type Canvas, type DoneParts, readDoneParts, stageResults } from "./canvas.ts";
import { findKind, type JobQueue, type StoredJob, taskQueueName } from "./connection.ts";
import { type Part, partId, queueOf } from "./parts.ts";
import { writeReason } from "./reason.ts";
import { failureOf } from "./record.ts";
import type { Sealer } from "./seal.ts";
import type { Json, JsonObject, KindSpec } from "./task.ts";

export interface CanvasDeps {
  readonly kinds: readonly KindSpec[];
  readonly queues: ReadonlyMap<string, JobQueue>;
  readonly sealer: Sealer;
}

/** Its result, or the parts that must end before it runs again. */
export async function runCanvas(
  job: StoredJob,
  deps: CanvasDeps,
): Promise<{ readonly result: JsonObject } | { readonly parts: readonly Part[] }> {
  const id = String(job.id);
  const canvas = job.data.args["canvas"] as Canvas;
  const step = advanceCanvas(canvas, await readParts(job, deps));
  if ("result" in step) return step;
  const { previousFrom } = job.data;
  return {
    parts: step.run.map(({ kind, key, stage, args, priority, onFailure }) => {
      // The first ones get what this canvas itself got.
      const from = stage === 0 ? previousFrom : { id, stage: stage - 1 };
      return {
        ...{ kind: findPartKind(deps.kinds, kind), key, args, onFailure },
        ...(priority === undefined ? {} : { priority }),
        ...(from === undefined ? {} : { previousFrom: from }),
      };
    }),
  };
}

/** The results that a part of a canvas is given, or those of its own parts for a kind that wants them. */
export async function readPrevious(job: StoredJob, deps: CanvasDeps): Promise<readonly Json[]> {
  const { previousFrom } = job.data;
  const kind = deps.kinds.find((candidate) => candidate.kind === job.name);
  if (kind?.wantsResults === true) return [...(await readParts(job, deps)).values()];
  if (previousFrom === undefined) return [];
  const source = (await queueOf(deps.queues, taskQueueName).getJob(previousFrom.id)) as StoredJob | undefined;
  return source === undefined ? [] : stageResults(await readParts(source, deps), previousFrom.stage);
}

/** A kind of either role may be a part. */
export function findPartKind(kinds: readonly KindSpec[], name: string): KindSpec {
  return kinds.find((kind) => kind.kind === name) ?? findKind(kinds, name, "job");
}

async function readParts(job: StoredJob, { queues, sealer }: CanvasDeps): Promise<DoneParts> {
  const id = String(job.id);
  const results: Record<string, Json> = await job.getChildrenValues();
  const failures = await job.getIgnoredChildrenFailures();
  for (const [name, reason] of Object.entries(failures)) failures[name] = await explain(name, reason, queues);
  const done = readDoneParts(id, results, failures);
  return new Map([...done].map(([key, result]) => [key, sealer.decrypt(partId(id, key), result)]));
}

/** A part that failed for one of its own parts has the reason of that one beside BullMQ's note. */
async function explain(name: string, reason: string, queues: ReadonlyMap<string, JobQueue>): Promise<string> {
  for (const queue of queues.values()) {
    const start = `${queue.qualifiedName}:`;
    if (!name.startsWith(start)) continue;
    const job = (await queue.getJob(name.slice(start.length))) as StoredJob | undefined;
    return job === undefined ? reason : writeReason(failureOf(job));
  }
  return reason;
}
