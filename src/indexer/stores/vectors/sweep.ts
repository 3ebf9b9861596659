/**
 * What nothing reaches any more, and for how long: vectors were paid for, so that they outlive their index, but not for
 * ever.
 */
import type { BlobKey } from "../../store.ts";
import type { VectorCare } from "../../vector-care.ts";
import { LedgerFile } from "./ledger-file.ts";
import { deleteIfEmpty, unpackNumbers } from "./plan.ts";
import { forgetEmptySpaces, leftSpaces } from "./spaces.ts";

/** Blobs a transaction: each has a few dozen vectors. */
const blobsAtOnce = 200;
const notesAtOnce = 1000;

interface MappedKey {
  readonly hash: Buffer;
  readonly model: number;
  readonly language: string;
  readonly extractor: number;
}

const where = "hash = ? AND model = ? AND language = ? AND extractor = ?";
const keyOf = ({ hash, model, language, extractor }: MappedKey) =>
  [hash, model, language, extractor] as const;

export function openVectorCare(path: string): VectorCare {
  const file = new LedgerFile(path);
  return {
    noteReached: (reached, now) => noteReached(file, reached, now),
    sweep: (since) => file.write(() => sweepSome(file, since)),
    close: () => file.close(),
  };
}

function noteReached(file: LedgerFile, reached: Iterable<BlobKey>, now: number): void {
  const names = new Set<string>();
  for (const { hash, language, extractor } of reached) names.add(`${hash} ${language} ${extractor}`);
  const changed: (MappedKey & { readonly unreached: number | null })[] = [];
  file.read(() => {
    const left = leftSpaces(file);
    const rows = file.iterate<MappedKey & { unreached: number | null }>(
      "SELECT hash, model, language, extractor, unreached FROM mapped",
    );
    for (const row of rows) {
      const isReached =
        !left.has(row.model) && names.has(`${row.hash.toString("hex")} ${row.language} ${row.extractor}`);
      if (isReached === (row.unreached !== null)) changed.push({ ...row, unreached: isReached ? null : now });
    }
  });
  for (let first = 0; first < changed.length; first += notesAtOnce)
    file.write(() => {
      for (const row of changed.slice(first, first + notesAtOnce))
        file.run(`UPDATE mapped SET unreached = ? WHERE ${where}`, row.unreached, ...keyOf(row));
    });
}

/** Inside a write transaction, so that no plan counts on a vector that goes. */
function sweepSome(file: LedgerFile, since: number): { readonly vectors: number; readonly more: boolean } {
  const rows = file.all<MappedKey & { vectors: Buffer }>(
    "SELECT hash, model, language, extractor, vectors FROM mapped WHERE unreached <= ? LIMIT ?",
    since,
    blobsAtOnce,
  );
  if (rows.length === 0) return { vectors: 0, more: false };
  const going = new Set<number>();
  for (const row of rows) {
    for (const vector of unpackNumbers(row.vectors)) going.add(vector);
    file.run(`DELETE FROM mapped WHERE ${where}`, ...keyOf(row));
  }
  for (const { vectors } of file.iterate<{ vectors: Buffer }>("SELECT vectors FROM mapped"))
    for (const vector of unpackNumbers(vectors)) going.delete(vector);
  const last = file.get<{ vector: number; code: number }>(
    "SELECT (SELECT max(id) FROM vector) AS vector, (SELECT max(id) FROM code) AS code",
  );
  let deleted = 0;
  for (const id of going) {
    const row = file.get<{ code: number | null; batch: number | null }>(
      "SELECT code, batch FROM vector WHERE id = ?",
      id,
    );
    // The newest rows stay: their numbers would be given again, and who reads would take new rows for known ones.
    if (row === undefined || id === last?.vector || (row.code !== null && row.code === last?.code)) continue;
    file.run("DELETE FROM vector WHERE id = ?", id);
    file.run("DELETE FROM place WHERE vector = ?", id);
    if (row.code !== null) file.run("DELETE FROM code WHERE id = ?", row.code);
    if (row.batch !== null) deleteIfEmpty(file, row.batch);
    deleted += 1;
  }
  forgetEmptySpaces(file, new Set(rows.map(({ model }) => model)));
  return { vectors: deleted, more: rows.length === blobsAtOnce };
}
