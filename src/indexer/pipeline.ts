/**
 * The order of the steps from a folder to a published generation. It knows the index store and the readers of
 * files, not what a task, a queue or a door is.
 */
import { createHash } from "node:crypto";
import { CambiumError, toFailure } from "../errors.ts";
import { type Batch, cutBatches, isInBatch } from "./batches.ts";
import { largeText } from "./classify.ts";
import { extractorVersion } from "./extract-file.ts";
import { recentlyChanged } from "./git-files.ts";
import { languageOf, languageOfText } from "./languages.ts";
import { readLarge } from "./large-file.ts";
import { readSource } from "./read-file.ts";
import { headCommit, scanRepository } from "./scan.ts";
import type { Selection } from "./selection.ts";
import type {
  BlobKey,
  FileResult,
  IndexStore,
  PendingFile,
  RepositoryStatus,
  ResultBatch,
  ScannedFile,
} from "./store.ts";
import { summarize } from "./summary.ts";
import type { Extraction, SkipReason } from "./symbol.ts";

/**
 * The parser's port: what a file's text, without a byte order mark, holds. `language` is one of `languageOf`'s answers;
 * one without a grammar gives chunks only. Throws `timeout` over the limit and `internal` when the parser breaks.
 */
export type Extract = (
  text: string,
  language: string,
  options: { readonly parseLimitMs: number },
) => Promise<Extraction>;

export interface IndexLimits {
  /** Larger files are not parsed, but indexed as text. */
  readonly maxFileBytes: number;
  /** Larger files are skipped; `maxFileBytes` by default. */
  readonly maxTextBytes?: number;
  readonly parseLimitMs: number;
  /** How many batches are worked on at the same time: small repositories are split at least so often. */
  readonly concurrency: number;
}

export interface FileProgress {
  readonly phase: "scan" | "index" | "publish" | "compare";
  readonly done: number;
  readonly total: number;
}

/** What a step may use from its caller. */
export interface StepContext {
  /** Names the run: the same for all steps of one request. */
  readonly run: string;
  readonly signal: AbortSignal;
  report(progress: FileProgress): void;
}

/** What a step that may index files uses besides. */
export interface BatchContext extends StepContext {
  /** Each file is tried alone: a run of this work has died before. */
  readonly isolate: boolean;
  readonly extract: Extract;
}

/** So many tell what is wrong; a made-up file could hold thousands. */
const refusedRulesMax = 20;
/** A file that was being worked on alone this many times when its process died is left out. */
const crashesMax = 4;
/** After so many files an abort is heard. */
const filesPerTurn = 8;
/** So little is indexed where it was found: handing it to other processes would take longer. */
const atOnceFilesMax = 32;
const atOnceBytesMax = 400_000;

export type { Batch };
export type Plan = { readonly batches: readonly Batch[] } | { readonly published: RepositoryStatus };

/**
 * Scans, unless this run has scanned already, and answers either the batches that are still to be indexed or,
 * when none is left, the published generation. Running it again at any moment is harmless.
 */
export async function planOrPublish(
  store: IndexStore,
  root: string,
  limits: IndexLimits,
  context: BatchContext & { readonly retrySkipped?: boolean },
): Promise<Plan> {
  const status = ofRun(store, root, context.run);
  if (status !== undefined) return publishOrPlan(store, status, limits, context);
  const refusedRules: string[] = [];
  // A first run is long enough for its order to matter.
  const isFirst = store.repositories().every((known) => known.root !== root);
  const [files, commit, hot] = await Promise.all([
    scanFolder(root, limits, context, refusedRules),
    headCommit(root),
    isFirst ? recentlyChanged(root) : undefined,
  ]);
  // Not before the scan: a folder that is gone must leave no empty repository behind.
  const repository = store.register(root);
  const origin = {
    commit,
    run: context.run,
    refusedRules: refusedRules.sort(),
    retrySkipped: context.retrySkipped === true,
  };
  const plan = store.begin(repository, files, origin);
  if (plan.pending.length === 0) return publish(store, repository, limits);
  context.report({ phase: "index", done: plan.files - plan.pending.length, total: plan.files });
  return indexOrPlan(store, { root, repository, run: context.run }, plan.pending, limits, context, hot);
}

/** Where pending files are, and under whose name their results are written. */
export interface Place {
  readonly root: string;
  readonly repository: string;
  readonly run: string;
}

export async function publishOrPlan(
  store: IndexStore,
  { root, repository, files }: RepositoryStatus,
  limits: IndexLimits,
  context: BatchContext,
): Promise<Plan> {
  const left = store.pending(repository, "", "\u{10ffff}");
  if (left.length > 0)
    return indexOrPlan(store, { root, repository, run: context.run }, left, limits, context);
  context.report({ phase: "publish", done: files, total: files });
  return publish(store, repository, limits);
}

/** What changed meanwhile may have joined this generation, and is then still to be read. */
function publish(store: IndexStore, repository: string, limits: IndexLimits): Plan {
  try {
    return { published: store.publish(repository, () => summarize(store, repository)) };
  } catch (error) {
    const left = store.pending(repository, "", "\u{10ffff}");
    if (left.length === 0) throw error;
    return { batches: cutBatches(left, limits.concurrency, languageOf) };
  }
}

export async function indexOrPlan(
  store: IndexStore,
  place: Place,
  pending: readonly PendingFile[],
  limits: IndexLimits,
  context: BatchContext,
  hot?: ReadonlySet<string>,
): Promise<Plan> {
  // What killed its process is looked at alone, by a batch.
  if (context.isolate || !isFew(pending))
    return { batches: cutBatches(pending, limits.concurrency, languageOf, hot) };
  await indexAtOnce(store, place, pending, limits, context);
  return publish(store, place.repository, limits);
}

export const isFew = (pending: readonly PendingFile[]) =>
  pending.length <= atOnceFilesMax && pending.reduce((sum, { bytes }) => sum + bytes, 0) <= atOnceBytesMax;

export async function indexAtOnce(
  store: IndexStore,
  { root, repository, run }: Place,
  pending: readonly PendingFile[],
  limits: IndexLimits,
  context: BatchContext,
): Promise<void> {
  if (pending.length === 0) return;
  const results = store.batch(repository, run);
  await deriveAll(store, repository, root, pending, limits, context, results);
  await hearAbort(context.signal);
  context.report({ phase: "index", ...results.commit() });
}

/** What the store has of a root, if this run began its newest generation. */
function ofRun(store: IndexStore, root: string, run: string): RepositoryStatus | undefined {
  return store.repositories().find((status) => status.root === root && status.run === run);
}

/** Throws `not_found` where the folder is gone. */
export async function scanFolder(
  root: string,
  limits: IndexLimits,
  context: StepContext & { readonly only?: Selection },
  refusedRules: string[],
): Promise<ScannedFile[]> {
  try {
    return await scanRepository(root, {
      maxFileBytes: limits.maxFileBytes,
      maxTextBytes: limits.maxTextBytes ?? limits.maxFileBytes,
      languageOf,
      extractorOf: extractorVersion,
      signal: context.signal,
      ...(context.only === undefined ? {} : { only: context.only }),
      onRefusedRule: (place) => {
        if (refusedRules.length < refusedRulesMax) refusedRules.push(place);
      },
      onProgress: (seen) => context.report({ phase: "scan", done: seen, total: seen }),
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
    const advice = "index it where it is now, or remove the repository from the index";
    throw new CambiumError("not_found", `The folder ${root} is gone; ${advice}.`, error);
  }
}

/**
 * Reads, parses and stores the pending files of a range in one transaction. With `isolate` (after a run of this
 * batch died) each file is tried and stored alone, so that the one that kills the process is found and left out.
 */
export async function indexBatch(
  store: IndexStore,
  root: string,
  batch: Batch,
  limits: IndexLimits,
  context: BatchContext,
): Promise<{ readonly files: number }> {
  // A repository that was removed meanwhile stays removed, and another run's files are not this one's to read.
  const repository = ofRun(store, root, context.run)?.repository;
  if (repository === undefined) return { files: 0 };
  const pending = store
    .pending(repository, batch.first, batch.last)
    .filter(({ path }) => isInBatch(batch, path, languageOf(path)));
  const place = { root, repository, run: context.run };
  if (!context.isolate) await indexAtOnce(store, place, pending, limits, context);
  else {
    for (const file of pending.toSorted((a, b) => a.crashes - b.crashes)) {
      await hearAbort(context.signal);
      await indexAlone(store, place, file, limits, context);
    }
  }
  return { files: pending.length };
}

/**
 * While the mark stands nothing is waited for: a child whose worker was killed ends between two files, and leaves no mark
 * on one of them.
 */
async function indexAlone(
  store: IndexStore,
  { root, repository, run }: Place,
  file: PendingFile,
  limits: IndexLimits,
  { extract, report }: BatchContext,
): Promise<void> {
  const { path, crashes } = file;
  const results = store.batch(repository, run);
  if (crashes >= crashesMax) results.add({ path, mtimeMs: 0, skip: { reason: "parser_crashed" } });
  else {
    // Most of a new process's time goes into its first grammar: a kill in it tells nothing against the file.
    await extract("", languageOf(path), limits).catch(() => {});
    store.setAttempts(repository, path, crashes + 1);
    try {
      await deriveAll(store, repository, root, [file], limits, { extract }, results);
    } finally {
      // It did not kill the process: a disk that is full, or a result that is not wanted any more, is not its fault.
      store.setAttempts(repository, path, crashes);
    }
  }
  report({ phase: "index", ...results.commit() });
}

interface ReadFile {
  readonly path: string;
  readonly mtimeMs: number;
  readonly text: string;
  readonly bytes: number;
  readonly blob: BlobKey;
  /** What stands in the ledger though the file is indexed. */
  readonly note: { readonly detail?: string };
}

async function deriveAll(
  store: IndexStore,
  repository: string,
  root: string,
  pending: readonly PendingFile[],
  limits: IndexLimits,
  { signal, extract }: { readonly signal?: AbortSignal; readonly extract: Extract },
  results: ResultBatch,
): Promise<void> {
  const read: ReadFile[] = [];
  for (const [index, { path }] of pending.entries()) {
    if (index % filesPerTurn === 0) await hearAbort(signal);
    const source = readSource(root, path, limits);
    if ("skip" in source && source.skip.reason === "too_large")
      results.add(deriveLarge(store, repository, root, path, limits));
    else if ("skip" in source) results.add({ path, mtimeMs: source.mtimeMs, skip: source.skip });
    else
      read.push({
        path,
        mtimeMs: source.mtimeMs,
        text: source.text,
        bytes: source.bytes.length,
        blob: keyOf(path, source.text, source.bytes),
        note: source.masked === undefined ? {} : { detail: source.masked },
      });
  }
  const known = store.has(
    repository,
    read.map((file) => file.blob),
  );
  for (const [index, file] of read.entries()) {
    if (index % filesPerTurn === 0) await hearAbort(signal);
    results.add(
      known[index]
        ? { path: file.path, mtimeMs: file.mtimeMs, blob: file.blob, ...file.note }
        : await derive(file, limits, extract),
    );
  }
}

/** A file over the parse limit, as text. It is read while it is stored. */
function deriveLarge(
  store: IndexStore,
  repository: string,
  root: string,
  path: string,
  limits: IndexLimits,
): FileResult {
  const large = readLarge(root, path, limits.maxTextBytes ?? limits.maxFileBytes);
  const { mtimeMs } = large;
  if ("skip" in large) return { path, mtimeMs, skip: large.skip };
  const { hash, bytes, masked, parts } = large;
  const blob = { hash, language: "text", extractor: extractorVersion(largeText) };
  const size = `indexed as text, not parsed: ${bytes} bytes`;
  const detail = masked === undefined ? size : `${size}; ${masked}`;
  const [isKnown] = store.has(repository, [blob]);
  if (isKnown) return { path, mtimeMs, blob, detail };
  const nothing = { definitions: [], references: [], chunks: [], parseErrors: 0, text: "" };
  return { path, mtimeMs, blob, detail, derived: { ...nothing, bytes, parts } };
}

/** Reading and parsing wait for nothing, so without a turn of the event loop no abort would ever arrive. */
async function hearAbort(signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return;
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}

function keyOf(path: string, text: string, bytes: Buffer): BlobKey {
  const language = languageOfText(path, text);
  const hash = createHash("sha256").update(bytes).digest("hex");
  return { hash, language, extractor: extractorVersion(language) };
}

/** What the parser makes of one file; a file that it cannot bear is a skip with its reason, never a failure. */
async function derive(file: ReadFile, limits: IndexLimits, extract: Extract): Promise<FileResult> {
  const { path, mtimeMs, text, bytes, blob, note } = file;
  try {
    const extraction = await extract(text, blob.language, { parseLimitMs: limits.parseLimitMs });
    return { path, mtimeMs, blob, derived: { ...extraction, text, bytes }, ...note };
  } catch (error) {
    const reason: SkipReason =
      error instanceof CambiumError && error.code === "timeout" ? "parser_timeout" : "parser_crashed";
    return { path, mtimeMs, skip: { reason, detail: toFailure(error).message.slice(0, 300) } };
  }
}
