/**
 * Reranking: a provider's model reads the first passages beside the question, and they change places by what it says.
 * What it says nothing of stays where it was. Whatever keeps it from answering is said, and the order stays.
 */
import { askOnce } from "./ask-once.ts";
import type { BudgetDeps } from "./embed-plan.ts";
import type { Reranker } from "./embedder.ts";
import { keepNewest } from "./remembering.ts";
import { type Hit, type HitScores, placeOf } from "./search.ts";
import { reasonToWithhold } from "./withhold.ts";

export type RerankDeps = BudgetDeps & { readonly reranker: Reranker };

/** So many of the first hits change places. */
export const rerankedMost = 50;
/** An order is not worth waiting longer for. */
const patienceMs = 3000;
/** Of one passage: what answers stands in the first lines, and each byte is paid for with every question. */
const passageBytesMax = 4000;
const keptMost = 200;

/** Scores of the last questions, the oldest first: the next page is not paid for again. */
const kept = new Map<string, HitScores>();

/** The scores, or why there are none. */
export async function rerankHits(
  deps: RerankDeps,
  query: string,
  hits: readonly Hit[],
): Promise<HitScores | string> {
  // A passage that holds a secret keeps its place, as it is not sent.
  const open = hits.filter(({ snippet }) => reasonToWithhold(snippet) === undefined);
  if (open.length < 2) return new Map();
  const places = open.map(({ repository, path, startLine }) => placeOf(repository, path, startLine));
  const texts = open.map(({ path, snippet }) => `${path}\n${snippet.slice(0, passageBytesMax)}`);
  const key = JSON.stringify([deps.reranker.model.name, query, texts]);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const scores = await askFor(deps, query, texts);
  if (typeof scores === "string") return scores;
  const found = new Map<string, number>();
  for (const [at, place] of places.entries()) {
    const score = scores[at];
    if (score !== undefined) found.set(place, score);
  }
  keepNewest(kept, key, found, keptMost);
  return found;
}

async function askFor(
  deps: RerankDeps,
  query: string,
  texts: readonly string[],
): Promise<readonly (number | undefined)[] | string> {
  // Billed are the question once for each text, and the texts.
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(query) + Buffer.byteLength(text), 0);
  const { reranker } = deps;
  const asked = { question: query, bytes, who: "the reranker", reason: "rerank", patienceMs };
  const reply = await askOnce(deps, { purchase: reranker, ...asked }, (patience) =>
    reranker.rerank(query, texts, patience),
  );
  return typeof reply === "string" ? reply : reply.scores;
}
