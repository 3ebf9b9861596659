/**
 * Compares what is stored of a repository with what indexing its files anew gave, which stands in a store of its own
 * beside the real one, and has what differs read again.
 */
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { CambiumError } from "../errors.ts";
import type { StepContext } from "./pipeline.ts";
import type { IndexStore } from "./store.ts";
import type { FileDigest, SnapshotDigest } from "./store-care.ts";

export type Difference = {
  /** Empty for the repository as a whole. */
  readonly path: string;
  /** What is not the same: `missing`, `unexpected`, `bytes`, `reason`, `content`, `passages`, `totals` and so on. */
  readonly what: readonly string[];
};

export type Comparison = {
  readonly differences: readonly Difference[];
  readonly differences_total: number;
  /** Files that changed on disk since they were indexed, or are yet to be read: the next run sees to them. */
  readonly stale: number;
  readonly files: number;
};

/** So many are listed; all are repaired. */
const listedMax = 500;
const listedBytesMax = 100_000;
/** Say something about the moment, not about the bytes. */
const passing: ReadonlySet<string> = new Set(["unreadable", "vanished", "parser_timeout"]);

/** Compares, and marks what differs so that the next run of the repository repairs it. */
export async function compareStores(
  store: IndexStore,
  beside: IndexStore,
  root: string,
  context: StepContext,
): Promise<Comparison> {
  const turn = (of: number) => async (files: number) => {
    await new Promise((resolve) => setImmediate(resolve));
    context.signal.throwIfAborted();
    context.report({ phase: "compare", done: Math.min(files, of), total: of });
  };
  const fresh = await beside.care.digest(nameOf(beside, root), turn(0));
  let repository: string;
  let stored: SnapshotDigest;
  try {
    repository = nameOf(store, root);
    stored = await store.care.digest(repository, turn(2 * fresh.files.size));
  } catch (error) {
    if (!(error instanceof CambiumError) || error.code !== "corrupt") throw error;
    // The store has marked the file: the next run begins it anew.
    return listed([{ path: "", what: ["damaged"] }], 0, fresh.files.size);
  }
  const found = compareDigests(stored, fresh, (path) => changedMs(join(root, path)));
  store.care.distrust(
    repository,
    found.differences.flatMap(({ path }) => (path === "" ? [] : [path])),
  );
  return listed(found.differences, found.stale, stored.files.size);
}

function nameOf(index: IndexStore, root: string): string {
  const status = index.repositories().find((one) => one.root === root);
  if (status !== undefined) return status.repository;
  // Throws why it cannot be read, if it may be there.
  index.repositories(root);
  throw new CambiumError(
    "not_found",
    `${root} is not in the index (any more). Index it with \`cambium index\`.`,
  );
}

function changedMs(path: string): number {
  try {
    return lstatSync(path).ctimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function listed(all: readonly Difference[], stale: number, files: number): Comparison {
  let bytes = 0;
  const shown = all.slice(0, listedMax).filter(({ path, what }) => {
    bytes += Buffer.byteLength(path) + what.join().length + 30;
    return bytes < listedBytesMax;
  });
  return { differences: shown, differences_total: all.length, stale, files };
}

/** `changedMs` tells when a path on disk was last changed in any way. */
export function compareDigests(
  stored: SnapshotDigest,
  fresh: SnapshotDigest,
  changedMs: (path: string) => number,
): { readonly differences: readonly Difference[]; readonly stale: number } {
  const differences: Difference[] = [];
  let stale = 0;
  for (const [path, now] of fresh.files) {
    const was = stored.files.get(path);
    if (was === undefined ? changedMs(path) > stored.scannedMs : isStale(was, now)) stale += 1;
    else {
      const what = was === undefined ? ["missing"] : compareFiles(was, now);
      if (what.length > 0) differences.push({ path, what });
    }
  }
  for (const [path, was] of stored.files) {
    // What is not on disk any more was deleted since; what is there but is no file of the repository is wrong.
    if (fresh.files.has(path)) continue;
    if (was.isPending || changedMs(path) > stored.scannedMs) stale += 1;
    else differences.push({ path, what: ["unexpected"] });
  }
  const isSettled = stale === 0 && differences.length === 0;
  const totals = Object.keys(fresh.totals).filter((name) => stored.totals[name] !== fresh.totals[name]);
  if (isSettled && totals.length > 0) differences.push({ path: "", what: ["totals", ...totals] });
  return { differences, stale };
}

/** Whether the next run would look at the file again of its own accord. */
function isStale(was: FileDigest, now: FileDigest): boolean {
  if (was.isPending || was.extractor !== now.extractor) return true;
  // An earlier comparison found a difference, and nobody has read the file since.
  if (was.bytes < 0) return false;
  // The same bytes have the same rows, whenever they were written.
  if (was.hash !== null && was.hash === now.hash) return false;
  if (passing.has(was.reason ?? "") || passing.has(now.reason ?? "")) return true;
  return was.mtimeMs !== now.mtimeMs || was.bytes !== now.bytes;
}

function compareFiles(was: FileDigest, now: FileDigest): string[] {
  if (was.reason !== now.reason || was.detail !== now.detail) return ["reason"];
  if (was.hash !== now.hash) return ["bytes"];
  const parts = new Set([...Object.keys(was.parts), ...Object.keys(now.parts)]);
  return [...parts].filter((part) => was.parts[part] !== now.parts[part]).sort();
}
