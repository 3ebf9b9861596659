/**
 * Search by meaning: a question becomes a vector, and the passages that are near it become candidates. Whatever keeps a
 * question from it is said in the answer, which then comes from words alone.
 */
import { CambiumError, toFailure } from "../errors.ts";
import { orderFor } from "./embed-batch.ts";
import type { EmbeddingDeps } from "./embed-plan.ts";

export { type EmbeddingPreview, previewEmbeddings } from "./embed-plan.ts";
export type { ModelCost } from "./embedding-ledger.ts";

import type { Embedder, EmbeddingModel } from "./embedder.ts";
import { type SearchAnswer, type SearchRequest, searchCode } from "./search.ts";
import type { ChunkMatch, Evidence, IndexStore } from "./store.ts";
import type { VectorIndex } from "./vector-index.ts";

/** What search by meaning needs beside the index. */
export interface Meaning extends EmbeddingDeps {
  readonly vectors: VectorIndex;
  /** Undefined for a model of another provider than the one that is set. */
  embedderFor(model: EmbeddingModel): Embedder | undefined;
}

export type SearchMode = "hybrid" | "lexical" | "semantic";

/** Candidates by meaning, a repository. */
const nearMax = 100;
/** A question is not worth waiting longer for. */
const patienceMs = 4000;
const vectorsKept = 500;

/** Vectors of the last questions, the oldest first. */
const asked = new Map<string, Float32Array>();

/**
 * Answers in the mode that is asked for. `hybrid` without a provider is `lexical`; `semantic` then throws
 * `invalid_argument`, and `unavailable` while the provider does not answer.
 */
export async function askCode(
  store: IndexStore,
  openMeaning: (() => Promise<Meaning>) | undefined,
  request: SearchRequest & { readonly mode?: SearchMode },
): Promise<SearchAnswer> {
  const { mode = "hybrid" } = request;
  if (mode === "lexical" || (mode === "hybrid" && openMeaning === undefined))
    return searchCode(store, request);
  if (openMeaning === undefined)
    throw new CambiumError(
      "invalid_argument",
      "Search by meaning needs a provider of embeddings: set CAMBIUM_EMBEDDINGS and run `cambium embed`, or ask with mode lexical.",
    );
  let missing: string | undefined;
  const near = new Map<string, readonly ChunkMatch[]>();
  try {
    const meaning = await openMeaning();
    for (const { repository, generation, pendingFiles } of store.repositories(request.repository)) {
      const stamp = `${generation} ${pendingFiles}`;
      const found = await nearMatches(meaning, repository, stamp, request);
      if ("missing" in found) missing ??= found.missing;
      else near.set(repository, found.matches);
    }
  } catch (error) {
    if (mode === "semantic") throw error;
    missing = toFailure(error).message;
  }
  if (mode === "semantic" && near.size === 0 && missing !== undefined)
    throw new CambiumError("unavailable", `Search by meaning: ${missing}`);
  const byMeaning = (evidence: Evidence) => near.get(evidence.repository) ?? [];
  const answer = searchCode(store, request, { matches: byMeaning, isOnly: mode === "semantic" });
  return missing === undefined ? answer : { ...answer, note: `Answered without meaning: ${missing}` };
}

async function nearMatches(
  meaning: Meaning,
  repository: string,
  stamp: string,
  request: SearchRequest,
): Promise<{ readonly matches: readonly ChunkMatch[] } | { readonly missing: string }> {
  const { ledger, source, vectors } = meaning;
  // Until the first build is whole, what there is of it answers.
  const model = ledger.published(repository) ?? meaning.embedder.model;
  const embedder = meaning.embedderFor(model);
  if (embedder === undefined)
    return {
      missing: `${repository} was embedded by ${model.provider}; run \`cambium embed\` for the new provider`,
    };
  const query = await vectorOf({ ...meaning, embedder }, request.query);
  if (typeof query === "string") return { missing: query };
  const scope = { name: repository, stamp, blobs: () => source.blobs(repository).map(({ blob }) => blob) };
  const near = vectors.nearest(model, scope, query, nearMax);
  const filter = {
    ...(request.path === undefined ? {} : { path: request.path }),
    ...(request.language === undefined ? {} : { language: request.language }),
    ...(request.kind === undefined ? {} : { kind: request.kind }),
  };
  const found = source.matches(repository, near, filter);
  const matches = found.flatMap((copies, at) =>
    copies.map((match) => ({ ...match, meaning: near[at]?.similarity ?? 0 })),
  );
  return matches.length === 0 && near.length === 0
    ? { missing: `${repository} has no vectors yet; run \`cambium embed\`` }
    : { matches };
}

/** The vector, or why there is none. */
async function vectorOf(deps: EmbeddingDeps, query: string): Promise<Float32Array | string> {
  const { embedder, ledger } = deps;
  const { provider, name, dimensions } = embedder.model;
  const key = JSON.stringify([provider, name, dimensions, query]);
  const kept = asked.get(key);
  if (kept !== undefined) return kept;
  const grant = ledger.claim(undefined, "question", orderFor(deps, Buffer.byteLength(query)));
  if (grant.kind === "wait") return grant.reason;
  if (grant.kind !== "go") return "the embeddings budget is spent";
  const patience = AbortSignal.timeout(patienceMs);
  try {
    const reply = await embedder.embed([query], "query", patience);
    const [vector] = reply.kind === "vectors" ? reply.vectors : [];
    if (reply.kind !== "vectors" || vector === undefined) {
      const reason = reply.kind === "vectors" ? "the provider gave no vector" : reply.reason;
      ledger.postpone(grant.send, { reason, holdMs: 0, isDoubtful: false });
      return reason;
    }
    ledger.settle(grant.send, [], reply.tokens);
    keep(key, vector);
    return vector;
  } catch (error) {
    ledger.postpone(grant.send, { reason: "question", holdMs: 0, isDoubtful: patience.aborted });
    return patience.aborted
      ? `the provider did not answer within ${patienceMs / 1000} s`
      : toFailure(error).message;
  }
}

function keep(key: string, vector: Float32Array): void {
  asked.set(key, vector);
  const oldest = asked.size > vectorsKept ? asked.keys().next().value : undefined;
  if (oldest !== undefined) asked.delete(oldest);
}
