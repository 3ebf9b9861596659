/**
 * Reads a file that is too large to be parsed, as text and in parts: no more than one of them is in memory. It knows
 * of the file what can be told line by line: that it is text, written by people, and holds no key.
 */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { closeSync, readSync } from "node:fs";
import { CambiumError } from "../errors.ts";
import { chunkLines, paragraphCuts } from "./chunk.ts";
import type { Skip } from "./classify.ts";
import { describeLines, longLine, skipByText } from "./classify-text.ts";
import { keyMaxChars, maskSecrets } from "./mask-secrets.ts";
import { openSource, skipByError } from "./read-file.ts";
import { readSourceText } from "./source-text.ts";
import type { TextPart } from "./store.ts";
import type { Chunk } from "./symbol.ts";

export interface LargeText {
  /** SHA-256 of the file's bytes, hexadecimal. */
  readonly hash: string;
  readonly bytes: number;
  readonly mtimeMs: number;
  /** What is masked in its parts, in words; undefined where nothing is. */
  readonly masked: string | undefined;
  /** Reads the file once more. Throws `unavailable` when its bytes are other ones by then. */
  parts(): Generator<TextPart>;
}

const partBytes = 1024 * 1024;
const lineFeed = 10;
/** Enough for headers and keys. */
const headBytes = 64 * 1024;
/** No token is longer: where a line has no end, so far back is looked for a place between two words. */
const wordBytes = 16 * 1024;

/** Never throws for what the file may be: that is a skip with its reason. */
export function readLarge(
  root: string,
  path: string,
  maxBytes: number,
): LargeText | { readonly skip: Skip; readonly mtimeMs: number } {
  const opened = openSource(root, path, { maxFileBytes: maxBytes });
  if ("skip" in opened) return opened;
  const { file, stats, full } = opened;
  const { mtimeMs } = stats;
  try {
    const looked = lookThrough(file, path, maxBytes);
    if ("skip" in looked) return { skip: looked.skip, mtimeMs };
    return { ...looked, mtimeMs, parts: () => readParts(root, path, maxBytes, looked.hash) };
  } catch (error) {
    return { skip: skipByError(error, root, full), mtimeMs: 0 };
  } finally {
    closeSync(file);
  }
}

function lookThrough(
  file: number,
  path: string,
  maxBytes: number,
): Pick<LargeText, "hash" | "bytes" | "masked"> | { readonly skip: Skip } {
  const hash = createHash("sha256");
  const found = new Map<string, number>();
  let masked: string | undefined;
  const sums = { length: 0, lines: 1, inLongLines: 0, line: 0 };
  for (const { bytes, isFirst } of readPieces(file)) {
    if (sums.length + bytes.length > maxBytes)
      return { skip: { reason: "too_large", detail: `more than ${maxBytes} bytes` } };
    if (isFirst && isUtf16(bytes)) return { skip: { reason: "too_large", detail: "UTF-16" } };
    if (bytes.includes(0)) return { skip: { reason: "binary", detail: "NUL byte" } };
    if (!isUtf8(bytes)) return { skip: { reason: "not_utf8" } };
    const refusal = isFirst ? skipByHead(path, bytes) : undefined;
    if (refusal !== undefined) return { skip: refusal };
    hash.update(bytes);
    addLines(sums, bytes);
    masked = maskSecrets(bytes.toString("utf8"), found).masked;
  }
  addLine(sums);
  const minified = describeLines(path, sums);
  if (minified !== undefined) return { skip: { reason: "minified", detail: minified } };
  return { hash: hash.digest("hex"), bytes: sums.length, masked };
}

/** What looks minified in its head may be one long line among many: lines are counted over the whole file. */
function skipByHead(path: string, bytes: Buffer): Skip | undefined {
  const refusal = skipByText(path, withoutMark(bytes).toString("utf8", 0, headBytes));
  return refusal?.reason === "minified" ? undefined : refusal;
}

interface LineSums {
  length: number;
  lines: number;
  inLongLines: number;
  /** Of the line that is not over. */
  line: number;
}

function addLines(sums: LineSums, bytes: Buffer): void {
  sums.length += bytes.length;
  let from = 0;
  for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, from)) {
    sums.line += end - from;
    sums.lines += 1;
    addLine(sums);
    from = end + 1;
  }
  sums.line += bytes.length - from;
}

function addLine(sums: LineSums): void {
  if (sums.line > longLine) sums.inLongLines += sums.line;
  sums.line = 0;
}

function* readParts(root: string, path: string, maxBytes: number, expected: string): Generator<TextPart> {
  const changed = () =>
    new CambiumError("unavailable", `${path} was changed while it was read; it is read again.`);
  const opened = openSource(root, path, { maxFileBytes: maxBytes });
  if ("skip" in opened) throw changed();
  try {
    const hash = createHash("sha256");
    let start = 0;
    let line = 0;
    for (const { bytes, isFirst } of readPieces(opened.file)) {
      hash.update(bytes);
      const plain = isFirst ? withoutMark(bytes) : bytes;
      const source = readSourceText(maskSecrets(plain.toString("utf8")).text);
      const chunks = chunkLines(source, paragraphCuts(source), []);
      yield { start, text: source.text, chunks: chunks.map((chunk) => moved(chunk, start, line)) };
      start += plain.length;
      line += plain.at(-1) === lineFeed ? source.lines : source.lines - 1;
    }
    if (hash.digest("hex") !== expected) throw changed();
  } finally {
    closeSync(opened.file);
  }
}

function moved(chunk: Chunk, bytes: number, lines: number): Chunk {
  return {
    startLine: chunk.startLine + lines,
    endLine: chunk.endLine + lines,
    startByte: chunk.startByte + bytes,
    endByte: chunk.endByte + bytes,
    definitions: [],
  };
}

const isUtf16 = (bytes: Buffer) =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** The file's bytes in pieces that end where a line does, or, in a line without an end, where a word or a character does. */
function* readPieces(file: number): Generator<{ readonly bytes: Buffer; readonly isFirst: boolean }> {
  const buffer = Buffer.allocUnsafe(partBytes);
  let held = 0;
  let isFirst = true;
  for (let at = 0; ; ) {
    const count = readSync(file, buffer, held, buffer.length - held, at);
    at += count;
    held += count;
    if (held === 0) return;
    const isLast = count === 0;
    if (held < buffer.length && !isLast) continue;
    const end = isLast ? held : pieceEnd(buffer);
    yield { bytes: buffer.subarray(0, end), isFirst };
    isFirst = false;
    if (isLast) return;
    buffer.copy(buffer, 0, end, held);
    held -= end;
  }
}

/** A key that is not over is left to the next piece: each is masked by itself. */
function pieceEnd(full: Buffer): number {
  const end = full.lastIndexOf(lineFeed) + 1 || wordEnd(full) || characterEnd(full);
  const tail = full.subarray(Math.max(0, end - keyMaxChars), end);
  const key = tail.lastIndexOf("-----BEGIN ");
  if (key < 0 || /-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY/.test(tail.toString("latin1", key))) return end;
  const begin = end - tail.length + key;
  return full.lastIndexOf(lineFeed, begin) + 1 || begin || end;
}

function wordEnd(full: Buffer): number {
  for (let end = full.length; end > full.length - wordBytes; end -= 1) {
    if (/[\s"'`,;<>()[\]{}]/.test(String.fromCharCode(full[end - 1] ?? 0))) return end;
  }
  return 0;
}

/** The bytes after the first of a character begin with the bits 10. */
function characterEnd(full: Buffer): number {
  let end = full.length - 1;
  while (end > full.length - 4 && ((full[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end;
}
