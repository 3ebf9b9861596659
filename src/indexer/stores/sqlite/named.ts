/** Definitions and references by name, out of one snapshot. */
import type { DefinitionMatch, FileFilter, ReferenceMatch } from "../../store.ts";
import type { SymbolKind } from "../../symbol.ts";
import { indexTokens } from "../../tokenize.ts";
import { bestRows } from "./full-text.ts";
import { pathMatcher } from "./glob.ts";
import type { IndexFile } from "./index-file.ts";
import { outlineOf } from "./outlines.ts";
import { type Outline, unpackReferences } from "./pack.ts";
import { compareText, kindNumber } from "./passages.ts";

export interface DefinitionFilter extends FileFilter {
  readonly match: "exact" | "prefix" | "fuzzy";
  readonly kind?: SymbolKind;
  readonly parent?: string;
  readonly limit: number;
}

interface DefinitionRow {
  readonly name: string;
  readonly blob: number;
  readonly ordinal: number;
  readonly path: string;
  readonly language: string;
}

/** Rows that are looked at for names near one: enough for all names that share their beginning or a part. */
const nearMax = 20_000;
/** Of each length, this share of letters may differ. */
const distanceShare = 0.34;
/** Of the first word of a name fewer: it is short, and much begins alike. */
const beginningShare = 0.2;
const beginningMin = 4;
const beginningsMax = 5;

const sameName = "name = ? AND name = ? COLLATE BINARY";
/** The collation compares ASCII letters without case; U+10FFFF ends every name that begins so. */
const beginsSo = "name >= ? AND name < ? || char(1114111)";
/** Passages whose definitions are compared with a name none has. */
const partRowsMax = 60;

export function findDefinitionsIn(
  file: IndexFile,
  snapshot: number,
  repository: string,
  name: string,
  filter: DefinitionFilter,
): DefinitionMatch[] {
  if (name === "") return [];
  const fits = filter.path === undefined ? () => true : pathMatcher(filter.path);
  const rows = rowsFor(file, snapshot, name, filter).filter(
    (row) => fits(row.path) && (filter.language === undefined || row.language === filter.language),
  );
  const outlines = new Map<number, Outline | undefined>();
  return rows.slice(0, filter.limit).flatMap(({ blob, ordinal, path, language }) => {
    if (!outlines.has(blob)) outlines.set(blob, outlineOf(file, blob));
    const definition = outlines.get(blob)?.definitions[ordinal];
    return definition === undefined ? [] : [{ repository, path, language, definition }];
  });
}

function rowsFor(file: IndexFile, snapshot: number, name: string, filter: DefinitionFilter): DefinitionRow[] {
  if (filter.match === "exact") return select(file, snapshot, filter, sameName, name, name);
  if (filter.match === "prefix") {
    const lower = name.toLowerCase();
    return select(file, snapshot, filter, beginsSo, name, name).sort(
      (a, b) =>
        a.name.length - b.name.length ||
        Number(b.name === name) - Number(a.name === name) ||
        compareText(a.name, b.name) ||
        Number(a.name.toLowerCase() === lower) - Number(b.name.toLowerCase() === lower) ||
        compareText(a.path, b.path) ||
        a.ordinal - b.ordinal,
    );
  }
  return nearRows(file, snapshot, name, filter);
}

function select(
  file: IndexFile,
  snapshot: number,
  filter: DefinitionFilter,
  where: string,
  ...values: string[]
): DefinitionRow[] {
  const kind = filter.kind === undefined ? "" : " AND definition.kind = ?";
  const parent = filter.parent === undefined ? "" : " AND definition.parent = ?";
  return file.all<DefinitionRow>(
    `SELECT name, definition.blob, ordinal, file.path, blob.language
     FROM definition CROSS JOIN file INDEXED BY file_blob ON file.blob = definition.blob JOIN blob ON blob.id = definition.blob
     WHERE ${where} AND file.snapshot = ?${kind}${parent}
     ORDER BY file.path, ordinal LIMIT ${nearMax}`,
    ...values,
    snapshot,
    ...(filter.kind === undefined ? [] : [kindNumber(filter.kind)]),
    ...(filter.parent === undefined ? [] : [filter.parent]),
  );
}

/** Names that begin alike or share a part, and differ in few letters; the nearest first. */
function nearRows(
  file: IndexFile,
  snapshot: number,
  name: string,
  filter: DefinitionFilter,
): DefinitionRow[] {
  const lower = name.toLowerCase();
  const most = Math.max(1, Math.floor(lower.length * distanceShare));
  const distances = new Map<string, number>();
  const distanceOf = (other: string) => {
    const known = distances.get(other) ?? nearness(lower, other.toLowerCase(), most);
    distances.set(other, known);
    return known;
  };
  const alike = namesLike(file, name);
  const near = alike.filter((other) => distanceOf(other) < Infinity);
  const rows = near.flatMap((other) => select(file, snapshot, filter, sameName, other, other));
  const seen = new Set(rows.map((row) => `${row.path}\n${row.ordinal}`));
  for (const row of rowsWithParts(file, snapshot, name, filter, (other) => distanceOf(other) < Infinity)) {
    if (!seen.has(`${row.path}\n${row.ordinal}`)) rows.push(row);
  }
  if (rows.length === 0) return rowsBeginningNear(file, snapshot, lower, alike, filter);
  return rows.sort(
    (a, b) => distanceOf(a.name) - distanceOf(b.name) || compareText(a.path, b.path) || a.ordinal - b.ordinal,
  );
}

/** Where no whole name is near: names whose first word is, the shortest first. */
function rowsBeginningNear(
  file: IndexFile,
  snapshot: number,
  lower: string,
  names: readonly string[],
  filter: DefinitionFilter,
): DefinitionRow[] {
  if (lower.length < beginningMin) return [];
  const most = Math.max(1, Math.floor(lower.length * beginningShare));
  const begin = names.filter((name) => {
    const word = /^[A-Z]?[a-z]+(?=[A-Z_\d])/.exec(name)?.[0].toLowerCase() ?? "";
    return Math.abs(word.length - lower.length) <= most && editDistance(lower, word) <= most;
  });
  return begin
    .sort((a, b) => a.length - b.length || compareText(a, b))
    .slice(0, beginningsMax)
    .flatMap((name) => select(file, snapshot, filter, sameName, name, name));
}

/** Different names that begin with the same two letters: telling which are near needs no look at their files. */
function namesLike(file: IndexFile, name: string): string[] {
  const start = name.slice(0, 2);
  const rows = file.all<{ name: string }>(
    `SELECT DISTINCT name COLLATE BINARY AS name FROM definition WHERE ${beginsSo} LIMIT ${nearMax}`,
    start,
    start,
  );
  return rows.map((row) => row.name);
}

/** Definitions whose name contains all parts but one of the wanted one, found through the full-text index. */
function rowsWithParts(
  file: IndexFile,
  snapshot: number,
  name: string,
  filter: DefinitionFilter,
  isNear: (name: string) => boolean,
): DefinitionRow[] {
  const parts = indexTokens(name)
    .split(" ")
    .filter((part) => part !== "");
  if (parts.length === 0) return [];
  const expression = `name : (${parts.map((part) => `"${part}"`).join(" OR ")})`;
  const chunks = bestRows(file, expression, partRowsMax);
  const rows: DefinitionRow[] = [];
  const done = new Set<number>();
  for (const { rowid } of chunks) {
    const blob = file.get<{ id: number }>(
      "SELECT id FROM blob WHERE id <= ? ORDER BY id DESC LIMIT 1",
      rowid,
    )?.id;
    if (blob === undefined || done.has(blob)) continue;
    done.add(blob);
    rows.push(...definitionsOfBlob(file, snapshot, blob, filter, isNear));
  }
  return rows;
}

function definitionsOfBlob(
  file: IndexFile,
  snapshot: number,
  blob: number,
  filter: DefinitionFilter,
  isNear: (name: string) => boolean,
): DefinitionRow[] {
  const near = (outlineOf(file, blob)?.definitions ?? []).flatMap((definition, ordinal) => {
    const parent = definition.parent.slice(definition.parent.lastIndexOf(".") + 1);
    if (filter.kind !== undefined && definition.kind !== filter.kind) return [];
    if (filter.parent !== undefined && parent !== filter.parent) return [];
    return isNear(definition.name) ? [{ name: definition.name, blob, ordinal }] : [];
  });
  if (near.length === 0) return [];
  const places = file.all<{ path: string; language: string }>(
    `SELECT path, language FROM file INDEXED BY file_blob JOIN blob ON blob.id = file.blob
     WHERE file.blob = ? AND snapshot = ?`,
    blob,
    snapshot,
  );
  return near.flatMap((row) => places.map((place) => ({ ...row, ...place })));
}

/** Edits from one name to the other; one that holds the other whole counts by what it adds. Infinity above `most`. */
function nearness(wanted: string, name: string, most: number): number {
  if (wanted.length >= 4 && name.includes(wanted)) return 1 + (name.length - wanted.length) / 100;
  if (Math.abs(wanted.length - name.length) > most) return Infinity;
  const distance = editDistance(wanted, name);
  return distance > most ? Infinity : distance;
}

/** Insertions, deletions, replacements and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + cost,
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, (older[column - 2] ?? 0) + 1);
      }
      current.push(best);
    }
    older = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

export function findReferencesIn(
  file: IndexFile,
  snapshot: number,
  repository: string,
  name: string,
  filter: FileFilter & { readonly limit: number },
): ReferenceMatch[] {
  const fits = filter.path === undefined ? () => true : pathMatcher(filter.path);
  const found: ReferenceMatch[] = [];
  for (const { path, blob, language } of filesThatMention(file, snapshot, name)) {
    if (!fits(path) || (filter.language !== undefined && filter.language !== language)) continue;
    const row = file.get<{ uses: Buffer }>("SELECT uses FROM content WHERE blob = ?", blob);
    const references = row === undefined ? [] : unpackReferences(row.uses, name);
    if (references.length === 0) continue;
    const definitions = outlineOf(file, blob)?.definitions ?? [];
    for (const reference of references) {
      found.push({ repository, path, reference, enclosing: definitions[reference.enclosing] });
      if (found.length === filter.limit) return found;
    }
  }
  return found;
}

interface Mention {
  readonly path: string;
  readonly blob: number;
  readonly language: string;
}

/** Only files whose text holds the name's tokens are unpacked. A name without tokens (an operator) is in any file. */
function filesThatMention(file: IndexFile, snapshot: number, name: string): Mention[] {
  const tokens = indexTokens(name);
  const columns = "SELECT file.path, file.blob, blob.language FROM file";
  const joined = "JOIN blob ON blob.id = file.blob WHERE snapshot = ?";
  if (tokens === "") return file.all<Mention>(`${columns} ${joined} ORDER BY path`, snapshot);
  const mentions: Mention[] = [];
  // One walk over all rows: asking again for the first row of the next blob took seven times as long.
  const rows = file.all<{ rowid: number }>(
    "SELECT rowid FROM passage WHERE passage MATCH ? ORDER BY rowid",
    `body : "${tokens}"`,
  );
  let next = 0;
  for (const { rowid } of rows) {
    if (rowid < next) continue;
    const blob = file.get<{ id: number; chunks: number }>(
      "SELECT id, chunks FROM blob WHERE id <= ? ORDER BY id DESC LIMIT 1",
      rowid,
    );
    if (blob === undefined) continue;
    next = Math.max(rowid + 1, blob.id + blob.chunks);
    mentions.push(
      ...file.all<Mention>(`${columns} INDEXED BY file_blob ${joined} AND file.blob = ?`, snapshot, blob.id),
    );
  }
  return mentions.sort((a, b) => compareText(a.path, b.path));
}
