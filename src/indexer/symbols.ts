/** Asking for symbols by name: where they are defined and where they are used. */
import { checkedLimit, checkedText, chosenRepositories } from "./answering.ts";
import { isAside } from "./asides.ts";
import type { DefinitionMatch, Evidence, IndexStore, ReferenceMatch } from "./store.ts";
import type { SymbolKind } from "./symbol.ts";

export interface SymbolRequest {
  /** A name, or a path of names such as `Class.method`, `Class::method` or `pkg.Class.method`. */
  readonly name: string;
  readonly repository?: string;
  readonly kind?: SymbolKind;
  /** Glob over the relative path. */
  readonly path?: string;
  readonly language?: string;
  /** `any` (default): where no name is equal, names that begin so, then names near it. */
  readonly match?: "exact" | "any";
  /** 1 to 200; 20 where it is missing. */
  readonly limit?: number;
}

export interface SymbolAnswer {
  readonly definitions: readonly DefinitionMatch[];
  readonly match: "exact" | "prefix" | "fuzzy";
  readonly total: number;
  /** Whether counting stopped there: there may be more than `total`. */
  readonly totalCapped: boolean;
  readonly evidence: readonly Evidence[];
}

export interface ReferenceRequest {
  readonly name: string;
  readonly repository?: string;
  readonly path?: string;
  readonly limit?: number;
}

export interface ReferenceAnswer {
  readonly references: readonly ReferenceMatch[];
  readonly total: number;
  /** As in `SymbolAnswer`. */
  readonly totalCapped: boolean;
  readonly evidence: readonly Evidence[];
}

/** What the store is asked for at most: `total` counts up to it, to fewer for names only near the one asked for. */
const totalMax = 1000;
const nearMax = 50;
/** Uses that are counted beyond those shown: counting all of a common name would unpack every file. */
const usesBeyond = 100;
/** What a name is asked for first; of other kinds there are many small ones. */
const mainKinds: ReadonlySet<SymbolKind> = new Set([
  "class",
  "interface",
  "struct",
  "union",
  "enum",
  "trait",
  "type",
  "function",
  "method",
  "constructor",
  "macro",
]);
const minorKinds: ReadonlySet<SymbolKind> = new Set(["variable", "field", "property", "enum_member"]);
const separators = /\.|::|->|#|\/|\\/;

/**
 * Definitions of a name. A path of names holds where its last but one part encloses the definition, in this file or
 * by its language's notation. Throws `not_found` for an unknown repository, `invalid_argument` for an empty name.
 */
export function findSymbol(store: IndexStore, request: SymbolRequest): SymbolAnswer {
  const names = checkedText(request.name, "name")
    .trim()
    .split(separators)
    .filter((name) => name !== "");
  const limit = checkedLimit(request.limit, 20, 200);
  const evidence = chosenRepositories(store, request.repository);
  const passes = request.match === "exact" ? (["exact"] as const) : (["exact", "prefix", "fuzzy"] as const);
  for (const match of passes) {
    const collected = evidence.map(({ repository }) => collect(store, repository, names, match, request));
    const found = collected.flatMap(({ matches }) => matches);
    if (found.length === 0) continue;
    const ordered = match === "exact" ? found.sort(compareMatches) : found;
    const totalCapped = collected.some(({ capped }) => capped);
    return { definitions: ordered.slice(0, limit), match, total: found.length, totalCapped, evidence };
  }
  const match = request.match === "exact" ? "exact" : "fuzzy";
  return { definitions: [], match, total: 0, totalCapped: false, evidence };
}

function collect(
  store: IndexStore,
  repository: string,
  names: readonly string[],
  match: "exact" | "prefix" | "fuzzy",
  request: SymbolRequest,
): { readonly matches: DefinitionMatch[]; readonly capped: boolean } {
  const last = names.at(-1) ?? request.name;
  const filter = {
    match,
    ...(request.kind === undefined ? {} : { kind: request.kind }),
    ...(request.path === undefined ? {} : { path: request.path }),
    ...(request.language === undefined ? {} : { language: request.language }),
    limit: match === "fuzzy" ? nearMax : totalMax,
  };
  const counted = (matches: DefinitionMatch[], asked = matches) => ({
    matches,
    capped: asked.length >= filter.limit,
  });
  const parent = names.at(-2);
  if (parent === undefined) return counted(store.findDefinitions(repository, last, filter));
  const inside = store.findDefinitions(repository, last, { ...filter, parent });
  const whole = inside.filter(({ definition }) => endsWith(definition.parent, names.slice(0, -1)));
  if (whole.length > 0 || names.length === 2) return counted(whole, inside);
  // The outer parts may name a package or module, which is a folder or file rather than a definition.
  return counted(inside.length > 0 ? inside : store.findDefinitions(repository, last, filter));
}

function endsWith(parent: string, names: readonly string[]): boolean {
  const path = names.join(".");
  return parent === path || parent.endsWith(`.${path}`);
}

function weightOf(kind: SymbolKind): number {
  return mainKinds.has(kind) ? 0 : minorKinds.has(kind) ? 2 : 1;
}

/** Types and functions before variables and members; of a sort those in tests and the like after those of the code. */
function compareMatches(a: DefinitionMatch, b: DefinitionMatch): number {
  const kind = weightOf(a.definition.kind) - weightOf(b.definition.kind);
  if (kind !== 0) return kind;
  const aside = Number(isAside(a.path)) - Number(isAside(b.path));
  if (aside !== 0) return aside;
  if (a.repository !== b.repository) return a.repository < b.repository ? -1 : 1;
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  return a.definition.line - b.definition.line;
}

/**
 * Uses of a name, by path and line. Of a path of names the last part counts. `total` counts up to 100 more
 * than `limit` a repository. Throws as `findSymbol` does.
 */
export function findReferences(store: IndexStore, request: ReferenceRequest): ReferenceAnswer {
  const names = checkedText(request.name, "name")
    .trim()
    .split(separators)
    .filter((name) => name !== "");
  const limit = checkedLimit(request.limit, 50, 500);
  const evidence = chosenRepositories(store, request.repository);
  const filter = { ...(request.path === undefined ? {} : { path: request.path }), limit: limit + usesBeyond };
  const name = names.at(-1) ?? request.name;
  const collected = evidence.map(({ repository }) => store.findReferences(repository, name, filter));
  const found = collected.flat();
  const totalCapped = collected.some(({ length }) => length >= filter.limit);
  return { references: found.slice(0, limit), total: found.length, totalCapped, evidence };
}
