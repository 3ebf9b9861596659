/** Exact hits as text: lines with their numbers, grouped by file, within a budget of bytes. */
import type { ExactHit } from "../indexer/search-exact.ts";
import { cleanLines, cutText, lineLimit, showPath, stripUnseen } from "./text.ts";

/** Bytes of one answer, unasked: about 4,000 tokens. */
export const exactBudget = 15_000;
const linesMax = 12;

export interface ExactText {
  readonly text: string;
  /** How many of the hits, from the first, fitted; at least one. */
  readonly shown: number;
}

/** As grep writes: `12:` before a line with a match, `11-` before one around it, `--` between places apart. */
export function writeExactHits(
  hits: readonly ExactHit[],
  options: { readonly nameRepository: boolean; readonly budget?: number },
): ExactText {
  const { budget = exactBudget } = options;
  const lines: string[] = [];
  let bytes = 0;
  let shown = 0;
  let group = "";
  let lastLine = 0;
  for (const hit of hits) {
    const header = options.nameRepository ? `${hit.repository}: ${showPath(hit.path)}` : showPath(hit.path);
    const isNew = header !== group;
    const entry = hitLines(hit, isNew ? 0 : lastLine);
    const isApart = !isNew && hit.before.length + hit.after.length > 0 && entry.first > lastLine + 1;
    const next = [...(isNew ? [header] : []), ...(isApart ? ["  --"] : []), ...entry.lines];
    const size = next.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    if (bytes + size > budget && shown > 0) break;
    lines.push(...next);
    bytes += size;
    shown += 1;
    group = header;
    lastLine = entry.last;
  }
  return { text: lines.join("\n"), shown };
}

/** Lines up to `done` were shown with the hit before. */
function hitLines(hit: ExactHit, done: number): { lines: string[]; first: number; last: number } {
  const matched = cleanMatched(hit);
  const numbered = [
    ...hit.before.map((text, index) => ({
      line: hit.startLine - hit.before.length + index,
      mark: "-",
      text,
    })),
    ...matched.map((text, index) => ({ line: hit.startLine + index, mark: ":", text })),
    ...hit.after.map((text, index) => ({ line: hit.endLine + 1 + index, mark: "-", text })),
  ];
  const left = numbered.filter(({ line, mark }) => mark === ":" || line > done);
  const lines = left.map(({ line, mark, text }) => `  ${line}${mark} ${cleanLines(text)[0] ?? ""}`);
  const rest = hit.endLine - hit.startLine + 1 - matched.length;
  if (rest > 0) lines.splice(lines.length - hit.after.length, 0, `  (${rest} more lines of this match)`);
  return { lines, first: left[0]?.line ?? 0, last: numbered.at(-1)?.line ?? 0 };
}

/** A long line is cut around the place where the match begins, not behind its start. */
function cleanMatched({ snippet, column }: ExactHit): string[] {
  const [first = "", ...others] = snippet.split("\n", linesMax);
  if (first.length <= lineLimit || column <= lineLimit / 2) return [first, ...others];
  const start = Math.min(column - lineLimit / 4, first.length - lineLimit);
  return [`…${cutText(stripUnseen(first.slice(Math.max(0, start))), lineLimit - 1)}`, ...others];
}
