/** The task catalogue: each kind of work, where it goes, how it is treated and what it runs. Only here jobs meet indexer. */
import { CambiumError } from "./errors.ts";
import type { Batch, BatchContext, Extract, IndexLimits, Plan } from "./indexer/pipeline.ts";
import type { IndexStore, RepositoryStatus } from "./indexer/store.ts";
import type { Handler, JobContext, JsonObject, KindSpec, StepOutcome } from "./jobs/task.ts";

/** Outages of the disk or the store are waited for; bad input fails at once (see `errorCodes`). */
const patient = { attempts: 30, delayMs: 250, maxDelayMs: 60_000 };
const minute = 60_000;
/** The ledger of files finds out which file crashes the parser, and leaves it out, long before a job is given up. */
const maxCrashes = 25;

export const indexKind = "index_repository";
/** What changed in an indexed repository, as a watcher saw it: `{root, paths?}`. */
export const refreshKind = "refresh_repository";

export const kinds: readonly KindSpec[] = [
  {
    kind: indexKind,
    role: "task",
    queue: "tasks",
    retry: patient,
    maxCrashes,
    softTimeLimitMs: 30 * minute,
    silenceLimitMs: 5 * minute,
  },
  {
    kind: refreshKind,
    role: "task",
    queue: "tasks",
    priority: 9,
    // One for each saved file: a list of them all would hide what people asked for.
    isForgottenOnSuccess: true,
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
  const { refresh } = await import("./indexer/refresh.ts");
  const extract = otherExtract ?? (await import("./indexer/extract-file.ts")).extractFile;
  return new Map<string, Handler>([
    [
      indexKind,
      async (args, context) => {
        const root = textOf(args, "root");
        return outcomeOf(
          await planOrPublish(store, root, limits, batchContext(context, extract)),
          root,
          context,
        );
      },
    ],
    [
      refreshKind,
      async (args, context) => {
        const root = textOf(args, "root");
        const more = { ...batchContext(context, extract), isAgain: context.starts > 1 };
        const plan = await refresh(store, root, pathsOf(args), limits, more);
        return plan === undefined ? { result: {} } : outcomeOf(plan, root, context);
      },
    ],
    [
      "index_files",
      async (args, context) => {
        const batch = batchOf(args);
        const more = batchContext(context, extract);
        return { result: await indexBatch(store, textOf(args, "root"), batch, limits, more) };
      },
    ],
  ]);
}

function batchContext(context: JobContext, extract: Extract): BatchContext {
  return {
    run: context.taskId,
    signal: context.signal,
    report: (progress) => context.report({ ...progress, unit: "files" }),
    isolate: context.attempt > 1 || context.crashes > 0,
    extract,
  };
}

function outcomeOf(plan: Plan, root: string, { starts }: JobContext): StepOutcome {
  if ("published" in plan) return { result: summaryOf(plan.published) };
  const waitFor = plan.batches.map((batch, index) => ({
    kind: "index_files",
    key: `${starts}-${index}`,
    args: { root, ...batch },
  }));
  return { waitFor };
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

/** Undefined: the repository as a whole. */
function pathsOf(args: JsonObject): string[] | undefined {
  const paths = args["paths"];
  if (paths === undefined) return undefined;
  if (Array.isArray(paths) && paths.every((path) => typeof path === "string")) return paths as string[];
  throw new CambiumError("invalid_argument", 'The argument "paths" must be a list of strings.');
}

function batchOf(args: JsonObject): Batch {
  const range = { first: textOf(args, "first"), last: textOf(args, "last") };
  const { runs } = args;
  return Array.isArray(runs) ? { ...range, runs: runs as NonNullable<Batch["runs"]> } : range;
}

function textOf(args: JsonObject, name: string): string {
  const value = args[name];
  if (typeof value === "string") return value;
  throw new CambiumError("invalid_argument", `The argument "${name}" must be a string.`);
}
