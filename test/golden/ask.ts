/** Asks kept questions: indexes a folder within this process and says at which rank the file that answers is found. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { extractFile } from "../../src/indexer/extract-file.ts";
import { indexBatch, planOrPublish } from "../../src/indexer/pipeline.ts";
import { searchCode } from "../../src/indexer/search.ts";
import type { IndexStore } from "../../src/indexer/store.ts";
import { findSymbol } from "../../src/indexer/symbols.ts";

export interface Question {
  readonly question: string;
  readonly file: string;
  readonly kind: "symbol" | "phrase" | "concept";
}

export interface Rank extends Question {
  /** From 1, counted in files; null where the file is not among the hits. */
  readonly search: number | null;
  /** The same for `find_symbol`; undefined for a question that is no name. */
  readonly symbol: number | null | undefined;
}

export interface Quality {
  readonly hit1: number;
  readonly hit5: number;
  readonly mrr: number;
}

export const here = fileURLToPath(new URL(".", import.meta.url));
const limits = { maxFileBytes: 1024 * 1024, parseLimitMs: 10_000, concurrency: 1 };

export function readQuestions(file: string): Question[] {
  return JSON.parse(readFileSync(join(here, file), "utf8")) as Question[];
}

/** Indexes all of a folder and returns the repository's name. */
export async function indexFolder(store: IndexStore, root: string): Promise<string> {
  const signal = new AbortController().signal;
  const context = { run: "golden", signal, report: () => {}, isolate: false, extract: extractFile };
  for (;;) {
    const outcome = await planOrPublish(store, root, limits, context);
    if ("published" in outcome) return outcome.published.repository;
    for (const batch of outcome.batches) await indexBatch(store, root, batch, limits, context);
  }
}

export function rankOf(store: IndexStore, repository: string, asked: Question): Rank {
  const { question, file, kind } = asked;
  const { hits } = searchCode(store, { query: question, repository, limit: 100 });
  const search = placeOf(file, hits);
  if (kind !== "symbol") return { ...asked, search, symbol: undefined };
  const { definitions } = findSymbol(store, { name: question, repository, limit: 100 });
  return { ...asked, search, symbol: placeOf(file, definitions) };
}

function placeOf(file: string, found: readonly { readonly path: string }[]): number | null {
  const place = [...new Set(found.map(({ path }) => path))].indexOf(file);
  return place === -1 ? null : place + 1;
}

export function qualityOf(ranks: readonly (number | null)[]): Quality {
  const share = (most: number) => ranks.filter((rank) => rank !== null && rank <= most).length / ranks.length;
  const reciprocal = ranks.reduce<number>((sum, rank) => sum + (rank === null ? 0 : 1 / rank), 0);
  return { hit1: share(1), hit5: share(5), mrr: reciprocal / ranks.length };
}
