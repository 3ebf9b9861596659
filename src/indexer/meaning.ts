/**
 * Search by meaning: a question becomes a vector, and the passages that are near it become candidates. Whatever keeps a
 * question from it is said in the answer, which then comes from words alone.
 */
import { CambiumError, toFailure } from "../errors.ts";
import { checkedText } from "./answering.ts";
import { askOnce } from "./ask-once.ts";
import type { EmbeddingDeps, EmbeddingDesk } from "./embed-plan.ts";
import { keepNewest } from "./remembering.ts";

export { type EmbeddingPreview, previewEmbeddings } from "./embed-plan.ts";
export type { ModelCost, Spending } from "./embedding-ledger.ts";
export { standingEmbedder } from "./train-space.ts";
export { localProvider, nameModel };

import { type EmbeddingModel, localProvider, nameModel, type Reranker } from "./embedder.ts";
import { readQuestion } from "./question.ts";
import { rerankedMost, rerankHits } from "./rerank.ts";
import {
  findByWords,
  type HitScores,
  type NearPassages,
  type SearchAnswer,
  type SearchRequest,
  searchCode,
} from "./search.ts";
import type { ChunkMatch, Evidence, IndexStore } from "./store.ts";
import type { VectorIndex } from "./vector-index.ts";

/** What search by meaning needs beside the index. */
export interface Meaning extends EmbeddingDesk {
  readonly vectors: VectorIndex;
  /** Undefined where none is set. */
  readonly reranker: Reranker | undefined;
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
      "Search by meaning needs a provider of embeddings: set CAMBIUM_EMBEDDINGS (`local` needs no key) and run `cambium embed`, or ask with mode lexical.",
    );
  checkedText(request.query, "query");
  let missing: string | undefined;
  let meaning: Meaning | undefined;
  const near = new Map<string, readonly ChunkMatch[]>();
  const words = new Map<string, Words>();
  try {
    meaning = await openMeaning();
    if (mode === "hybrid" && isByWords(meaning, request.query)) return searchCode(store, request);
    const chosen = store.repositories(request.repository);
    const aims = aimsOf(meaning, chosen, request.query);
    const asking = Promise.all(aims);
    if (mode === "hybrid" && aims.some((aim) => aim instanceof Promise)) {
      // Whatever fails first is told.
      asking.catch(() => {});
      await new Promise((resolve) => setImmediate(resolve));
      // What is found by words is found while the provider is on its way.
      for (const one of chosen) words.set(one.repository, wordsOf(store, request, one));
    }
    for (const [at, answer] of (await asking).entries()) {
      const found = nearMatches(meaning, chosen[at] as Evidence, answer, request);
      if ("missing" in found) missing ??= found.missing;
      else near.set((chosen[at] as Evidence).repository, found.matches);
    }
  } catch (error) {
    if (mode === "semantic") throw error;
    missing = toFailure(error).message;
  }
  if (mode === "semantic" && near.size === 0 && missing !== undefined)
    throw new CambiumError("unavailable", `Search by meaning: ${missing}`);
  const weight = meaning?.embedder.local?.weight;
  const passages: NearPassages = {
    matches: ({ repository }) => near.get(repository) ?? [],
    byWords: (evidence) => {
      const found = words.get(evidence.repository);
      return found?.stamp === stampOf(evidence) ? found.matches : undefined;
    },
    isOnly: mode === "semantic",
    ...(weight === undefined ? {} : { weight }),
  };
  const scores = await scoresOf(store, meaning, request, passages);
  const answer = searchCode(store, request, passages, typeof scores === "string" ? undefined : scores);
  const notes = [
    ...(missing === undefined ? [] : [`Answered without meaning: ${missing}`]),
    ...(typeof scores === "string" ? [`Not reranked: ${scores}`] : []),
  ];
  return notes.length === 0 ? answer : { ...answer, note: notes.join(". ") };
}

/** What is made of a repository's own text adds to questions in words, and to no others. */
const isByWords = ({ embedder }: Meaning, query: string): boolean =>
  embedder.local !== undefined && readQuestion(query).kind !== "words";

/** What the reranker says of the first hits; why it says nothing; undefined where none is set. */
async function scoresOf(
  store: IndexStore,
  meaning: Meaning | undefined,
  request: SearchRequest,
  passages: NearPassages,
): Promise<HitScores | string | undefined> {
  const reranker = meaning?.reranker;
  if (meaning === undefined || reranker === undefined) return undefined;
  const { cursor: _, ...first } = request;
  const { hits } = searchCode(store, { ...first, limit: rerankedMost }, passages);
  return rerankHits({ ...meaning, reranker }, request.query, hits);
}

interface Words {
  readonly stamp: string;
  readonly matches: readonly ChunkMatch[];
}

const wordsOf = (store: IndexStore, request: SearchRequest, evidence: Evidence): Words => ({
  stamp: stampOf(evidence),
  matches: findByWords(store, request, evidence.repository),
});

/** The same stamp means the same files. */
const stampOf = ({ generation, pendingFiles }: Evidence): string => `${generation} ${pendingFiles}`;

/** What to look for in a repository, and with which model; or why that is not known. */
type Aim = { readonly model: EmbeddingModel; readonly vector: Float32Array } | { readonly missing: string };

/** In the order of the repositories. One vector a model, also where there is none: several of them share it. */
function aimsOf(meaning: Meaning, chosen: readonly Evidence[], query: string): (Aim | Promise<Aim>)[] {
  const found = new Map<string, Found | Promise<Found>>();
  return chosen.map(({ repository }) => {
    // Until the first build is whole, what there is of it answers.
    const model = meaning.ledger.published(repository) ?? meaning.embedder.model;
    const embedder = meaning.embedderFor(model);
    if (embedder === undefined) {
      if (model.provider === meaning.embedder.model.provider) return { missing: noVectors(repository) };
      const advice = "run `cambium embed` for the new provider";
      return { missing: `${repository} was embedded by ${model.provider}; ${advice}` };
    }
    const name = nameModel(model);
    const vector = found.get(name) ?? vectorOf({ ...meaning, embedder }, query);
    found.set(name, vector);
    const aim = (got: Found): Aim => (typeof got === "string" ? { missing: got } : { model, vector: got });
    return vector instanceof Promise ? vector.then(aim) : aim(vector);
  });
}

function nearMatches(
  { embedder, source, vectors }: Meaning,
  evidence: Evidence,
  aim: Aim,
  request: SearchRequest & { readonly mode?: SearchMode },
): { readonly matches: readonly ChunkMatch[] } | { readonly missing: string } {
  if ("missing" in aim) return aim;
  if (aim.vector.length === 0) return { matches: [] };
  const { repository } = evidence;
  const blobs = () => source.blobs(repository).map(({ blob }) => blob);
  const scope = { name: repository, stamp: stampOf(evidence), blobs };
  const most = request.mode === "semantic" ? nearMax : (embedder.local?.passages ?? nearMax);
  const near = vectors.nearest(aim.model, scope, aim.vector, most);
  const filter = {
    ...(request.path === undefined ? {} : { path: request.path }),
    ...(request.language === undefined ? {} : { language: request.language }),
    ...(request.kind === undefined ? {} : { kind: request.kind }),
  };
  const found = source.matches(repository, near, filter);
  const matches = found.flatMap((copies, at) =>
    copies.map((match) => ({ ...match, meaning: near[at]?.similarity ?? 0 })),
  );
  return matches.length === 0 && near.length === 0 ? { missing: noVectors(repository) } : { matches };
}

const noVectors = (repository: string) => `${repository} has no vectors yet; run \`cambium embed\``;

/** The vector, or why there is none; of length 0 where no word of the question is known. */
type Found = Float32Array | string;

function vectorOf(deps: EmbeddingDeps, query: string): Found | Promise<Found> {
  const { local, model } = deps.embedder;
  if (local !== undefined) return local.vectorOf(query) ?? new Float32Array(0);
  const { provider, name, dimensions } = model;
  const key = JSON.stringify([provider, name, dimensions, query]);
  return asked.get(key) ?? askForVector(deps, query, key);
}

async function askForVector(deps: EmbeddingDeps, query: string, key: string): Promise<Found> {
  const { embedder } = deps;
  const what = { question: query, bytes: Buffer.byteLength(query), who: "the provider", reason: "question" };
  const reply = await askOnce(deps, { purchase: embedder, ...what, patienceMs }, (patience) =>
    embedder.embed([query], "query", patience),
  );
  if (typeof reply === "string") return reply;
  const [vector] = reply.vectors;
  if (vector === undefined) return "the provider gave no vector that can be used";
  keepNewest(asked, key, vector, vectorsKept);
  return vector;
}
