/** Makes the summary of a repository out of its index: bounded work, whatever its size, and the same for the same files. */
import { toFailure } from "../errors.ts";
import { isAside } from "./asides.ts";
import { findEntryPoints } from "./entry-points.ts";
import type { IndexedFile, Mentions, Portrait, Share, SymbolPlace } from "./overview.ts";
import { readReadme } from "./readme.ts";
import type { IndexStore } from "./store.ts";
import type { Definition, SymbolKind } from "./symbol.ts";

const languagesMax = 12;
const foldersMax = 16;
const symbolsMax = 8;
/** Unpacking the references of so many files takes some 0.15 s. */
const countedMax = 1000;
/** Files that are opened, the largest first, before the largest symbols of those seen are taken. */
const openedMax = 200;
/** Names that are looked up before the most used ones of this repository are known. */
const namesMax = 150;
/** A name that is defined in more places says nothing about which of them is used. */
const definitionsMax = 3;
const nameLengthMin = 3;

const typeKinds: readonly SymbolKind[] = ["class", "interface", "struct", "union", "enum", "trait", "type"];
const codeKinds: readonly SymbolKind[] = ["function", "method", "constructor", "macro"];
const mainKinds: ReadonlySet<SymbolKind> = new Set([...typeKinds, ...codeKinds]);

/** Reads what is stored and committed; files that are gone but not yet published are not looked at twice. */
export function summarize(store: IndexStore, repository: string): Portrait {
  const files = store.files(repository);
  const code = files.filter(({ path }) => !isAside(path));
  const referring = files.filter(({ references }) => references > 0);
  const mentions = countMentions(store, repository, referring);
  const summary = {
    languages: shares(files, ({ language }) => language).slice(0, languagesMax),
    folders: shares(files, ({ path }) => topOf(path)).slice(0, foldersMax),
    entryPoints: findEntryPoints(store, repository, files),
    largest: largestSymbols(store, repository, code),
    mostUsed: mostUsed(store, repository, mentions),
    counted: { files: mentions.files, of: referring.length },
    readme: readReadme(store, repository, files),
  };
  return { summary, mentions };
}

const topOf = (path: string) => (path.includes("/") ? path.slice(0, path.indexOf("/")) : ".");

function shares(files: readonly IndexedFile[], keyOf: (file: IndexedFile) => string): Share[] {
  const sums = new Map<string, { files: number; bytes: number; symbols: number }>();
  for (const file of files) {
    const key = keyOf(file);
    const sum = sums.get(key) ?? { files: 0, bytes: 0, symbols: 0 };
    sum.files += 1;
    sum.bytes += file.bytes;
    sum.symbols += file.symbols;
    sums.set(key, sum);
  }
  return [...sums]
    .map(([name, sum]) => ({ name, ...sum }))
    .sort((a, b) => b.bytes - a.bytes || compare(a.name, b.name));
}

/** What is damaged is left out: a summary must not keep a generation from being published, nor its repair. */
function ifSound<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (toFailure(error).code === "corrupt") return undefined;
    throw error;
  }
}

/** No symbol is larger than its file: once the smallest of those kept is, the files that are left hold no larger one. */
function largestSymbols(store: IndexStore, repository: string, code: readonly IndexedFile[]) {
  const bySize = code
    .filter(({ symbols }) => symbols > 0)
    .sort((a, b) => b.bytes - a.bytes || compare(a.path, b.path));
  let kept: { path: string; bytes: number; definition: Definition }[] = [];
  for (const { path, bytes } of bySize.slice(0, openedMax)) {
    const smallest = kept[symbolsMax - 1];
    if (smallest !== undefined && smallest.bytes >= bytes) break;
    const outline = ifSound(() => store.outline(repository, path));
    if (outline?.type !== "file") continue;
    for (const definition of outline.definitions) {
      if (!mainKinds.has(definition.kind)) continue;
      kept.push({ path, bytes: definition.endByte - definition.startByte, definition });
    }
    kept = kept
      .sort((a, b) => b.bytes - a.bytes || compare(a.path, b.path) || a.definition.line - b.definition.line)
      .slice(0, symbolsMax);
  }
  return kept.map(({ path, definition }) => ({
    ...placeOf(path, definition),
    lines: definition.endLine - definition.startLine + 1,
  }));
}

/** By the number of files that mention the name: one file that does so a thousand times tells little. */
function countMentions(store: IndexStore, repository: string, referring: readonly IndexedFile[]): Mentions {
  const sample = evenSample(referring, countedMax);
  const counts = new Map<string, number>();
  for (const { path } of sample) {
    for (const name of ifSound(() => store.mentionedNames(repository, path)) ?? [])
      if (name.length >= nameLengthMin) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return { names: new Map([...counts].filter(([, count]) => count > 1)), files: sample.length };
}

function mostUsed(store: IndexStore, repository: string, { names }: Mentions) {
  const ordered = [...names].sort(([a, x], [b, y]) => y - x || compare(a, b)).slice(0, namesMax);
  const found: (SymbolPlace & { files: number })[] = [];
  for (const [name, count] of ordered) {
    if (found.length === symbolsMax) break;
    const place = definitionOf(store, repository, name);
    if (place !== undefined) found.push({ ...place, files: count });
  }
  return found;
}

/** The one place that a name stands for, if there is one: not in tests, and not one of many. */
function definitionOf(store: IndexStore, repository: string, name: string): SymbolPlace | undefined {
  const matches = ifSound(() =>
    store.findDefinitions(repository, name, { match: "exact", limit: 4 * definitionsMax }),
  );
  if (matches === undefined || matches.length === 4 * definitionsMax) return undefined;
  const own = matches.filter(({ path, definition }) => mainKinds.has(definition.kind) && !isAside(path));
  // A method's name is often one of the language's own: `len`, `sync`, `Context`.
  const [first] = own.filter(({ definition: { kind, parent } }) => kind !== "method" && parent === "");
  return first === undefined || own.length > definitionsMax
    ? undefined
    : placeOf(first.path, first.definition);
}

function placeOf(path: string, { name, parent, kind, line }: Definition): SymbolPlace {
  return { name: parent === "" ? name : `${parent}.${name}`, kind, path, line };
}

function evenSample<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, index) => all[Math.floor((index * all.length) / most)] as T);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
