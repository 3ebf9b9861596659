/** What of a repository is to be bought: planned into batches in the ledger, or only counted for a dry run. */
import { createHash } from "node:crypto";
import type { Embedder, EmbedderLimits, EmbeddingModel } from "./embedder.ts";
import type { BatchSize, EmbeddingLedger, PlannedBlob, Standing } from "./embedding-ledger.ts";
import type { IndexedBlob, PassageSource } from "./passage-source.ts";
import type { BlobKey } from "./store.ts";
import { planeBytes } from "./vector-code.ts";
import { reasonToWithhold } from "./withhold.ts";

export interface EmbeddingDeps {
  readonly embedder: Embedder;
  readonly ledger: EmbeddingLedger;
  readonly source: PassageSource;
  /** All that may ever be spent, in tokens; Infinity for no budget. */
  readonly budgetTokens: number;
  /** The same in US dollars; undefined for no budget in money. */
  readonly budgetDollars?: number | undefined;
}

/** What embeds any repository. */
export interface EmbeddingDesk extends EmbeddingDeps {
  /** Undefined for a model of another provider than the one that is set, and for one that was made here and is gone. */
  embedderFor(model: EmbeddingModel): Embedder | undefined;
}

export type BudgetDeps = Pick<EmbeddingDeps, "ledger" | "budgetTokens" | "budgetDollars">;

export interface EmbedContext {
  readonly signal: AbortSignal;
  report(progress: EmbedProgress): void;
}

export interface EmbedProgress {
  readonly phase: "plan" | "embed";
  readonly done: number;
  readonly total: number;
  /** Why it stands still. */
  readonly waiting_for?: string;
}

/** Most models make code into a token of about so many bytes; batches are filled by it. */
const bytesPerTokenUsual = 3;
/** A plan is stored after so many batches' worth of text. */
const batchesPerStep = 16;
const blobsPerStep = 256;
/** Beside the code of a vector: its row, its key and its place in lists. */
const bytesBeside = 60;

/** Full enough to need few requests, small enough that the last one of a minute leaves little of the limit unused. */
export function batchSizeFor(limits: EmbedderLimits, bytesPerToken = bytesPerTokenUsual): BatchSize {
  const { requestsPerMinute: requests, tokensPerMinute } = limits;
  const perRequest = tokensPerMinute / requests;
  const share = requests < 30 ? 0.9 * perRequest : Math.max(tokensPerMinute / 60, 2 * perRequest);
  const tokens = Math.min(limits.tokens / 2, Math.max(1, share));
  return { bytes: Math.floor(tokens * bytesPerToken), texts: limits.texts };
}

/**
 * Plans what is missing, and says which batches have to run. When nothing is missing any more, questions use the model
 * from now on: in one step, however long it took.
 */
export async function planEmbeddings(
  { embedder, ledger, source }: EmbeddingDeps,
  repository: string,
  context: EmbedContext,
): Promise<Standing> {
  const { model } = embedder;
  const blobs = source.blobs(repository);
  const keys = blobs.map(({ blob }) => blob);
  const size = batchSizeFor(embedder.limits, ledger.bytesPerToken(model));
  let standing = ledger.standing(model, keys);
  if (standing.unplanned.length > 0) {
    const todo = blobsAmong(blobs, standing.unplanned);
    for await (const step of planSteps({ embedder, source }, repository, todo, size, context))
      ledger.plan(model, step, size);
    standing = ledger.standing(model, keys);
  }
  if (isComplete(standing)) ledger.publish(repository, model);
  return standing;
}

export const isComplete = ({ chunks, embedded, withheld, unplanned }: Standing): boolean =>
  embedded + withheld === chunks && unplanned.length === 0;

/** What buying all that is missing would come to. */
export interface EmbeddingPreview {
  readonly files: number;
  readonly chunks: number;
  /** Already bought. */
  readonly known: number;
  readonly withheld: number;
  readonly tokens: number;
  readonly price: number;
  readonly minutes: number;
  readonly diskBytes: number;
}

/** Sends and stores nothing. Copies of a text are counted once. */
export function previewEmbeddings(
  { embedder, ledger, source }: EmbeddingDeps,
  repository: string,
): EmbeddingPreview {
  const { model, limits, price } = embedder;
  const blobs = source.blobs(repository);
  const seen = new Set<string>();
  const sums = { chunks: 0, known: 0, withheld: 0, bytes: 0 };
  for (const entry of blobs) {
    const planned = planBlob({ embedder, source }, repository, entry)?.chunks ?? [];
    sums.chunks += planned.length;
    const known = ledger.known(
      model,
      planned.map(({ key }) => key),
    );
    for (const [at, { key, place, withheld }] of planned.entries()) {
      const name = key.toString("latin1");
      if (known[at] || seen.has(name)) sums.known += 1;
      else if (withheld !== undefined) sums.withheld += 1;
      else sums.bytes += place.endByte - place.startByte;
      seen.add(name);
    }
  }
  const wanted = sums.chunks - sums.known - sums.withheld;
  const isLocal = embedder.local !== undefined;
  const tokens = isLocal ? 0 : Math.ceil(sums.bytes / (ledger.bytesPerToken(model) ?? bytesPerTokenUsual));
  const requests = Math.ceil(sums.bytes / batchSizeFor(limits, ledger.bytesPerToken(model)).bytes);
  const minutes = isLocal
    ? 0
    : Math.max(tokens / limits.tokensPerMinute, requests / limits.requestsPerMinute);
  return {
    files: new Set(blobs.map(({ path }) => path)).size,
    ...{ chunks: sums.chunks, known: sums.known, withheld: sums.withheld, tokens, minutes },
    price: (tokens * price) / 1e6,
    diskBytes: wanted * (3 * planeBytes(model.dimensions || 1024) + bytesBeside),
  };
}

const keyText = ({ hash, language, extractor }: BlobKey) => `${hash} ${language} ${extractor}`;

function blobsAmong(blobs: readonly IndexedBlob[], wanted: readonly BlobKey[]): IndexedBlob[] {
  const names = new Set(wanted.map(keyText));
  return blobs.filter(({ blob }) => names.has(keyText(blob)));
}

async function* planSteps(
  from: PlanSource,
  repository: string,
  todo: readonly IndexedBlob[],
  size: BatchSize,
  { signal, report }: EmbedContext,
): AsyncGenerator<readonly PlannedBlob[]> {
  let step: PlannedBlob[] = [];
  let bytes = 0;
  for (const [index, entry] of todo.entries()) {
    const planned = planBlob(from, repository, entry);
    if (planned === undefined) continue;
    step.push(planned);
    for (const { place } of planned.chunks) bytes += place.endByte - place.startByte;
    if (bytes < size.bytes * batchesPerStep && step.length < blobsPerStep) continue;
    yield step;
    step = [];
    bytes = 0;
    report({ phase: "plan", done: index + 1, total: todo.length });
    // Reading waits for nothing, so without a turn of the event loop no abort would ever arrive.
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
  if (step.length > 0) yield step;
}

type PlanSource = Pick<EmbeddingDeps, "embedder" | "source">;

/** Undefined once the file is another one: the next run of the index plans that. */
function planBlob(
  { embedder, source }: PlanSource,
  repository: string,
  { blob, path }: IndexedBlob,
): PlannedBlob | undefined {
  const found = source.passages(repository, path, blob);
  if (found === undefined) return undefined;
  const chunks = found.chunks.map(({ startByte, endByte }) => {
    const text = found.text.subarray(startByte, endByte);
    // What is made here is sent nowhere, and is made of the path too.
    const isLocal = embedder.local !== undefined;
    const withheld = isLocal ? undefined : reasonToWithhold(text.toString("utf8"));
    const place = { repository, path, blobHash: blob.hash, startByte, endByte };
    const key = createHash("sha256")
      .update(isLocal ? `${path}\n` : "")
      .update(text)
      .digest()
      .subarray(0, 16);
    return { key, place, ...(withheld === undefined ? {} : { withheld: `holds ${withheld}` }) };
  });
  return { blob, chunks };
}
