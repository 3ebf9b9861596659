/** The task catalogue: each kind of work, where it goes, how it is treated and what it runs. Only here jobs meet indexer. */
import { CambiumError } from "./errors.ts";
import type { Extract, IndexLimits, StepContext } from "./indexer/pipeline.ts";
import type { IndexStore, RepositoryStatus } from "./indexer/store.ts";
import type { Handler, JobContext, JsonObject, KindSpec } from "./jobs/task.ts";

/** Outages of the disk or the store are waited for; bad input fails at once (see `errorCodes`). */
const patient = { attempts: 30, delayMs: 250, maxDelayMs: 60_000 };
const minute = 60_000;
/** The ledger of files finds out which file crashes the parser, and leaves it out, long before a job is given up. */
const maxCrashes = 25;

export const kinds: readonly KindSpec[] = [
  {
    kind: "index_repository",
    role: "task",
    queue: "tasks",
    retry: patient,
    maxCrashes,
    softTimeLimitMs: 30 * minute,
    silenceLimitMs: 5 * minute,
  },
  {
    kind: "index_files",
    role: "job",
    queue: "indexing",
    retry: patient,
    maxCrashes,
    softTimeLimitMs: 10 * minute,
    silenceLimitMs: minute,
  },
];

/** The handlers, as they run in a child process; only there the indexer is loaded. */
export async function openHandlers(
  store: IndexStore,
  limits: IndexLimits,
  otherExtract?: Extract,
): Promise<ReadonlyMap<string, Handler>> {
  const { indexBatch, planOrPublish } = await import("./indexer/pipeline.ts");
  const extract = otherExtract ?? (await import("./indexer/extract-file.ts")).extractFile;
  return new Map<string, Handler>([
    [
      "index_repository",
      async (args, context) => {
        const root = textOf(args, "root");
        const outcome = await planOrPublish(store, root, limits, stepContext(context));
        if ("published" in outcome) return { result: summaryOf(outcome.published) };
        return {
          waitFor: outcome.batches.map((batch, index) => ({
            kind: "index_files",
            key: `${context.starts}-${index}`,
            args: { root, first: batch.first, last: batch.last },
          })),
        };
      },
    ],
    [
      "index_files",
      async (args, context) => {
        const batch = { first: textOf(args, "first"), last: textOf(args, "last") };
        const isolate = context.attempt > 1 || context.crashes > 0;
        const result = await indexBatch(store, textOf(args, "root"), batch, limits, {
          ...stepContext(context),
          isolate,
          extract,
        });
        return { result };
      },
    ],
  ]);
}

function stepContext(context: JobContext): StepContext {
  return {
    run: context.taskId,
    signal: context.signal,
    report: (progress) => context.report({ ...progress, unit: "files" }),
  };
}

function summaryOf(status: RepositoryStatus): JsonObject {
  const started = Date.parse(status.startedAt ?? "");
  const ended = Date.parse(status.indexedAt ?? "");
  return {
    repository: status.repository,
    generation: status.generation,
    files: status.files,
    files_skipped: status.filesSkipped,
    bytes: status.bytes,
    symbols: status.symbols,
    references: status.references,
    chunks: status.chunks,
    reused: status.filesReused,
    ...(status.refusedRules.length === 0 ? {} : { ignore_rules_refused: [...status.refusedRules] }),
    seconds: Number.isFinite(ended - started) ? (ended - started) / 1000 : 0,
  };
}

function textOf(args: JsonObject, name: string): string {
  const value = args[name];
  if (typeof value === "string") return value;
  throw new CambiumError("invalid_argument", `The argument "${name}" must be a string.`);
}
