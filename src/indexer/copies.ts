/**
 * Passages that say the same, out of several files: the best stays, and tells where the others are. Texts are read only
 * of those that look alike in what the ranking knows already, so that most questions read none.
 */
import type { RankedMatch } from "./rank.ts";
import { keepNewest } from "./remembering.ts";
import { indexTokens } from "./tokenize.ts";

/** A hit with the copies of it that ranked lower. */
export interface FoldedMatch extends RankedMatch {
  readonly copies: readonly RankedMatch["match"][];
}

/** Further down nothing is folded: what nobody looks at is not worth reading. */
const foldedMax = 30;
/** Copies differ at most so much in their lines and in their scores by words. */
const linesShare = 0.2;
const scoreShare = 0.15;
/** Shorter passages are alike by chance. */
const linesMin = 4;
/** The share of runs of three tokens that both have. */
const sharedMin = 0.8;
/** Passages whose runs are remembered: the same ones are candidates again and again. */
const passagesKept = 500;

const runsKept = new Map<string, ReadonlySet<number>>();

export function foldCopies(
  ranked: readonly RankedMatch[],
  read: (match: RankedMatch["match"]) => string | undefined,
): FoldedMatch[] {
  const runsOf = ({ match }: RankedMatch) => {
    const key = `${match.blobHash} ${match.chunk.startByte} ${match.chunk.endByte}`;
    const known = runsKept.get(key) ?? runsIn(read(match) ?? "");
    keepNewest(runsKept, key, known, passagesKept);
    return known;
  };
  const kept: { entry: RankedMatch; copies: RankedMatch["match"][] }[] = [];
  for (const [place, entry] of ranked.entries()) {
    const same =
      place < foldedMax
        ? kept.find(
            (one) =>
              isSame(one.entry, entry) || (looksAlike(one.entry, entry) && isNear(runsOf, one.entry, entry)),
          )
        : undefined;
    if (same === undefined) kept.push({ entry, copies: [] });
    else same.copies.push(entry.match);
  }
  return kept.map(({ entry, copies }) => ({ ...entry, copies }));
}

/** The same bytes under another path. */
function isSame({ match: a }: RankedMatch, { match: b }: RankedMatch): boolean {
  return (
    a.repository === b.repository &&
    a.blobHash === b.blobHash &&
    a.chunk.startByte === b.chunk.startByte &&
    a.path !== b.path
  );
}

function looksAlike(a: RankedMatch, b: RankedMatch): boolean {
  if (a.match.repository !== b.match.repository || a.match.path === b.match.path) return false;
  if (a.best?.name !== b.best?.name || a.best?.kind !== b.best?.kind) return false;
  const [linesA, linesB] = [linesOf(a), linesOf(b)];
  return (
    Math.min(linesA, linesB) >= linesMin &&
    Math.abs(linesA - linesB) <= linesShare * Math.max(linesA, linesB) &&
    Math.abs(a.match.score - b.match.score) <= scoreShare * Math.max(a.match.score, b.match.score)
  );
}

const linesOf = ({ match: { chunk } }: RankedMatch) => chunk.endLine - chunk.startLine + 1;

function isNear(
  runsOf: (entry: RankedMatch) => ReadonlySet<number>,
  one: RankedMatch,
  other: RankedMatch,
): boolean {
  const [a, b] = [runsOf(one), runsOf(other)];
  let shared = 0;
  for (const run of a) if (b.has(run)) shared += 1;
  return shared > 0 && shared >= sharedMin * (a.size + b.size - shared);
}

/** Runs of three tokens, as numbers of 32 bits: two that share one by chance change nothing. */
function runsIn(text: string): ReadonlySet<number> {
  const runs = new Set<number>();
  let [first, second] = [0, 0];
  const tokens = indexTokens(text).split(" ").map(numberOf);
  for (const [at, token] of tokens.entries()) {
    if (at >= 2 || at === tokens.length - 1) runs.add(mixed(mixed(first, second), token));
    [first, second] = [second, token];
  }
  return runs;
}

/** FNV-1a. */
function numberOf(token: string): number {
  let number = 0x811c9dc5;
  for (let at = 0; at < token.length; at += 1) number = mixed(number, token.charCodeAt(at));
  return number;
}

const mixed = (number: number, next: number) => Math.imul(number ^ next, 0x01000193);
