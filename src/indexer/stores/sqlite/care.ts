/** The upkeep of the index files of one folder: `store-care.ts` on SQLite. */
import { readdirSync, rmSync, type Stats, statSync } from "node:fs";
import { basename, join } from "node:path";
import { CambiumError } from "../../../errors.ts";
import { quickCheck } from "../../../sqlite.ts";
import type { IndexStore } from "../../store.ts";
import type { SnapshotUse, StoreCare } from "../../store-care.ts";
import type { Catalogue } from "./catalogue.ts";
import { coverageOf } from "./coverage.ts";
import { digestSnapshot } from "./digest.ts";
import { distrustBlobs } from "./garbage.ts";
import { compactFile, type IndexFile, markDamaged } from "./index-file.ts";
import { insertPlace } from "./insert-place.ts";
import { allPlaces, findPlace } from "./places.ts";
import { dropSnapshot, sweepFile } from "./remove-snapshot.ts";

/** Names of folders that stand beside the index files for as long as a task needs them. */
const besidePrefix = "beside-";
const leftover = /^(?:beside-.+|.+\.corrupt-\d+)$/;

/** How another folder is opened is known to `open-index.ts`. */
type OpenFolder = (folder: string) => IndexStore;

export function openCare(folder: string, catalogue: Catalogue, openFolder: OpenFolder): StoreCare {
  const fileOf = (name: string): IndexFile => {
    const found = catalogue.files().find(({ path }) => basename(path) === name);
    if (found !== undefined) return found;
    throw new CambiumError("not_found", `There is no index file ${name} any more.`);
  };
  const besideFolder = (name: string) => join(folder, besidePrefix + name.replace(/[^\w.-]/g, "_"));
  return {
    bytes: () => bytesIn(folder),
    snapshots: () => snapshotUses(catalogue),
    files: () => catalogue.files().map(({ path }) => basename(path)),
    drop: (repository, unusedSinceMs) =>
      dropSnapshot(catalogue, findPlace(catalogue, repository), unusedSinceMs) !== "nothing",
    sweep: (file, most) => sweepFile(fileOf(file), most),
    compact: (file) => compactFile(fileOf(file)),
    check(name) {
      const file = fileOf(name);
      const problems = quickCheck(file.path);
      if (problems.length > 0) markDamaged(file);
      return problems;
    },
    removeLeftovers: (olderThanMs) => removeLeftovers(folder, olderThanMs),
    coverage(repository) {
      const { file, snapshot } = findPlace(catalogue, repository);
      return file.read(() => coverageOf(file, snapshot.id));
    },
    digest(repository, turn) {
      const { file, snapshot } = findPlace(catalogue, repository);
      return digestSnapshot(file, snapshot, turn);
    },
    distrust(repository, paths) {
      const { file, snapshot } = findPlace(catalogue, repository);
      file.write(() => {
        for (const path of paths) {
          distrustBlobs(file, snapshot.id, path);
          namePlaceAgain(file, snapshot.id, path);
        }
      });
    },
    openBeside: (name) => openFolder(besideFolder(name)),
    removeBeside: (name) => rmSync(besideFolder(name), { recursive: true, force: true }),
  };
}

function snapshotUses(catalogue: Catalogue): SnapshotUse[] {
  return allPlaces(catalogue)
    .map(({ file, snapshot }) => ({
      repository: snapshot.name,
      root: snapshot.root,
      file: basename(file.path),
      usedMs: snapshot.used_ms,
      isIndexing: snapshot.state !== "ready",
    }))
    .sort((a, b) => a.usedMs - b.usedMs);
}

function namePlaceAgain(file: IndexFile, snapshot: number, path: string): void {
  const row = file.get<{ id: number }>("SELECT id FROM file WHERE snapshot = ? AND path = ?", snapshot, path);
  if (row === undefined) return;
  file.run("DELETE FROM place WHERE rowid = ?", row.id);
  insertPlace(file, row.id, path);
}

/** What vanishes while it is counted counts nothing. */
function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function bytesIn(folder: string): number {
  if (statOf(folder) === undefined) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + (statOf(join(entry.parentPath, entry.name))?.size ?? 0), 0);
}

function removeLeftovers(folder: string, olderThanMs: number): string[] {
  if (statOf(folder) === undefined) return [];
  const old = readdirSync(folder).filter(
    (name) => leftover.test(name) && (statOf(join(folder, name))?.mtimeMs ?? 0) < olderThanMs,
  );
  for (const name of old) rmSync(join(folder, name), { recursive: true, force: true });
  return old;
}
