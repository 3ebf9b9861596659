/** A file's text as lines, and where its characters stand in UTF-8 bytes. It knows nothing of languages. */

export interface SourceText {
  readonly text: string;
  /** Index in `text` where each line starts; a last entry holds the text's length. Lines end at `\n` only. */
  readonly lineStarts: Int32Array;
  readonly lines: number;
  /** UTF-8 byte offset of an index in `text`. */
  toByte(index: number): number;
  /** The line, from 0, that an index stands on. */
  rowOf(index: number): number;
}

const lineFeed = 10;

export function readSourceText(text: string): SourceText {
  const lineStarts = findLineStarts(text);
  const lines = lineStarts.length - 1;
  const rowOf = (index: number) => findRow(lineStarts, lines, index);
  // Most source files are ASCII: there an index is a byte offset already.
  if (Buffer.byteLength(text) === text.length) {
    return { text, lineStarts, lines, toByte: (index) => index, rowOf };
  }
  const marks = markBytes(text);
  const toByte = (index: number) => {
    const mark = index >> markShift;
    return (marks[mark] as number) + countBytes(text, mark << markShift, index);
  };
  return { text, lineStarts, lines, toByte, rowOf };
}

/** Every so many UTF-16 units the byte offset is noted, so that one look-up never reads more than that. */
const markShift = 9;

function markBytes(text: string): Int32Array {
  const marks = new Int32Array((text.length >> markShift) + 1);
  for (let mark = 1; mark < marks.length; mark++) {
    marks[mark] = (marks[mark - 1] as number) + countBytes(text, (mark - 1) << markShift, mark << markShift);
  }
  return marks;
}

/** UTF-8 bytes of a range; the four of a surrogate pair are counted with its first half. */
function countBytes(text: string, start: number, end: number): number {
  let bytes = end - start;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else if (code < 0xd800 || code > 0xdfff) bytes += 2;
    else bytes += code < 0xdc00 ? 3 : -1;
  }
  return bytes;
}

function findLineStarts(text: string): Int32Array {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0 && at + 1 < text.length; at = text.indexOf("\n", at + 1)) {
    starts.push(at + 1);
  }
  starts.push(text.length);
  return Int32Array.from(starts);
}

function findRow(lineStarts: Int32Array, lines: number, index: number): number {
  let low = 0;
  let high = lines - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] as number) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where the text of a line ends: before its line feed and a carriage return. */
export function endOfLine(source: SourceText, row: number): number {
  let end = source.lineStarts[row + 1] as number;
  if (end > (source.lineStarts[row] as number) && source.text.charCodeAt(end - 1) === lineFeed) end--;
  if (end > (source.lineStarts[row] as number) && source.text.charCodeAt(end - 1) === 13) end--;
  return end;
}

/** Index of the first character of a line that is not a blank, or -1 for a blank line. */
export function firstNonBlank(source: SourceText, row: number): number {
  const end = source.lineStarts[row + 1] as number;
  for (let at = source.lineStarts[row] as number; at < end; at++) {
    if (!isBlank(source.text.charCodeAt(at))) return at;
  }
  return -1;
}

/** What `String.prototype.trim` removes. */
export function isBlank(code: number): boolean {
  if (code <= 32) return code === 32 || (code >= 9 && code <= 13);
  return code === 0xa0 || code === 0xfeff || (code >= 0x1680 && /\s/.test(String.fromCharCode(code)));
}
