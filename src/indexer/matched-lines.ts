/** The lines that matches stand on, with their numbers, and how they are shown. */
import type { Span } from "./regex-engine.ts";

/** Whole lines with at least one match. Lines count from 1 and are inclusive; bytes are half-open. */
export interface LineRange {
  readonly startLine: number;
  readonly endLine: number;
  /** From the beginning of the first line to the end of the last one, without its line feed. */
  readonly startByte: number;
  readonly endByte: number;
  /** Where the first match begins. */
  readonly matchByte: number;
}

/** What an answer shows of a range. */
export interface ShownLines {
  /** In UTF-16 units from 1, as editors count. */
  readonly column: number;
  readonly snippet: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

const lineFeed = 10;
/** Lines of generated code may have megabytes. */
const snippetMax = 4000;
const contextLineMax = 400;

/** Matches on one line, or on lines that overlap, are one range. `spans` are sorted. */
export function linesOf(utf8: Buffer, spans: readonly Span[]): LineRange[] {
  const ranges: LineRange[] = [];
  let line = 1;
  let lineStart = 0;
  let next = utf8.indexOf(lineFeed);
  /** Goes to the line that has the byte. */
  const goTo = (byte: number) => {
    while (next >= 0 && next < byte) {
      line += 1;
      lineStart = next + 1;
      next = utf8.indexOf(lineFeed, lineStart);
    }
  };
  for (const { start, end } of spans) {
    goTo(start);
    const begin = { startLine: line, startByte: lineStart, matchByte: start };
    goTo(Math.max(start, end - 1));
    const finish = { endLine: line, endByte: next < 0 ? utf8.length : next };
    const last = ranges.at(-1);
    if (last !== undefined && begin.startLine <= last.endLine)
      ranges[ranges.length - 1] = { ...last, ...finish };
    else ranges.push({ ...begin, ...finish });
  }
  return ranges;
}

export function showLines(utf8: Buffer, range: LineRange, context: number): ShownLines {
  const { startByte, endByte, matchByte } = range;
  const column = utf8.toString("utf8", startByte, matchByte).length;
  return {
    column: column + 1,
    snippet: cutAround(utf8.toString("utf8", startByte, endByte), column, snippetMax),
    before: linesBefore(utf8, startByte, context),
    after: linesAfter(utf8, endByte, context),
  };
}

function linesBefore(utf8: Buffer, byte: number, count: number): string[] {
  const lines: string[] = [];
  let end = byte - 1;
  while (lines.length < count && end >= 0) {
    const start = end === 0 ? 0 : utf8.lastIndexOf(lineFeed, end - 1) + 1;
    lines.unshift(cutAround(utf8.toString("utf8", start, end), 0, contextLineMax));
    end = start - 1;
  }
  return lines;
}

function linesAfter(utf8: Buffer, byte: number, count: number): string[] {
  const lines: string[] = [];
  let start = byte + 1;
  while (lines.length < count && start < utf8.length) {
    const feed = utf8.indexOf(lineFeed, start);
    const end = feed < 0 ? utf8.length : feed;
    lines.push(cutAround(utf8.toString("utf8", start, end), 0, contextLineMax));
    start = end + 1;
  }
  return lines;
}

/** At most `most` units, among them those at `unit`. */
function cutAround(text: string, unit: number, most: number): string {
  if (text.length <= most) return text;
  const start = Math.max(0, Math.min(unit - most / 4, text.length - most));
  const cut = text.slice(start, start + most);
  return `${start > 0 ? "…" : ""}${cut}${start + most < text.length ? "…" : ""}`;
}
