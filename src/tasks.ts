/** The task catalogue: each kind of work, where it goes, how it is treated and what it runs. Only here jobs meet indexer. */
import { type Embedding, embedHandlers, embedKind, embedKinds } from "./embed-tasks.ts";
import { CambiumError } from "./errors.ts";
import type { CareLimits, VectorUse } from "./indexer/clean-up.ts";
import type { Batch, BatchContext, Extract, IndexLimits, Plan } from "./indexer/pipeline.ts";
import type { IndexStore, RepositoryStatus } from "./indexer/store.ts";
import type { StoreCare } from "./indexer/store-care.ts";
import type { ScheduledRequest, Schedules, ScheduleTimes } from "./jobs/schedules.ts";
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
  {
    kind: "cleanup",
    role: "task",
    queue: "tasks",
    retry: patient,
    isUpkeep: true,
    wantsResults: true,
    softTimeLimitMs: minute,
    silenceLimitMs: minute,
  },
  {
    kind: "clean_store",
    role: "job",
    queue: "maintenance",
    retry: patient,
    softTimeLimitMs: 60 * minute,
    // Checking or merging the index of the kernel, 1 GB, is one step without a report.
    silenceLimitMs: 10 * minute,
  },
  {
    kind: "verify",
    role: "task",
    queue: "tasks",
    retry: patient,
    maxCrashes,
    wantsResults: true,
    softTimeLimitMs: 30 * minute,
    silenceLimitMs: 5 * minute,
  },
  {
    kind: "verify_files",
    role: "job",
    queue: "maintenance",
    retry: patient,
    maxCrashes,
    softTimeLimitMs: 10 * minute,
    silenceLimitMs: minute,
  },
  {
    kind: "verify_rows",
    role: "job",
    queue: "maintenance",
    retry: patient,
    softTimeLimitMs: 60 * minute,
    silenceLimitMs: 5 * minute,
  },
  ...embedKinds,
];

/** What every store has without being asked: any worker makes it sure when it starts. */
const schedules: readonly (ScheduleTimes & ScheduledRequest & { readonly id: string })[] = [
  { id: "daily-cleanup", kind: "cleanup", args: {}, everyMs: 24 * 60 * minute, missed: "once", priority: 1 },
];

/** Twice, or by many workers at once, is harmless. A worker works without them: it never rejects. */
export async function keepSchedules(
  kept: Schedules,
  log: (level: "warn", line: string) => void,
): Promise<void> {
  try {
    for (const { id, kind, args, priority, ...times } of schedules)
      await kept.upsert(id, times, { kind, args, ...(priority === undefined ? {} : { priority }) });
  } catch (error) {
    log("warn", `the schedules for upkeep are not sure: ${String(error)}`);
  }
}

interface HandlerDeps {
  readonly store: IndexStore;
  /** Of the whole index, also where `store` is one beside it. */
  readonly care: StoreCare;
  readonly limits: IndexLimits & CareLimits;
  readonly extract: Extract;
  /** What was indexed is then bought embeddings for. */
  readonly hasEmbedding: boolean;
  readonly vectors: VectorUse | undefined;
}

/** The handlers, as they run in a child process; only there the indexer is loaded. */
export async function openHandlers(
  store: IndexStore,
  limits: IndexLimits & Partial<CareLimits>,
  embedding?: Embedding,
  otherExtract?: Extract,
  vectors?: VectorUse,
): Promise<ReadonlyMap<string, Handler>> {
  const extract = otherExtract ?? (await import("./indexer/extract-file.ts")).extractFile;
  const { requireRoom } = await import("./indexer/clean-up.ts");
  const deps = {
    ...{ store, care: store.care, extract, hasEmbedding: embedding !== undefined, vectors },
    limits: { keepDays: 0, diskQuota: 0, ...limits },
  };
  /** For what makes the index larger. */
  const withRoom =
    (handler: (deps: HandlerDeps, args: JsonObject, context: JobContext) => Promise<StepOutcome>): Handler =>
    (args, context) => {
      requireRoom(deps.care, deps.limits);
      return handler(deps, args, context);
    };
  return new Map<string, Handler>([
    [indexKind, withRoom(indexRepository)],
    [refreshKind, withRoom(refreshRepository)],
    ["index_files", withRoom(indexFiles)],
    ["cleanup", (_args, context) => cleanUpStore(context)],
    ["clean_store", (_args, context) => cleanStore(deps, context)],
    ["verify", withRoom(verifyRepository)],
    [
      "verify_files",
      withRoom((own, args, context) =>
        withBeside(own, context, (beside) => indexFiles({ ...own, store: beside }, args, context)),
      ),
    ],
    ["verify_rows", (args, context) => compareRows(deps, args, context)],
    ...embedHandlers(store, embedding),
  ]);
}

async function indexRepository(deps: HandlerDeps, args: JsonObject, context: JobContext) {
  const { planOrPublish } = await import("./indexer/pipeline.ts");
  const root = textOf(args, "root");
  const more = { ...batchContext(context, deps.extract), retrySkipped: args["retry_skipped"] === true };
  return withEmbedding(
    deps,
    root,
    outcomeOf(await planOrPublish(deps.store, root, deps.limits, more), root, context),
  );
}

async function refreshRepository(deps: HandlerDeps, args: JsonObject, context: JobContext) {
  const { refresh } = await import("./indexer/refresh.ts");
  const root = textOf(args, "root");
  const more = { ...batchContext(context, deps.extract), isAgain: context.starts > 1 };
  const plan = await refresh(deps.store, root, pathsOf(args), deps.limits, more);
  return plan === undefined ? { result: {} } : withEmbedding(deps, root, outcomeOf(plan, root, context));
}

function withEmbedding({ hasEmbedding }: HandlerDeps, root: string, outcome: StepOutcome): StepOutcome {
  if (!hasEmbedding || !("result" in outcome)) return outcome;
  return { ...outcome, next: { kind: embedKind, args: { root }, key: root } };
}

async function indexFiles(deps: HandlerDeps, args: JsonObject, context: JobContext) {
  const { indexBatch } = await import("./indexer/pipeline.ts");
  const batch = batchOf(args);
  const more = batchContext(context, deps.extract);
  return { result: await indexBatch(deps.store, textOf(args, "root"), batch, deps.limits, more) };
}

/** The work is a part of its own, so that it runs where the queue for upkeep is served. */
async function cleanUpStore({ previous }: JobContext) {
  const [report] = previous;
  if (report !== undefined) return { result: report as JsonObject };
  return { waitFor: [{ kind: "clean_store", key: "store", args: {} }] };
}

async function cleanStore({ care, limits, vectors }: HandlerDeps, context: JobContext) {
  const { cleanUp } = await import("./indexer/clean-up.ts");
  const report = (progress: { phase: string; done: number; total: number }) =>
    context.report({ ...progress, unit: "index files" });
  return { result: await cleanUp(care, limits, { signal: context.signal, report }, Date.now(), vectors) };
}

/** The store beside the index in which a task that verifies indexes anew. Its room counts with the index. */
async function withBeside<T>(
  { care }: HandlerDeps,
  { taskId }: JobContext,
  work: (beside: IndexStore) => Promise<T>,
): Promise<T> {
  const beside = care.openBeside(taskId);
  try {
    return await work(beside);
  } finally {
    beside.close();
  }
}

/** Indexes anew beside the index, compares, and indexes again what differs: each step runs this from the start. */
async function verifyRepository(deps: HandlerDeps, args: JsonObject, context: JobContext) {
  const { planOrPublish } = await import("./indexer/pipeline.ts");
  const root = textOf(args, "root");
  const step = batchContext(context, deps.extract);
  const compared = context.previous.find((result) => (result as JsonObject)["differences"] !== undefined);
  if (compared === undefined) {
    const plan = await withBeside(deps, context, (beside) => planOrPublish(beside, root, deps.limits, step));
    if ("batches" in plan) return outcomeOf(plan, root, context, "verify_files");
    return { waitFor: [{ kind: "verify_rows", key: "rows", args: { root } }] };
  }
  const found = compared as JsonObject;
  const differing = found["differences_total"];
  if (differing !== 0) {
    const plan = await planOrPublish(deps.store, root, deps.limits, step);
    if ("batches" in plan) return outcomeOf(plan, root, context);
  }
  deps.care.removeBeside(context.taskId);
  return {
    result: { root, equal: differing === 0, repaired: differing === undefined ? 0 : differing, ...found },
  };
}

async function compareRows(deps: HandlerDeps, args: JsonObject, context: JobContext) {
  const { compareStores } = await import("./indexer/verify.ts");
  const work = (beside: IndexStore) =>
    compareStores(deps.store, beside, textOf(args, "root"), batchContext(context, deps.extract));
  return { result: await withBeside(deps, context, work) };
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

function outcomeOf(
  plan: Plan,
  root: string,
  { starts }: JobContext,
  kind: "index_files" | "verify_files" = "index_files",
): StepOutcome {
  if ("published" in plan) return { result: summaryOf(plan.published) };
  const waitFor = plan.batches.map((batch, index) => ({
    kind,
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
