/** Which of a question's words the full text is asked for, and which chunks are scored for them. */
import { matchExpression, queryTerms, type TextQuery } from "../../tokenize.ts";
import type { IndexFile } from "./index-file.ts";

const rowsScoredMax = 40_000;
/** A word in more than this share of all chunks tells nothing apart. */
const commonShare = 0.1;
/** So many chunks with a rare word leave no place on the first pages to those that have common words only. */
const neededRows = 300;
/** Of the chunks that have a word, where they are more than this, those count that are named so. */
const namedFrom = 5000;

interface Size {
  readonly chunks: number;
  /** From how many chunks on a word is common. */
  readonly common: number;
}

/** Expressions for the full text; empty where nothing is asked. */
export interface Asked {
  /** Every chunk that has one of the words. */
  readonly whole: string;
  /** Those of them that can be among the first: each scored by all of the words, as in `whole`. */
  readonly best: string;
  /** By which these are told. */
  readonly rare: string;
}

export function sizeOf(file: IndexFile): Size {
  const chunks = file.get<{ id: number }>("SELECT max(id) AS id FROM blob")?.id ?? 0;
  return { chunks, common: Math.min(rowsScoredMax, Math.max(1000, Math.floor(chunks * commonShare))) };
}

/** Also words that only another snapshot of this file has are known: that is nothing to correct. */
export function unknownWordsIn(file: IndexFile, query: string): string[] {
  const { chunks, common } = sizeOf(file);
  return queryTerms(query).words.filter((word) => file.countRows(word, common, chunks) === 0);
}

/** Scoring takes a microsecond a chunk, passing over one a tenth of that. */
export function readAsked(file: IndexFile, terms: TextQuery, size: Size): Asked {
  const words = tellingWords(file, terms.words, size);
  const whole = matchExpression({ ...terms, words: words.map(({ word }) => word) });
  const needed: string[] = terms.phrases.map((phrase) => `"${phrase.join(" ")}"`);
  const common: string[] = [];
  let rows = 0;
  for (const one of words) {
    if (rows >= neededRows) common.push(one.word);
    else if (one.rows < namedFrom) needed.push(`"${one.word}"`);
    else {
      const named = file.countRows(one.word, neededRows, size.chunks, "name");
      needed.push(named < neededRows ? `"${one.word}"` : `name : "${one.word}"`);
      if (named >= neededRows) common.push(one.word);
    }
    rows += one.rows;
  }
  if (common.length === 0) return { whole, best: whole, rare: whole };
  const others = matchExpression({ words: common, identifiers: [], phrases: [] });
  const rare = needed.join(" OR ");
  return { whole, best: `(${whole}) NOT ((${others}) NOT (${rare}))`, rare };
}

/**
 * The rarest words say most, so the others are left out as soon as the rows would be too many; what they add in rank is
 * little. The rarest first.
 */
function tellingWords(
  file: IndexFile,
  words: readonly string[],
  { chunks, common }: Size,
): { readonly word: string; readonly rows: number }[] {
  const counted = words.map((word) => ({ word, rows: file.countRows(word, common, chunks) }));
  counted.sort((a, b) => a.rows - b.rows);
  let rows = 0;
  return counted.filter((one, index) => {
    rows += one.rows;
    return index < 2 || (rows <= rowsScoredMax && one.rows < common);
  });
}
