/** The index store on SQLite: one file per family of repositories, all files of one folder behind one port. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { Outline } from "../../overview.ts";
import type { PassageSource } from "../../passage-source.ts";
import type { IndexStore, RepositoryStatus, SkippedFile } from "../../store.ts";
import { unknownWordsIn } from "./asked-words.ts";
import { beginGeneration, pendingFiles } from "./begin-generation.ts";
import { textOf } from "./blob-text.ts";
import { openCare } from "./care.ts";
import { Catalogue } from "./catalogue.ts";
import { indexFileName } from "./family.ts";
import type { IndexFile } from "./index-file.ts";
import { findDefinitionsIn, findReferencesIn } from "./named.ts";
import { readFiles, readMentionedNames, readOutline, readSummary } from "./overview.ts";
import { blobsOf, matchesOf, passagesOf } from "./passage-source.ts";
import { searchPassages } from "./passages.ts";
import { allPlaces, findPlace, type Place, type SnapshotRow, throwDamage } from "./places.ts";
import { publishGeneration } from "./publish-generation.ts";
import { removeNamed } from "./remove-snapshot.ts";
import { candidateTexts } from "./texts.ts";
import { hasBlobs, openBatch } from "./write-batch.ts";

/** So exactly it is known when a snapshot was last used: noting it more often would only cost writes. */
const useStepMs = 3_600_000;

/**
 * Opens the store over the index files of `folder`, which need not exist. Files are opened when they are first
 * asked for; what other processes add, remove or replace is seen at the next call.
 */
export function openSqliteIndex(folder: string): IndexStore & PassageSource {
  const catalogue = new Catalogue(folder);
  const { find, ask, answer } = openQuestions(catalogue);
  return {
    register: (root) => register(catalogue, root),
    begin(repository, files, origin) {
      const { file, snapshot } = find(repository);
      return beginGeneration(file, snapshot.id, files, origin);
    },
    pending: (repository, first, last) =>
      ask(repository, ({ file, snapshot }) => pendingFiles(file, snapshot.id, first, last)),
    setAttempts(repository, path, attempts) {
      const { file, snapshot } = find(repository);
      const sql = "UPDATE file SET crashes = ? WHERE snapshot = ? AND path = ? AND pending = 1";
      file.write(() => file.run(sql, attempts, snapshot.id, path));
    },
    has: (repository, keys) => hasBlobs(find(repository).file, keys),
    batch: (repository, run) => openBatch(() => find(repository), run),
    publish(repository, summarize) {
      const { file, snapshot } = find(repository);
      publishGeneration(file, snapshot.id, summarize);
      return statusOf(find(repository).snapshot);
    },
    repositories: (name) => listRepositories(catalogue, name),
    skipped: (repository) => ask(repository, ({ file, snapshot }) => skippedFiles(file, snapshot.id)),
    searchText: (repository, query, filter) =>
      ask(repository, ({ file, snapshot }) => searchPassages(file, snapshot.id, repository, query, filter)),
    unknownWords: (repository, query) => answer(repository, ({ file }) => unknownWordsIn(file, query)),
    findDefinitions: (repository, name, filter) =>
      answer(repository, ({ file, snapshot }) =>
        findDefinitionsIn(file, snapshot.id, repository, name, filter),
      ),
    findReferences: (repository, name, filter) =>
      answer(repository, ({ file, snapshot }) =>
        findReferencesIn(file, snapshot.id, repository, name, filter),
      ),
    text: (repository, path, hash, range) =>
      answer(repository, ({ file, snapshot }) => textOf(file, snapshot.id, path, hash, range)),
    texts(repository, query, filter) {
      const { file, snapshot } = find(repository);
      return candidateTexts(file, snapshot.id, query, filter);
    },
    outline: (repository, path) =>
      answer(repository, ({ file, snapshot }) => readOutline(file, snapshot.id, path)),
    files: (repository) => ask(repository, ({ file, snapshot }) => readFiles(file, snapshot.id)),
    mentionedNames: (repository, path) =>
      ask(repository, ({ file, snapshot }) => readMentionedNames(file, snapshot.id, path)),
    summary: (repository) => ask(repository, ({ file, snapshot }) => readSummary(file, snapshot.id)),
    blobs: (repository) => ask(repository, ({ file, snapshot }) => blobsOf(file, snapshot.id)),
    passages: (repository, path, blob) =>
      ask(repository, ({ file, snapshot }) => passagesOf(file, snapshot.id, path, blob)),
    matches: (repository, chunks, filter) =>
      ask(repository, ({ file, snapshot }) => matchesOf(file, snapshot.id, repository, chunks, filter)),
    remove: (repository) => removeNamed(catalogue, repository),
    care: openCare(folder, catalogue, openSqliteIndex),
    close: () => catalogue.close(),
  };
}

/** How a repository is asked: within one state of its file, and with a note that it is used where that matters. */
function openQuestions(catalogue: Catalogue) {
  const find = (repository: string) => findPlace(catalogue, repository);
  const ask = <T>(repository: string, work: (place: Place) => T): T => {
    const place = find(repository);
    return place.file.read(() => work(place));
  };
  /** A question that found something has used the snapshot. */
  const answer = <T extends string | readonly unknown[] | Outline | undefined>(
    repository: string,
    work: (place: Place) => T,
  ): T => {
    const place = find(repository);
    const found = place.file.read(() => work(place));
    if (found !== undefined && !isEmpty(found)) noteUse(place);
    return found;
  };
  return { find, ask, answer };
}

function isEmpty(found: string | readonly unknown[] | Outline): boolean {
  return (typeof found === "string" || Array.isArray(found)) && found.length === 0;
}

function noteUse({ file, snapshot }: Place): void {
  const now = Date.now();
  if (now - snapshot.used_ms < useStepMs) return;
  file.writeIfFree(() => file.run("UPDATE snapshot SET used_ms = ? WHERE id = ?", now, snapshot.id));
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
  file.write(() =>
    file.run(
      "INSERT OR IGNORE INTO snapshot (root, name, used_ms) VALUES (?, ?, ?)",
      root,
      wanted,
      Date.now(),
    ),
  );
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
    // What is indexed all the same, as text or with secrets masked, has only a detail.
    `SELECT path, coalesce(reason, iif(detail LIKE 'masked:%', 'secret', 'too_large')) AS reason, detail FROM file
     WHERE snapshot = ? AND gone = 0 AND (reason IS NOT NULL OR detail IS NOT NULL) ORDER BY path`,
    snapshot,
  );
}
