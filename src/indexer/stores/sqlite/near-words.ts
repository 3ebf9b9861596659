/** What counts beside the words of a question: words in the order they were written in, and other forms of them. */
import { formsOf, wordRuns } from "../../tokenize.ts";
import { bestRows } from "./full-text.ts";
import type { IndexFile } from "./index-file.ts";

/** Weights beside a BM25 score of the words themselves. */
const formWeight = 0.25;
const runWeight = 0.6;
/** A passage that has all of the runs scores so much more than the best one by words. */
const wholeRunWeight = 1.5;
const formRowsMax = 300;
/** A form that more chunks have tells little, and scoring a chunk takes a microsecond. */
const formShare = 0.02;
const formCommonMin = 300;
const formCommonMax = 4000;
const runRowsMax = 100;

/** What passages gain, by row. `best` is the highest score by words, `chunks` how many there are. */
export function nearScores(
  file: IndexFile,
  query: string,
  words: readonly string[],
  best: number,
  /** Fewer chunks than this must have a form: a common word tells nothing apart. */
  common: number,
  chunks: number,
): Map<number, number> {
  const gains = new Map<number, number>();
  const add = (rowid: number, gain: number) => gains.set(rowid, (gains.get(rowid) ?? 0) + gain);
  addForms(file, words, common, chunks, add);
  addRuns(file, wordRuns(query, words), best, chunks, add);
  return gains;
}

type Add = (rowid: number, gain: number) => void;

function addForms(file: IndexFile, words: readonly string[], common: number, chunks: number, add: Add): void {
  const most = Math.min(common, formCommonMax, Math.max(formCommonMin, chunks * formShare));
  const forms = new Set(words.flatMap(formsOf));
  const kept = [...forms].filter((form) => {
    const rows = words.includes(form) ? 0 : file.countRows(form, common, chunks);
    return rows > 0 && rows < most;
  });
  if (kept.length === 0) return;
  const rows = bestRows(file, kept.map((form) => `"${form}"`).join(" OR "), formRowsMax);
  for (const { rowid, bm25 } of rows) add(rowid, -bm25 * formWeight);
}

/** A rare run says more; one run may stand anywhere by chance, most of them only where the question was copied from. */
function addRuns(file: IndexFile, runs: readonly string[], best: number, chunks: number, add: Add): void {
  const counts = new Map<number, number>();
  for (const run of runs) {
    const rows = file.all<{ rowid: number }>(
      "SELECT rowid FROM passage WHERE passage MATCH ? LIMIT ?",
      `body : "${run}"`,
      runRowsMax,
    );
    const rarity = Math.log((chunks + 1) / (rows.length + 0.5));
    for (const { rowid } of rows) {
      counts.set(rowid, (counts.get(rowid) ?? 0) + 1);
      add(rowid, Math.max(0, rarity) * runWeight);
    }
  }
  for (const [rowid, count] of counts) {
    if (count >= Math.min(2, runs.length)) add(rowid, best * wholeRunWeight * (count / runs.length) ** 2);
  }
}
