/** Turns a query's matches into definitions and references. It knows no language, only the captures' meaning. */
import type { Language, Node, QueryMatch } from "web-tree-sitter";
import { enclosingOf, type Mark, type Nested, nest, type Placed } from "./extract-nesting.ts";
import {
  cleanName,
  declarationStart,
  docAbove,
  docInside,
  signatureOf,
  visibilityOf,
} from "./extract-text.ts";
import type { Grammar } from "./parse.ts";
import { isBlank, type SourceText } from "./source-text.ts";
import type { Definition, Reference, ReferenceRole, SymbolKind } from "./symbol.ts";

/** A definition or scope as its captures give it; indexes are those of the text, rows count from 0. */
interface Found extends Placed {
  readonly pattern: number;
  readonly node: Node;
  readonly row: number;
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly nameRow: number;
  readonly docNode: Node | undefined;
  /** Holds what follows it, up to the next such definition. */
  readonly onward: boolean;
}

/** A reference on its way: `enclosing` is filled in when all definitions are known. */
interface FoundReference extends Reference {
  enclosing: number;
  readonly start: number;
}

export interface Tags {
  readonly definitions: readonly Definition[];
  readonly references: readonly Reference[];
  /** Index in the text where each definition's name starts. */
  readonly nameStarts: readonly number[];
}

/** One identifier may fit several patterns: the use that says most is kept. */
const rolePriority: readonly ReferenceRole[] = [
  "write",
  "call",
  "inherit",
  "import",
  "macro",
  "type",
  "read",
];

/** `checkTime` is called for every match and definition, and throws when the file's time is over. */
export function extractTags(
  source: SourceText,
  matches: readonly QueryMatch[],
  grammar: Grammar,
  checkTime: () => void,
): Tags {
  const found = new Map<number, Found>();
  const scopes: Found[] = [];
  const references: FoundReference[] = [];
  for (const match of matches) {
    checkTime();
    const tagged = readMatch(source, match, grammar, references);
    if (tagged === undefined) continue;
    if (tagged.kind === undefined) scopes.push(tagged);
    else if (match.patternIndex >= (found.get(tagged.nameStart)?.pattern ?? -1))
      found.set(tagged.nameStart, tagged);
  }
  const nested = nest([...stretch([...found.values()], source.text), ...scopes], checkTime);
  const readNode = describeWith(source, grammar);
  return {
    definitions: nested.map((each) => {
      checkTime();
      return readNode(each);
    }),
    references: placeReferences(
      references,
      found,
      nested.map(({ item }) => item),
      grammar.spec.builtins,
    ),
    nameStarts: nested.map(({ item }) => item.nameStart),
  };
}

/** A namespace without braces ends where the next one starts. */
function stretch(found: readonly Found[], text: string): Found[] {
  const starts = found.filter(({ onward }) => onward).map(({ start }) => start);
  if (starts.length === 0) return [...found];
  starts.sort((a, b) => a - b);
  const ends = new Map(starts.map((start, index) => [start, starts[index + 1] ?? text.length]));
  return found.map((item) =>
    item.onward ? { ...item, end: trimEnd(text, item.start, ends.get(item.start) ?? text.length) } : item,
  );
}

/** Adds the match's references to `references` and answers its definition or scope, if it has one. */
function readMatch(
  source: SourceText,
  { captures, patternIndex }: QueryMatch,
  grammar: Grammar,
  references: FoundReference[],
): Found | undefined {
  let node: Node | undefined;
  let nameNode: Node | undefined;
  let docNode: Node | undefined;
  let kind: SymbolKind | undefined;
  let parent = "";
  let onward = false;
  let mark: Mark | undefined;
  for (const capture of captures) {
    const meaning = grammar.captures.get(capture.name);
    if (meaning === undefined) continue;
    if (meaning.part === "reference") {
      references.push(readReference(source.text, capture.node, meaning.role));
    } else if (meaning.part === "definition") {
      node = capture.node;
      kind = meaning.kind;
    } else if (meaning.part === "name") nameNode ??= capture.node;
    else if (meaning.part === "scope") node ??= capture.node;
    else if (meaning.part === "doc") docNode ??= capture.node;
    else if (meaning.part === "onward") onward = true;
    else if (meaning.part === "local" || meaning.part === "open") {
      mark = meaning.part;
      node = nameNode = capture.node;
    } else if (meaning.part === "parent") parent = joinPath(parent, textOf(source.text, capture.node));
  }
  if (node === undefined || nameNode === undefined) return undefined;
  const start = node.startIndex;
  const nameEnd = nameNode.endIndex;
  const name = mark === undefined ? cleanName(source.text.slice(nameNode.startIndex, nameEnd)) : "";
  if (name === "" && mark === undefined) return undefined;
  return {
    pattern: patternIndex,
    node,
    kind,
    name,
    parent,
    docNode,
    start,
    end: trimEnd(source.text, start, node.endIndex),
    row: node.startPosition.row,
    nameStart: nameNode.startIndex,
    nameEnd,
    nameRow: nameNode.startPosition.row,
    onward,
    mark,
  };
}

function readReference(text: string, node: Node, role: ReferenceRole): FoundReference {
  const { row, column } = node.startPosition;
  const start = node.startIndex;
  const name = cleanName(text.slice(start, node.endIndex));
  return { name, role, line: row + 1, column: column + 1, enclosing: -1, start };
}

function textOf(text: string, node: Node): string {
  return cleanName(text.slice(node.startIndex, node.endIndex));
}

function joinPath(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function trimEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(text.charCodeAt(at - 1))) at--;
  return at;
}

/** Which fields of a node lead to the node that has a body (`const f = () => {}`, a decorated definition). */
const wayToBody = ["value", "definition", "declaration", "right", "type"];
const kindsWithBody: ReadonlySet<SymbolKind> = new Set<SymbolKind>([
  "function",
  "method",
  "constructor",
  "class",
  "interface",
  "struct",
  "union",
  "enum",
  "trait",
  "module",
  "namespace",
]);

function describeWith(source: SourceText, { language, spec }: Grammar) {
  const findBody = bodyFinder(language);
  return ({ item, kind, path: parent, member, open }: Nested<Found>): Definition => {
    const start = declarationStart(source, item.row, item.start);
    const bodyStart = kindsWithBody.has(kind) ? findBody(item.node, item.nameEnd) : -1;
    const before = endsOf(source.text, start, item.nameStart);
    return {
      kind,
      name: item.name,
      parent,
      line: item.nameRow + 1,
      startLine: item.row + 1,
      endLine: source.rowOf(Math.max(item.start, item.end - 1)) + 1,
      startByte: source.toByte(item.start),
      endByte: source.toByte(item.end),
      signature: signatureOf(source.text, start, item.end, item.nameEnd, bodyStart),
      doc:
        item.docNode === undefined
          ? docAbove(source, item.row, spec.comments)
          : docInside(source.text.slice(item.docNode.startIndex, item.docNode.endIndex), spec.comments),
      visibility: visibilityOf(spec.visibility, item.name, before, open ? "open" : member ? "member" : "top"),
    };
  };
}

const beforeMax = 300;

/**
 * The declaration before a name, without its middle where it is long: modifiers stand first or, after annotations,
 * last. Thousands of names may share one declaration, which must not be read whole for each.
 */
function endsOf(text: string, start: number, end: number): string {
  if (end - start <= 2 * beforeMax) return text.slice(start, end);
  return `${text.slice(start, start + beforeMax)} ${text.slice(end - beforeMax, end)}`;
}

function bodyFinder(language: Language): (node: Node, after: number) => number {
  const body = language.fieldIdForName("body");
  const ways = wayToBody.map((field) => language.fieldIdForName(field)).filter((id) => id !== null);
  return (node, after) => {
    if (body === null) return -1;
    let found = node.childForFieldId(body);
    for (const way of ways) {
      if (found !== null) break;
      found = node.childForFieldId(way)?.childForFieldId(body) ?? null;
    }
    return found !== null && found.startIndex >= after ? found.startIndex : -1;
  };
}

function placeReferences(
  references: FoundReference[],
  definitions: ReadonlyMap<number, Found>,
  order: readonly Found[],
  builtins: ReadonlySet<string>,
): Reference[] {
  references.sort((a, b) => a.start - b.start || rolePriority.indexOf(a.role) - rolePriority.indexOf(b.role));
  const enclosing = enclosingOf(order);
  let last = -1;
  return references.filter((reference) => {
    const { start, name, role } = reference;
    // The name of a definition is no use of it, whatever a broad pattern says.
    if (start === last || name === "" || definitions.has(start)) return false;
    if ((role === "call" || role === "type") && builtins.has(name)) return false;
    last = start;
    reference.enclosing = enclosing(start);
    return true;
  });
}
