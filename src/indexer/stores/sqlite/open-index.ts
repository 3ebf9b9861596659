/** The index store on SQLite: one file per family of repositories, all files of one folder behind one port. */
import { createHash } from "node:crypto";
import { basename, isAbsolute } from "node:path";
import { CambiumError, toFailure } from "../../../errors.ts";
import type { IndexStore, RepositoryStatus, SkippedFile } from "../../store.ts";
import { beginGeneration, pendingFiles } from "./begin-generation.ts";
import { Catalogue } from "./catalogue.ts";
import { indexFileName } from "./family.ts";
import { deleteUnreached } from "./garbage.ts";
import type { IndexFile } from "./index-file.ts";
import { findDefinitionsIn, findReferencesIn } from "./named.ts";
import { unpackText } from "./pack.ts";
import { searchPassages } from "./passages.ts";
import { deleteFiles, publishGeneration } from "./publish-generation.ts";
import { candidateTexts } from "./texts.ts";
import { hasBlobs, writeBatch } from "./write-batch.ts";

interface SnapshotRow {
  readonly id: number;
  readonly root: string;
  readonly name: string;
  readonly state: string;
  readonly generation: number;
  readonly run: string | null;
  readonly started_at: string | null;
  readonly indexed_at: string | null;
  readonly head: string | null;
  readonly total: number;
  readonly pending: number;
  readonly files: number;
  readonly skipped: number;
  readonly bytes: number;
  readonly symbols: number;
  readonly uses: number;
  readonly chunks: number;
  readonly reused: number;
  readonly refused_rules: string;
}

interface Place {
  readonly file: IndexFile;
  readonly snapshot: SnapshotRow;
}

/**
 * Opens the store over the index files of `folder`, which need not exist. Files are opened when they are first
 * asked for; what other processes add, remove or replace is seen at the next call.
 */
export function openSqliteIndex(folder: string): IndexStore {
  const catalogue = new Catalogue(folder);
  const find = (repository: string) => findPlace(catalogue, repository);
  const ask = <T>(repository: string, work: (place: Place) => T): T => {
    const place = find(repository);
    return place.file.read(() => work(place));
  };
  return {
    register: (root) => register(catalogue, root),
    begin(repository, files, origin) {
      const { file, snapshot } = find(repository);
      return beginGeneration(file, snapshot.id, files, origin);
    },
    pending: (repository, first, last) =>
      ask(repository, ({ file, snapshot }) => pendingFiles(file, snapshot.id, first, last)),
    markAttempt(repository, path) {
      const { file, snapshot } = find(repository);
      const sql = "UPDATE file SET crashes = crashes + 1 WHERE snapshot = ? AND path = ? AND pending = 1";
      file.write(() => file.run(sql, snapshot.id, path));
    },
    has: (repository, keys) => hasBlobs(find(repository).file, keys),
    write(repository, results, run) {
      const { file, snapshot } = find(repository);
      return writeBatch(file, snapshot.id, results, run);
    },
    publish(repository) {
      const { file, snapshot } = find(repository);
      publishGeneration(file, snapshot.id);
      return statusOf(find(repository).snapshot);
    },
    repositories: (name) => listRepositories(catalogue, name),
    skipped: (repository) => ask(repository, ({ file, snapshot }) => skippedFiles(file, snapshot.id)),
    searchText: (repository, query, filter) =>
      ask(repository, ({ file, snapshot }) => searchPassages(file, snapshot.id, repository, query, filter)),
    findDefinitions: (repository, name, filter) =>
      ask(repository, ({ file, snapshot }) => findDefinitionsIn(file, snapshot.id, repository, name, filter)),
    findReferences: (repository, name, filter) =>
      ask(repository, ({ file, snapshot }) => findReferencesIn(file, snapshot.id, repository, name, filter)),
    text: (repository, path, hash) =>
      ask(repository, ({ file, snapshot }) => textOf(file, snapshot.id, path, hash)),
    texts(repository, query, filter) {
      const { file, snapshot } = find(repository);
      return candidateTexts(file, snapshot.id, query, filter);
    },
    remove: (repository) => removeNamed(catalogue, repository),
    close: () => catalogue.close(),
  };
}

function snapshotsOf(file: IndexFile): SnapshotRow[] {
  return file.read(() => file.all<SnapshotRow>("SELECT * FROM snapshot ORDER BY id"));
}

function allPlaces(catalogue: Catalogue): Place[] {
  return catalogue.files().flatMap((file) => snapshotsOf(file).map((snapshot) => ({ file, snapshot })));
}

/** Throws `not_found`, or why a file cannot be read that might hold the repository. */
function findPlace(catalogue: Catalogue, repository: string): Place {
  const places = allPlaces(catalogue);
  const place = places.find(({ snapshot }) => snapshot.name === repository);
  if (place !== undefined) return place;
  throwDamage(catalogue, repository);
  const names = places.map(({ snapshot }) => snapshot.name).sort();
  const known = names.length === 0 ? "No repository is indexed yet." : `Known: ${names.join(", ")}.`;
  throw new CambiumError("not_found", `There is no repository "${repository}" in the index. ${known}`);
}

/** A file that cannot be read might hold the repository that is missed: saying only "not found" would mislead. */
function throwDamage(catalogue: Catalogue, repository: string): void {
  const failure = catalogue.failure();
  if (failure === undefined) return;
  const { code, message } = toFailure(failure);
  const advice =
    code === "corrupt"
      ? ` If it holds "${repository}", index that repository again, which rebuilds it, or remove it by its folder.`
      : "";
  throw new CambiumError(code, message + advice, failure);
}

function register(catalogue: Catalogue, root: string): string {
  const existing = allPlaces(catalogue).find(({ snapshot }) => snapshot.root === root);
  const file = existing?.file ?? catalogue.create(indexFileName(root));
  const path = file.path.slice(file.path.lastIndexOf("/") + 1);
  if (existing !== undefined) {
    // Opening again finds the mark of damage that another process may have left.
    const kept = catalogue.create(path);
    if (kept === existing.file) return existing.snapshot.name;
    return insertSnapshot(catalogue, kept, root);
  }
  return insertSnapshot(catalogue, file, root);
}

function insertSnapshot(catalogue: Catalogue, file: IndexFile, root: string): string {
  const base = basename(root) || "root";
  const unique = `${base}-${createHash("sha256").update(root).digest("hex").slice(0, 4)}`;
  const isTaken = () =>
    allPlaces(catalogue).some(({ snapshot }) => snapshot.name === base && snapshot.root !== root);
  const wanted = isTaken() ? unique : base;
  file.write(() => file.run("INSERT OR IGNORE INTO snapshot (root, name) VALUES (?, ?)", root, wanted));
  // Two processes may have chosen the same name for two folders at the same moment: whoever sees it gives way.
  if (wanted === base && isTaken()) {
    file.write(() =>
      file.run("UPDATE snapshot SET name = ? WHERE root = ? AND name = ?", unique, root, base),
    );
  }
  const name = file.get<{ name: string }>("SELECT name FROM snapshot WHERE root = ?", root)?.name;
  return name ?? wanted;
}

function listRepositories(catalogue: Catalogue, name: string | undefined): RepositoryStatus[] {
  if (name !== undefined) {
    const place = allPlaces(catalogue).find(({ snapshot }) => snapshot.name === name);
    if (place === undefined) throwDamage(catalogue, name);
    return place === undefined ? [] : [statusOf(place.snapshot)];
  }
  const compare = (a: Place, b: Place) => (a.snapshot.name < b.snapshot.name ? -1 : 1);
  return allPlaces(catalogue)
    .sort(compare)
    .map(({ snapshot }) => statusOf(snapshot));
}

function statusOf(row: SnapshotRow): RepositoryStatus {
  return {
    repository: row.name,
    root: row.root,
    state: row.state === "ready" ? "ready" : "indexing",
    generation: row.generation,
    pendingFiles: row.pending,
    indexedAt: row.indexed_at,
    files: row.generation === 0 ? row.total : row.files,
    filesSkipped: row.skipped,
    bytes: row.bytes,
    symbols: row.symbols,
    references: row.uses,
    chunks: row.chunks,
    commit: row.head,
    run: row.run,
    startedAt: row.started_at,
    filesReused: row.reused,
    refusedRules: JSON.parse(row.refused_rules) as string[],
  };
}

function skippedFiles(file: IndexFile, snapshot: number): SkippedFile[] {
  return file.all<SkippedFile>(
    "SELECT path, reason, detail FROM file WHERE snapshot = ? AND reason IS NOT NULL ORDER BY path",
    snapshot,
  );
}

function textOf(
  file: IndexFile,
  snapshot: number,
  path: string,
  hash: string | undefined,
): string | undefined {
  const row = file.get<{ text: Buffer; hash: Buffer }>(
    `SELECT text, hash FROM file JOIN content ON content.blob = file.blob JOIN blob ON blob.id = file.blob
     WHERE snapshot = ? AND path = ?`,
    snapshot,
    path,
  );
  if (row === undefined || (hash !== undefined && row.hash.toString("hex") !== hash)) return undefined;
  return unpackText(row.text);
}

/** Nothing of a damaged file is worth keeping, and deleting rows from it may fail: it is deleted as a whole. */
function removeNamed(catalogue: Catalogue, repository: string): void {
  if (isAbsolute(repository) && catalogue.deleteUnreadable(indexFileName(repository))) return;
  const place = findPlace(catalogue, repository);
  try {
    remove(catalogue, place);
  } catch (error) {
    if (!(error instanceof CambiumError) || error.code !== "corrupt") throw error;
    catalogue.delete(place.file);
  }
}

function remove(catalogue: Catalogue, { file, snapshot }: Place): void {
  const others = file.write(() => {
    file.run("DELETE FROM snapshot WHERE id = ?", snapshot.id);
    const left = file.all("SELECT id FROM snapshot LIMIT 1").length;
    // The last one takes the whole file with it: nothing has to be deleted row by row.
    if (left === 0) return 0;
    deleteFiles(file, snapshot.id, "TRUE");
    deleteUnreached(file, Number.MAX_SAFE_INTEGER);
    file.run("INSERT INTO passage(passage) VALUES ('optimize')");
    return left;
  });
  if (others === 0) catalogue.delete(file);
  else file.shrink();
}
