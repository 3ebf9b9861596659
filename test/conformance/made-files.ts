/** Files and extractions made by hand for the tests of index stores: a tiny language, read by a few patterns. */
import { createHash } from "node:crypto";
import type { Portrait } from "../../src/indexer/overview.ts";
import type { BlobKey, FileResult, IndexStore, ResultBatch, ScannedFile } from "../../src/indexer/store.ts";
import type { Chunk, Definition, Extraction, Reference } from "../../src/indexer/symbol.ts";

export const extractor = 7;

export interface MadeFile {
  readonly path: string;
  readonly text: string;
  readonly mtimeMs?: number;
  readonly language?: string;
}

/** Long before any scan of a test, so that the file does not count as changed a moment ago. */
export const longAgo = 1_600_000_000_123.5;

export function scanned(file: MadeFile): ScannedFile {
  return {
    path: file.path,
    bytes: Buffer.byteLength(file.text),
    mtimeMs: file.mtimeMs ?? longAgo,
    language: file.language ?? "made",
    extractor,
  };
}

export function keyOf(file: MadeFile): BlobKey {
  const hash = createHash("sha256").update(file.text).digest("hex");
  return { hash, language: file.language ?? "made", extractor };
}

export function derived(file: MadeFile): FileResult {
  const bytes = Buffer.byteLength(file.text);
  const derivedBlob = { ...extract(file.text), text: file.text, bytes };
  return { path: file.path, mtimeMs: file.mtimeMs ?? longAgo, blob: keyOf(file), derived: derivedBlob };
}

/** `class A`, `function b` and `kind name` lines define; `name(` uses; a blank line ends a chunk. */
export function extract(text: string): Extraction {
  const definitions: Definition[] = [];
  const references: Reference[] = [];
  const chunks: Chunk[] = [];
  let byte = 0;
  let line = 0;
  let parent = "";
  let open: { startLine: number; startByte: number; first: number } | undefined;
  const close = () => {
    if (open === undefined) return;
    const inside = definitions.map((_, index) => index).slice(open.first);
    chunks.push({
      startLine: open.startLine,
      endLine: line,
      startByte: open.startByte,
      endByte: byte,
      definitions: inside,
    });
    open = undefined;
  };
  for (const row of text.split(/(?<=\n)/)) {
    if (row.trim() === "") close();
    else open ??= { startLine: line + 1, startByte: byte, first: definitions.length };
    line += 1;
    const found = /^(\s*)(class|function|method) ([\p{L}\w$?]+)/u.exec(row);
    const size = Buffer.byteLength(row);
    if (found !== null) {
      const [, indent = "", kind = "", name = ""] = found;
      if (indent === "") parent = "";
      definitions.push({
        kind: kind as Definition["kind"],
        name,
        parent,
        line,
        startLine: line,
        endLine: line,
        startByte: byte,
        endByte: byte + size,
        signature: row.trim(),
        doc: `About ${name}.`,
        visibility: name.startsWith("_") ? "private" : undefined,
      });
      if (kind === "class") parent = name;
    }
    for (const use of row.matchAll(/([\w$]+)\(/g)) {
      if (found !== null && use[1] === found[3]) continue;
      const enclosing = definitions.length - 1;
      references.push({ name: use[1] ?? "", role: "call", line, column: use.index + 1, enclosing });
    }
    byte += size;
  }
  close();
  return { definitions, references, chunks, parseErrors: 0 };
}

/** A whole run: scan, one batch, publish. Returns the repository's name. */
export function indexAll(
  store: IndexStore,
  root: string,
  files: readonly MadeFile[],
  run = `run ${Math.random()}`,
  summarize?: () => Portrait,
): string {
  const repository = store.register(root);
  const plan = store.begin(repository, files.map(scanned), { commit: null, run });
  writeAll(
    store,
    repository,
    files,
    plan.pending.map(({ path }) => path),
  );
  store.publish(repository, summarize);
  return repository;
}

export function writeAll(
  store: IndexStore,
  repository: string,
  files: readonly MadeFile[],
  paths: readonly string[],
): void {
  const wanted = files.filter(({ path }) => paths.includes(path));
  const known = store.has(repository, wanted.map(keyOf));
  const results = wanted.map((file, index): FileResult => {
    if (known[index] !== true) return derived(file);
    return { path: file.path, mtimeMs: file.mtimeMs ?? longAgo, blob: keyOf(file) };
  });
  writeResults(store, repository, results, store.repositories(repository)[0]?.run ?? "");
}

/** A batch of them. */
export function writeResults(
  store: IndexStore,
  repository: string,
  results: readonly FileResult[],
  run: string,
): ReturnType<ResultBatch["commit"]> {
  const batch = store.batch(repository, run);
  for (const result of results) batch.add(result);
  return batch.commit();
}
