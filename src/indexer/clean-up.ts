/** Upkeep of the index: lets go of what nobody uses, keeps to the disk quota, gives room back and looks for damage. */
import { CambiumError } from "../errors.ts";
import type { BlobKey } from "./store.ts";
import type { StoreCare } from "./store-care.ts";
import type { VectorCare } from "./vector-care.ts";

export interface CareLimits {
  /** Snapshots that nobody used for so many days go; 0: none goes for its age. */
  readonly keepDays: number;
  /** The index may take so many bytes; 0: any. */
  readonly diskQuota: number;
}

export interface CleanUpContext {
  readonly signal: AbortSignal;
  report(progress: { readonly phase: string; readonly done: number; readonly total: number }): void;
}

export type CleanUpReport = {
  readonly dropped: readonly {
    readonly repository: string;
    readonly root: string;
    readonly used_at: string;
    readonly reason: "unused" | "quota";
  }[];
  readonly blobs_deleted: number;
  readonly leftovers_removed: number;
  /** Bought, and needed by nothing for as long as snapshots are kept. */
  readonly vectors_deleted: number;
  readonly damaged: readonly { readonly file: string; readonly problem: string }[];
  readonly bytes_before: number;
  readonly bytes: number;
  /** True where the index is still larger than the quota: nothing is left that may go. */
  readonly over_quota: boolean;
};

/** Opens the bought vectors, where there are any, and tells what still needs them. */
export interface VectorUse {
  readonly open: () => Promise<VectorCare | undefined>;
  readonly reached: () => Iterable<BlobKey>;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** What a task needs beside the index lives as long as the task; verifying the largest takes minutes. */
const leftoverMs = 6 * hourMs;
/** One that was begun so long ago and never published is nobody's work in progress. */
const indexingMs = dayMs;
/** 256 blobs keep the lock for 0.15 s. */
const blobsAtOnce = 256;

/**
 * One pass over all index files. Running it twice, or beside an index task, is harmless. Each step commits, so that an
 * abort, which is heard between steps, loses nothing.
 */
export async function cleanUp(
  care: StoreCare,
  limits: CareLimits,
  context: CleanUpContext,
  now = Date.now(),
  vectors?: VectorUse,
): Promise<CleanUpReport> {
  const bytesBefore = care.bytes();
  const leftovers = care.removeLeftovers(now - leftoverMs);
  const dropped = dropUnused(care, limits, now);
  const sums = { blobs: 0, damaged: [] as { file: string; problem: string }[] };
  const total = care.files().length;
  for (const [done, file] of care.files().entries()) {
    context.report({ phase: "clean", done, total });
    await cleanFile(care, file, context, sums);
  }
  dropped.push(...(await dropForQuota(care, limits, context, sums, now)));
  const vectorsDeleted = await cleanVectors(vectors, limits, context, now);
  const bytes = care.bytes();
  return {
    dropped,
    blobs_deleted: sums.blobs,
    leftovers_removed: leftovers.length,
    vectors_deleted: vectorsDeleted,
    damaged: sums.damaged,
    bytes_before: bytesBefore,
    bytes,
    over_quota: limits.diskQuota > 0 && bytes > limits.diskQuota,
  };
}

/** They were paid for: an index that is made again within that time finds them. */
async function cleanVectors(
  use: VectorUse | undefined,
  { keepDays }: CareLimits,
  { signal }: CleanUpContext,
  now: number,
): Promise<number> {
  const care = await use?.open();
  if (use === undefined || care === undefined) return 0;
  try {
    care.noteReached(use.reached(), now);
    let deleted = 0;
    for (let more = keepDays > 0; more; ) {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      const swept = care.sweep(now - keepDays * dayMs);
      deleted += swept.vectors;
      more = swept.more;
    }
    return deleted;
  } finally {
    care.close();
  }
}

type Dropped = CleanUpReport["dropped"][number];
type Sums = { blobs: number; damaged: { file: string; problem: string }[] };

function dropUnused(care: StoreCare, { keepDays }: CareLimits, now: number): Dropped[] {
  if (keepDays === 0) return [];
  const since = now - keepDays * dayMs;
  return care
    .snapshots()
    .filter(({ usedMs }) => usedMs <= since)
    .flatMap((one) => (care.drop(one.repository, since) ? [droppedFor(one, "unused")] : []));
}

/** The least recently used go first; never one that is being indexed. */
async function dropForQuota(
  care: StoreCare,
  { diskQuota }: CareLimits,
  context: CleanUpContext,
  sums: Sums,
  now: number,
): Promise<Dropped[]> {
  const dropped: Dropped[] = [];
  if (diskQuota === 0) return dropped;
  for (const one of care.snapshots()) {
    if (care.bytes() <= diskQuota) break;
    if (one.isIndexing && one.usedMs > now - indexingMs) continue;
    if (!care.drop(one.repository, one.usedMs)) continue;
    dropped.push(droppedFor(one, "quota"));
    if (care.files().includes(one.file)) await cleanFile(care, one.file, context, sums);
  }
  return dropped;
}

function droppedFor(
  { repository, root, usedMs }: { repository: string; root: string; usedMs: number },
  reason: Dropped["reason"],
): Dropped {
  return { repository, root, used_at: new Date(usedMs).toISOString(), reason };
}

async function cleanFile(
  care: StoreCare,
  file: string,
  { signal }: Pick<CleanUpContext, "signal">,
  sums: Sums,
): Promise<void> {
  try {
    for (let deleted = blobsAtOnce; deleted === blobsAtOnce; ) {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      deleted = care.sweep(file, blobsAtOnce);
      sums.blobs += deleted;
    }
    care.compact(file);
    const [problem] = care.check(file);
    if (problem !== undefined) sums.damaged.push({ file, problem });
  } catch (error) {
    if (!(error instanceof CambiumError)) throw error;
    // Damage in one file must not keep the others from being cleaned; a file that has gone needs no care.
    if (error.code === "corrupt") sums.damaged.push({ file, problem: error.message });
    else if (error.code !== "not_found") throw error;
  }
}

/** Throws `exhausted`, for good, when the index has outgrown its quota. */
export function requireRoom(care: StoreCare, { diskQuota }: CareLimits): void {
  if (diskQuota === 0) return;
  const bytes = care.bytes();
  if (bytes <= diskQuota) return;
  throw new CambiumError(
    "exhausted",
    `The index takes ${mebibytes(bytes)}, more than its quota of ${mebibytes(diskQuota)} (CAMBIUM_DISK_QUOTA). ` +
      "Run `cambium cleanup`, remove a repository with `cambium remove`, or raise the quota and restart the worker; then retry the task.",
    undefined,
    { isFinal: true },
  );
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
