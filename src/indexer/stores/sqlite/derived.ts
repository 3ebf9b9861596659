/** What is stored for a blob, made ready before any lock is taken: packed, compressed and cut into tokens. */
import type { BlobKey, DerivedBlob, TextPart } from "../../store.ts";
import { type Chunk, symbolKinds } from "../../symbol.ts";
import { indexTokenBytes } from "../../token-bytes.ts";
import { indexTokens } from "../../tokenize.ts";
import { trigramBlocks } from "../../trigrams.ts";
import type { IndexFile } from "./index-file.ts";
import { packOutline, packReferences, packText } from "./pack.ts";
import { lastKnownBlob } from "./trigram-index.ts";

export interface ReadyBlob {
  readonly key: BlobKey;
  readonly bytes: number;
  readonly symbols: number;
  readonly uses: number;
  readonly parseErrors: number;
  readonly text: Buffer;
  readonly outline: Buffer;
  readonly references: Buffer;
  /** Of each block of the text. */
  readonly trigrams: readonly Uint32Array[];
  readonly names: readonly DefinitionRow[];
  /** Tokens of the names defined in each chunk, and of its text. */
  readonly passages: readonly { readonly names: string; readonly body: Buffer }[];
  /** Of a large text, which is made ready part by part. */
  readonly parts: DerivedBlob["parts"];
}

export interface DefinitionRow {
  readonly name: string;
  readonly ordinal: number;
  readonly kind: number;
  /** Name of the innermost enclosing definition. */
  readonly parent: string;
}

export function keyText(key: BlobKey): string {
  return `${key.hash} ${key.extractor} ${key.language}`;
}

export function makeReady(key: BlobKey, derived: DerivedBlob): ReadyBlob {
  const utf8 = Buffer.from(derived.text, "utf8");
  const { definitions, chunks } = derived;
  return {
    key,
    bytes: derived.bytes,
    symbols: definitions.length,
    uses: derived.references.length,
    parseErrors: derived.parseErrors,
    text: packText(utf8),
    outline: packOutline(derived),
    references: packReferences(derived.references),
    trigrams: derived.parts === undefined ? trigramBlocks(utf8) : blocksOfParts(derived.parts()),
    names: definitions.map((definition, ordinal) => ({
      name: definition.name,
      ordinal,
      kind: symbolKinds.indexOf(definition.kind),
      parent: definition.parent.slice(definition.parent.lastIndexOf(".") + 1),
    })),
    passages: chunks.map((chunk) => ({
      names: indexTokens(chunk.definitions.map((index) => definitions[index]?.name ?? "").join(" ")),
      body: indexTokenBytes(utf8, chunk.startByte, chunk.endByte),
    })),
    parts: derived.parts,
  };
}

/** A line that is cut by the border of two parts is in one block all the same. */
function blocksOfParts(parts: Iterable<TextPart>): Uint32Array[] {
  const blocks: Uint32Array[] = [];
  let tail: Buffer = Buffer.alloc(0);
  for (const { text } of parts) {
    const utf8 = Buffer.concat([tail, Buffer.from(text, "utf8")]);
    const [first = new Uint32Array(0), ...others] = trigramBlocks(utf8);
    const open = tail.length === 0 ? undefined : blocks.pop();
    blocks.push(open === undefined ? first : Uint32Array.from(new Set([...open, ...first])), ...others);
    tail = utf8.at(-1) === 10 ? Buffer.alloc(0) : utf8.subarray(-2);
  }
  return blocks;
}

export function findBlob(
  file: IndexFile,
  key: BlobKey,
): { readonly id: number; readonly bytes: number } | undefined {
  return file.get(
    "SELECT id, bytes FROM blob WHERE hash = ? AND language = ? AND extractor = ?",
    Buffer.from(key.hash, "hex"),
    key.language,
    key.extractor,
  );
}

/**
 * Inside a write transaction. Blobs that another writer stored meanwhile are left as they are. Returns the ids, in
 * order; 0, which is nobody's, for those.
 */
export function insertBlobs(file: IndexFile, blobs: readonly ReadyBlob[]): number[] {
  const last = file.get<{ id: number; chunks: number }>(
    "SELECT id, chunks FROM blob ORDER BY id DESC LIMIT 1",
  );
  // Trigrams may be left of a blob that is gone: its id must not become another's.
  let next = Math.max(last === undefined ? 1 : last.id + Math.max(1, last.chunks), lastKnownBlob(file) + 1);
  const rows: { row: DefinitionRow; blob: number }[] = [];
  const ids = blobs.map((blob) => {
    if (findBlob(file, blob.key) !== undefined) return 0;
    const id = next;
    for (const row of blob.names) rows.push({ row, blob: id });
    next += Math.max(1, insertBlob(file, blob, id));
    return id;
  });
  // In the order of the table, so that neighbours land on the same page.
  rows.sort((a, b) => (a.row.name < b.row.name ? -1 : a.row.name > b.row.name ? 1 : 0));
  const insert = file.statement(
    "INSERT INTO definition (name, blob, ordinal, kind, parent) VALUES (?, ?, ?, ?, ?)",
  );
  for (const { row, blob } of rows) insert.run(row.name, blob, row.ordinal, row.kind, row.parent);
  return ids;
}

/** Returns the number of chunks. */
function insertBlob(file: IndexFile, blob: ReadyBlob, id: number): number {
  const { key } = blob;
  const passage = file.statement("INSERT INTO passage (rowid, name, body) VALUES (?, ?, ?)");
  for (const [index, { names, body }] of blob.passages.entries()) passage.run(id + index, names, body);
  const large = blob.parts === undefined ? undefined : insertParts(file, blob.parts(), id);
  const chunks = large?.length ?? blob.passages.length;
  file.run(
    `INSERT INTO blob (id, hash, language, extractor, bytes, symbols, uses, chunks, parse_errors)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    Buffer.from(key.hash, "hex"),
    key.language,
    key.extractor,
    blob.bytes,
    blob.symbols,
    blob.uses,
    chunks,
    blob.parseErrors,
  );
  file.run(
    "INSERT INTO content (blob, text, outline, uses) VALUES (?, ?, ?, ?)",
    id,
    blob.text,
    large === undefined ? blob.outline : packOutline({ definitions: [], chunks: large }),
    blob.references,
  );
  return chunks;
}

/** Inside the write transaction, in which others wait: all of a large text in memory would be worse. */
function insertParts(file: IndexFile, parts: Iterable<TextPart>, id: number): Chunk[] {
  const insert = file.statement("INSERT INTO text_part (blob, start, text) VALUES (?, ?, ?)");
  const passage = file.statement("INSERT INTO passage (rowid, name, body) VALUES (?, '', ?)");
  const all: Chunk[] = [];
  for (const { start, text, chunks } of parts) {
    const utf8 = Buffer.from(text, "utf8");
    insert.run(id, start, packText(utf8));
    for (const chunk of chunks) {
      passage.run(id + all.length, indexTokenBytes(utf8, chunk.startByte - start, chunk.endByte - start));
      all.push(chunk);
    }
  }
  return all;
}
