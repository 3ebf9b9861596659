/** Which definition stands in which: parent paths and the definition around a place. */
import type { SymbolKind } from "./symbol.ts";

export type Mark = "local" | "open";

/** A named range of the text. Without a `kind` it is a scope: a name to its content, but no definition. */
export interface Placed {
  readonly kind: SymbolKind | undefined;
  readonly name: string;
  /** A parent that nesting does not tell; empty where there is none. */
  readonly parent: string;
  readonly start: number;
  readonly end: number;
  /**
   * A range without a name that only says something about the definitions in it: `local`, that nobody outside can name
   * them, so they are left out; `open`, that those directly in it are public unless a word says otherwise.
   */
  readonly mark?: Mark | undefined;
}

export interface Nested<T extends Placed> {
  readonly item: T;
  readonly kind: SymbolKind;
  readonly path: string;
  /** Stands directly in a class-like definition or a scope, or names its parent itself. */
  readonly member: boolean;
  /** As visible as its owner unless a word says otherwise: an enum's member, or what stands in an interface or an open range. */
  readonly open: boolean;
}

const classLike: ReadonlySet<SymbolKind | undefined> = new Set<SymbolKind | undefined>([
  "class",
  "interface",
  "struct",
  "union",
  "enum",
  "trait",
  "type",
]);
const valueLike: ReadonlySet<SymbolKind | undefined> = new Set<SymbolKind | undefined>([
  "constant",
  "variable",
  "field",
  "property",
]);
/** Longer paths are not grown any further: their length would be the square of the nesting. */
const pathMax = 400;

/** Definitions in the order of their start, outer before inner, each with its parent path; scopes only lend their name. */
export function nest<T extends Placed>(items: readonly T[], checkTime: () => void): Nested<T>[] {
  const sorted = items.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const open: { readonly item: T; readonly path: string }[] = [];
  const nested: Nested<T>[] = [];
  for (const item of sorted) {
    checkTime();
    while (open.length > 0 && (open.at(-1) as { item: T }).item.end < item.end) open.pop();
    while (open.length > 0 && (open.at(-1) as { item: T }).item.end <= item.start) open.pop();
    if (isLocal(open, item) || open.some((around) => around.item.mark === "local")) continue;
    const at = findAround(open, item);
    const around = open[at];
    const isMarked = open.slice(at + 1).some(({ item: between }) => between.mark === "open");
    const path = join(around?.path ?? "", dotted(item.parent));
    removeTwin(open, item);
    open.push({ item, path: join(path, dotted(item.name)) });
    if (item.kind === undefined) continue;
    const outer = around?.item;
    const kind = outer !== undefined && classLike.has(outer.kind) ? asMember(item.kind) : item.kind;
    const member =
      item.parent !== "" || (outer !== undefined && (outer.kind === undefined || classLike.has(outer.kind)));
    const isOpen = isMarked || item.kind === "enum_member" || outer?.kind === "interface";
    nested.push({ item, kind, path, member, open: isOpen });
  }
  return nested;
}

/**
 * Names of one declaration have the same range and hold nothing of each other: the last of a kind stands for all, so
 * that thousands of them do not make `open` long.
 */
function removeTwin<T extends Placed>(open: { readonly item: T; readonly path: string }[], item: T): void {
  for (let at = open.length - 1; at >= 0; at--) {
    const { start, end, kind, mark } = (open[at] as { item: T }).item;
    if (start !== item.start || end !== item.end) return;
    if (kind === item.kind && mark === item.mark) {
      open.splice(at, 1);
      return;
    }
  }
}

/** What a function declares for itself has no name outside of it. */
function isLocal<T extends Placed>(open: readonly { readonly item: T }[], item: T): boolean {
  if (item.kind !== "variable" && item.kind !== "constant") return false;
  const around = open.findLast(({ item: { kind } }) => kind !== undefined && !valueLike.has(kind))?.item.kind;
  return around === "function" || around === "method" || around === "constructor";
}

function asMember(kind: SymbolKind): SymbolKind {
  return kind === "function" ? "method" : kind === "variable" ? "field" : kind;
}

/** Where in `open` the innermost range stands that holds `item`, is larger and may be its parent; -1 for none. */
function findAround<T extends Placed>(
  open: readonly { readonly item: T; readonly path: string }[],
  item: T,
): number {
  return open.findLastIndex(({ item: around }) => {
    const isSame = around.start === item.start && around.end === item.end;
    return !isSame && around.mark === undefined && mayHold(around.kind, item.kind);
  });
}

/**
 * An enum's member is no parent; a variable is none to a type that stands in its declaration (`static struct point
 * { int x; } origin;`), and a constructor is none to a field that its parameters declare.
 */
function mayHold(around: SymbolKind | undefined, inner: SymbolKind | undefined): boolean {
  if (around === "enum_member") return false;
  if (around === "constructor") return inner !== "field" && inner !== "property";
  return !(valueLike.has(around) && classLike.has(inner));
}

function join(path: string, name: string): string {
  if (path === "") return name;
  return name === "" || path.length + name.length > pathMax ? path : `${path}.${name}`;
}

function dotted(name: string): string {
  return name.includes("::") || name.includes("\\")
    ? name.replace(/^(?:::|\\)/, "").replace(/::|\\/g, ".")
    : name;
}

/**
 * Answers, for places asked in ascending order, the index of the innermost range around each, or -1. `ranges` are
 * sorted by start, outer before inner.
 */
export function enclosingOf(ranges: readonly Pick<Placed, "start" | "end">[]): (place: number) => number {
  const open: number[] = [];
  let next = 0;
  const startOf = (index: number) => ranges[index]?.start as number;
  const endOf = (index: number) => ranges[index]?.end as number;
  const closeUpTo = (place: number) => {
    while (open.length > 0 && endOf(open.at(-1) as number) <= place) open.pop();
  };
  return (place) => {
    for (; next < ranges.length && startOf(next) <= place; next++) {
      closeUpTo(startOf(next));
      open.push(next);
    }
    closeUpTo(place);
    return open.at(-1) ?? -1;
  };
}
