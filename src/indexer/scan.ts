/** The scan: every file below a root with its size and time, and what can be left out without reading it. */
import { lstatSync, type Stats } from "node:fs";
import { sep } from "node:path";
import { largeText, type Skip, skipByKind, skipByName } from "./classify.ts";
import type { ListOptions } from "./file-list.ts";
import type { ScannedFile } from "./store.ts";
import { walkFiles } from "./walk.ts";

export { headCommit } from "./git-files.ts";

export interface ScanOptions extends ListOptions {
  /** Larger files are no source code, only text. Default: 1 MiB. */
  readonly maxFileBytes?: number;
  /** Larger files are skipped. Default: `maxFileBytes`. */
  readonly maxTextBytes?: number;
  /** Language id of a path. */
  readonly languageOf: (path: string) => string;
  /** Version of the extractor that reads a language. */
  readonly extractorOf: (language: string) => number;
  /** Hears how many files were looked at, and at the end how many there are. */
  readonly onProgress?: (files: number) => void;
}

const maxFileBytesDefault = 1024 * 1024;
/** About a millisecond's worth, after which an abort is heard. */
const filesAtOnce = 256;
const filesPerReport = 1000;

/**
 * All files below `root`, a real path of a folder, ordered by path. In a git work tree they are those that git lists;
 * elsewhere those that the ignore files leave. No symbolic link is followed. Rejects with the signal's reason when it
 * aborts, and with the system's error when the root itself cannot be read.
 */
export async function scanRepository(root: string, options: ScanOptions): Promise<ScannedFile[]> {
  const found = await walkFiles(root, options);
  const files: ScannedFile[] = [];
  const parseMax = options.maxFileBytes ?? maxFileBytesDefault;
  const add = (path: string, stats: Stats | undefined, skip: Skip | undefined) => {
    const language = (stats?.size ?? 0) > parseMax ? largeText : options.languageOf(path);
    const seen = { path, bytes: stats?.size ?? 0, mtimeMs: stats?.mtimeMs ?? 0, language };
    const file = { ...seen, extractor: options.extractorOf(language) };
    files.push(skip === undefined ? file : { ...file, skip });
    if (files.length % filesPerReport === 0) options.onProgress?.(files.length);
  };
  for (const { path, skip } of found.skipped) add(path, undefined, skip);
  for (const [index, path] of found.paths.entries()) {
    if (index % filesAtOnce === 0) await letOthersRun(options.signal);
    lookAt(root, path, options, add);
  }
  options.onProgress?.(files.length);
  return orderByPath(files);
}

/** Without waiting: 79,000 waits for `lstat` took 0.3 s with callbacks and 0.9 s with promises, against 0.17 s. */
function lookAt(
  root: string,
  path: string,
  options: ScanOptions,
  add: (path: string, stats: Stats | undefined, skip: Skip | undefined) => void,
): void {
  const full = root.endsWith(sep) ? root + path : root + sep + path;
  try {
    const stats = lstatSync(full, { throwIfNoEntry: false });
    if (stats === undefined) return;
    const limit = options.maxTextBytes ?? options.maxFileBytes ?? maxFileBytesDefault;
    add(path, stats, skipByKind(root, full, stats) ?? skipByName(path, stats.size, limit));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || code === "EMFILE" || code === "ENOMEM") throw error;
    if (code !== "ENOTDIR") add(path, undefined, { reason: "unreadable", detail: code });
  }
}

function letOthersRun(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    setImmediate(() => (signal?.aborted ? reject(signal.reason) : resolve()));
  });
}

/** By UTF-16 units, which is the same everywhere; two names that are shown alike count once. */
function orderByPath(files: ScannedFile[]): ScannedFile[] {
  files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return files.filter((file, index) => file.path !== files[index - 1]?.path);
}
