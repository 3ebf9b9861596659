/** The full text: its best rows for a question, and its segments, each of which every question looks into. */
import type { IndexFile } from "./index-file.ts";

export interface RankedRow {
  readonly rowid: number;
  /** BM25, negative: the least is best. */
  readonly bm25: number;
}

/**
 * Names count five times. Asking for `bm25` instead of the table's own `rank` lets SQLite keep the best rows only: FTS5
 * sorts all of them by `rank`, with their positions (11.1 ms against 7.0 for 5,000 rows).
 */
export function bestRows(file: IndexFile, expression: string, limit: number): RankedRow[] {
  return file.all<RankedRow>(
    "SELECT rowid, bm25(passage, 5.0, 1.0) AS bm25 FROM passage WHERE passage MATCH ? ORDER BY 2, 1 LIMIT ?",
    expression,
    limit,
  );
}

/** A first run leaves some fifteen, a saved file one; FTS5 itself merges eight that are alike. */
const segmentsMin = 8;
/** Pages of 8 KB a transaction, so that other writers wait for a tenth of a second. */
const pagesAtOnce = 1000;

/** For the whole kernel's text some forty are needed: where so many did not do, something else is at work. */
const turnsMax = 1000;

/** Makes one segment of many: a tenth of a question's time for a hundredth of a first run's. */
export function mergeSegments(file: IndexFile): void {
  if (countSegments(file) < segmentsMin) return;
  for (let turn = 0; turn < turnsMax && countSegments(file) > 1; turn += 1) {
    // A negative number begins to merge all segments, whatever their size; the next turns go on with that.
    const pages = turn === 0 ? -pagesAtOnce : pagesAtOnce;
    file.write(() => file.run("INSERT INTO passage(passage, rank) VALUES ('merge', ?)", pages));
  }
}

function countSegments(file: IndexFile): number {
  return file.get<{ n: number }>("SELECT count(DISTINCT segid) AS n FROM passage_idx")?.n ?? 0;
}
