/** Reads one source file so that nothing outside the root, no pipe and nothing unreadable as text gets through. */
import { isUtf8 } from "node:buffer";
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
} from "node:fs";
import { sep } from "node:path";
import type { Skip } from "./classify.ts";
import { classifyLink, isInside } from "./classify.ts";
import { skipByText } from "./classify-text.ts";
import { maskSecrets } from "./mask-secrets.ts";

export interface ReadLimits {
  /** Larger files are skipped. */
  readonly maxFileBytes: number;
}

/** A file's bytes as they are on disk and its text without a byte order mark and secrets, or why it is left out. */
export type SourceFile =
  | { readonly bytes: Buffer; readonly text: string; readonly mtimeMs: number; readonly masked?: string }
  | { readonly skip: Skip; readonly mtimeMs: number };

/** Opening a pipe must not wait, a link must not be followed, and a terminal must not become ours. */
const openFlags =
  constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/**
 * Reads `path`, relative to `root`, which is a real path. Never throws for what a file or its folder may be: that is
 * a skip with its reason. Synchronous, as it serves processes that do one thing at a time.
 */
export function readSource(root: string, path: string, limits: ReadLimits): SourceFile {
  const source = readOnce(root, path, limits);
  // An editor that saves by renaming takes the open file away, and leaves a new one in its place.
  return "skip" in source && source.skip.reason === "vanished" ? readOnce(root, path, limits) : source;
}

function readOnce(root: string, path: string, limits: ReadLimits): SourceFile {
  const opened = openSource(root, path, limits);
  if ("skip" in opened) return opened;
  const { file, stats, full } = opened;
  const { mtimeMs } = stats;
  try {
    const bytes = readUpTo(file, stats.size, limits.maxFileBytes);
    if (bytes === undefined) return { skip: tooLarge(limits.maxFileBytes + 1), mtimeMs };
    const decoded = decodeSource(bytes);
    if ("skip" in decoded) return { skip: decoded.skip, mtimeMs };
    const refusal = skipByText(path, decoded.text);
    return refusal === undefined
      ? { bytes, ...maskSecrets(decoded.text), mtimeMs }
      : { skip: refusal, mtimeMs };
  } catch (error) {
    return { skip: skipByError(error, root, full), mtimeMs: 0 };
  } finally {
    closeSync(file);
  }
}

/** A regular file that is really in the root, open for the caller to close; `full` is its absolute path. */
export function openSource(
  root: string,
  path: string,
  limits: ReadLimits,
):
  | { readonly file: number; readonly stats: Stats; readonly full: string }
  | { readonly skip: Skip; readonly mtimeMs: number } {
  const full = root.endsWith(sep) ? root + path : `${root}${sep}${path}`;
  let file: number | undefined;
  try {
    file = openSync(full, openFlags);
    const stats = fstatSync(file);
    const skip = skipByStats(stats, limits) ?? skipByPlace(root, full, file, stats);
    if (skip === undefined) return { file, stats, full };
    closeSync(file);
    return { skip, mtimeMs: stats.mtimeMs };
  } catch (error) {
    if (file !== undefined) closeSync(file);
    return { skip: skipByError(error, root, full), mtimeMs: 0 };
  }
}

function skipByStats(stats: Stats, limits: ReadLimits): Skip | undefined {
  if (!stats.isFile()) return { reason: "not_a_file" };
  return stats.size > limits.maxFileBytes ? tooLarge(stats.size) : undefined;
}

/** Asks where the open file really is, as a folder on the way may have become a link since the scan. */
function skipByPlace(root: string, full: string, file: number, stats: Stats): Skip | undefined {
  if (stats.nlink === 0) return { reason: "vanished" };
  let real: string;
  try {
    real = readlinkSync(`/proc/self/fd/${file}`);
  } catch {
    real = realpathSync.native(full);
    const there = lstatSync(real);
    if (there.ino !== stats.ino || there.dev !== stats.dev) return { reason: "vanished" };
  }
  if (real === full) return undefined;
  if (!isInside(root, real)) return { reason: "outside_root" };
  return { reason: realpathSync.native(full) === full ? "vanished" : "symlink" };
}

/** All bytes of the file, or undefined when there are more than `maxBytes`: it may have grown since `fstat`. */
function readUpTo(file: number, size: number, maxBytes: number): Buffer | undefined {
  let buffer = Buffer.allocUnsafe(Math.min(size, maxBytes) + 1);
  let length = 0;
  for (;;) {
    const count = readSync(file, buffer, length, buffer.length - length, null);
    length += count;
    if (length > maxBytes) return undefined;
    if (count === 0) return buffer.subarray(0, length);
    if (length === buffer.length) {
      const larger = Buffer.allocUnsafe(Math.min(maxBytes + 1, Math.max(65_536, buffer.length * 2)));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
  }
}

/** The text of UTF-8, or of UTF-16 with its mark. */
export function decodeSource(bytes: Buffer): { readonly text: string } | { readonly skip: Skip } {
  const utf16 = decodeUtf16(bytes);
  if (utf16 !== undefined) return utf16;
  if (bytes.includes(0)) return { skip: { reason: "binary", detail: "NUL byte" } };
  if (!isUtf8(bytes)) return { skip: { reason: "not_utf8" } };
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return { text: bytes.toString("utf8", marked ? 3 : 0) };
}

function decodeUtf16(bytes: Buffer): { readonly text: string } | { readonly skip: Skip } | undefined {
  const little = bytes[0] === 0xff && bytes[1] === 0xfe;
  if (!little && !(bytes[0] === 0xfe && bytes[1] === 0xff)) return undefined;
  try {
    const text = new TextDecoder(little ? "utf-16le" : "utf-16be", { fatal: true }).decode(bytes);
    return text.includes("\0") ? { skip: { reason: "binary", detail: "NUL character" } } : { text };
  } catch {
    return { skip: { reason: "not_utf8" } };
  }
}

export function skipByError(error: unknown, root: string, full: string): Skip {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined || code === "EMFILE" || code === "ENFILE" || code === "ENOMEM") throw error;
  if (code === "ENOENT" || code === "ENOTDIR") return { reason: "vanished" };
  if (code === "ELOOP" || code === "EMLINK") return classifyLink(root, full);
  if (code === "ENXIO" || code === "EISDIR" || code === "ENODEV") return { reason: "not_a_file" };
  return { reason: "unreadable", detail: code };
}

function tooLarge(bytes: number): Skip {
  return { reason: "too_large", detail: `${bytes} bytes` };
}
