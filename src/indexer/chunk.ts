/**
 * Cuts a file into chunks: passages of bounded size that begin where something begins. It works on lines; where a
 * syntax tree is at hand, `chunk-tree.ts` says on which lines something begins.
 */
import { isHighSurrogate } from "./extract-text.ts";
import { endOfLine, firstNonBlank, type SourceText } from "./source-text.ts";
import type { Chunk } from "./symbol.ts";

/** Neighbours are merged up to this many bytes. */
export const chunkBytesGoal = 1_500;
/** What is larger is opened: cut between its parts. */
export const chunkBytesOpen = 2_000;
/** No chunk is larger. */
export const chunkBytesMax = 3_000;
/** A chunk at least this large is closed where its class or function ends. */
const chunkBytesMin = 400;

/** How strongly a line asks for a cut before it; `none` lines stay with the line above. */
export const cut = { none: 0, inner: 1, outer: 2, open: 3 } as const;

/** A half-open range of indexes in the text, and the bytes in it. */
interface Passage {
  start: number;
  end: number;
  bytes: number;
}

/** For text without a grammar: a cut is welcome at every line that follows a blank one. */
export function paragraphCuts(source: SourceText): Uint8Array {
  const cuts = new Uint8Array(source.lines);
  let afterBlank = false;
  for (let row = 0; row < source.lines; row++) {
    const isBlankLine = firstNonBlank(source, row) < 0;
    if (!isBlankLine && afterBlank) cuts[row] = cut.inner;
    afterBlank = isBlankLine;
  }
  return cuts;
}

/**
 * Chunks in order, without overlap, covering all text that is not blank. `nameStarts` are the indexes where the
 * names of the file's definitions start.
 */
export function chunkLines(source: SourceText, cuts: Uint8Array, nameStarts: readonly number[]): Chunk[] {
  const passages: Passage[] = [];
  let current: Passage = { start: 0, end: 0, bytes: 0 };
  for (let row = 0; row < source.lines; ) {
    const next = nextCut(cuts, row + 1, source.lines);
    const block = readPassage(source, source.lineStarts[row] as number, source.lineStarts[next] as number);
    if (isCutHere(current, block, cuts[row] as number)) {
      keep(passages, current);
      current = { start: block.start, end: block.start, bytes: 0 };
    }
    if (block.bytes > chunkBytesOpen) current = cutBlock(source, row, next, current, passages);
    else current = { start: current.start, end: block.end, bytes: current.bytes + block.bytes };
    row = next;
  }
  keep(passages, current);
  return describe(source, passages, nameStarts);
}

function nextCut(cuts: Uint8Array, from: number, lines: number): number {
  let row = from;
  while (row < lines && cuts[row] === cut.none) row++;
  return row;
}

function readPassage(source: SourceText, start: number, end: number): Passage {
  return { start, end, bytes: source.toByte(end) - source.toByte(start) };
}

function isCutHere(current: Passage, block: Passage, strength: number): boolean {
  if (current.bytes === 0) return false;
  if (current.bytes + block.bytes > chunkBytesGoal || strength === cut.open) return true;
  return strength === cut.outer && current.bytes >= chunkBytesMin;
}

/** Cuts what has no cuts of its own at line ends, adding to `current` first; answers the passage left open. */
function cutBlock(
  source: SourceText,
  first: number,
  end: number,
  current: Passage,
  kept: Passage[],
): Passage {
  let open = current;
  for (let row = first; row < end; row++) {
    const line = readPassage(source, source.lineStarts[row] as number, source.lineStarts[row + 1] as number);
    if (open.bytes > 0 && open.bytes + line.bytes > chunkBytesGoal) {
      keep(kept, open);
      open = { start: line.start, end: line.start, bytes: 0 };
    }
    if (line.bytes > chunkBytesOpen) open = cutLine(source, row, kept);
    else open = { start: open.start, end: line.end, bytes: open.bytes + line.bytes };
  }
  return open;
}

/** Cuts inside a line, never inside a character; answers what is left of it. */
function cutLine(source: SourceText, row: number, kept: Passage[]): Passage {
  const end = source.lineStarts[row + 1] as number;
  let start = source.lineStarts[row] as number;
  for (;;) {
    // An index of the text stands for three bytes at most: half of the goal always fits.
    const piece = source.text.slice(start, Math.min(end, start + chunkBytesGoal));
    const length = fitting(piece, chunkBytesGoal);
    const bytes = Buffer.byteLength(length === piece.length ? piece : piece.slice(0, length));
    if (start + length >= end) return { start, end, bytes };
    keep(kept, { start, end: start + length, bytes });
    start += length;
  }
}

/** How many of the piece's first UTF-16 units take at most `maxBytes`, without half of a pair at the end. */
function fitting(piece: string, maxBytes: number): number {
  let bytes = 0;
  let at = 0;
  while (at < piece.length) {
    const code = piece.codePointAt(at) as number;
    const width = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes + width > maxBytes) break;
    bytes += width;
    at += width === 4 ? 2 : 1;
  }
  // The piece itself may end inside a pair; its first half is then left to the next one.
  if (at > 1 && isHighSurrogate(piece.charCodeAt(at - 1))) at--;
  return at;
}

function keep(kept: Passage[], passage: Passage): void {
  if (passage.end > passage.start) kept.push(passage);
}

/** Takes blank lines off both ends of each passage and finds the definitions in it. */
function describe(source: SourceText, passages: readonly Passage[], nameStarts: readonly number[]): Chunk[] {
  const byName = nameStarts
    .map((_, index) => index)
    .sort((a, b) => startAt(nameStarts, a) - startAt(nameStarts, b));
  const chunks: Chunk[] = [];
  let next = 0;
  for (const passage of passages) {
    const definitions: number[] = [];
    while (next < byName.length && startAt(nameStarts, byName[next]) < passage.end) {
      definitions.push(byName[next] as number);
      next++;
    }
    const chunk = trimPassage(
      source,
      passage,
      definitions.sort((a, b) => a - b),
    );
    if (chunk !== undefined) chunks.push(chunk);
  }
  return chunks;
}

function startAt(nameStarts: readonly number[], index: number | undefined): number {
  return nameStarts[index as number] as number;
}

function trimPassage(
  source: SourceText,
  passage: Passage,
  definitions: readonly number[],
): Chunk | undefined {
  let first = source.rowOf(passage.start);
  let last = source.rowOf(passage.end - 1);
  while (first <= last && firstNonBlankIn(source, first, passage) < 0) first++;
  while (last >= first && firstNonBlankIn(source, last, passage) < 0) last--;
  if (first > last) return undefined;
  return {
    startLine: first + 1,
    endLine: last + 1,
    startByte: source.toByte(Math.max(passage.start, source.lineStarts[first] as number)),
    endByte: source.toByte(Math.min(passage.end, endOfLine(source, last))),
    definitions,
  };
}

function firstNonBlankIn(source: SourceText, row: number, passage: Passage): number {
  const start = source.lineStarts[row] as number;
  if (start >= passage.start && endOfLine(source, row) <= passage.end) return firstNonBlank(source, row);
  const end = Math.min(passage.end, source.lineStarts[row + 1] as number);
  const inside = source.text.slice(Math.max(passage.start, start), end);
  return inside.trim() === "" ? -1 : start;
}
