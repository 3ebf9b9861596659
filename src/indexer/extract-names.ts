/** Reads the text of names, asking the syntax tree as little as possible. */
import type { Node } from "web-tree-sitter";
import { fold } from "./extract-text.ts";

const nameMax = 200;

/**
 * The capture names that, in one pattern of a query, stand on nothing but childless nodes of a type that ends in
 * `identifier`: where such a node ends can be read off the text.
 */
export function identifierCaptures(pattern: string): ReadonlySet<string> {
  const code = pattern
    .replace(/;.*$/gm, "")
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\(#[^()]*\)/g, "");
  const all = count(code.matchAll(/@([\w.]+)/g));
  const plain = count(code.matchAll(/\(\w*identifier\)\s*@([\w.]+)/g));
  return new Set([...all.keys()].filter((name) => all.get(name) === plain.get(name)));
}

function count(found: Iterable<RegExpMatchArray>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, name = ""] of found) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/**
 * Where a node ends. Asking the tree costs more than a microsecond, ten times what reading an identifier does, so
 * the tree is asked only where the text leaves a doubt: `empty?`, `r#type`, `kebab-case`, letters beyond ASCII.
 */
export function endOfName(text: string, node: Node, isIdentifier: boolean): number {
  if (!isIdentifier) return node.endIndex;
  const start = node.startIndex;
  let end = start;
  let code = text.charCodeAt(end);
  while (isNameCode(code)) code = text.charCodeAt(++end);
  if (end === start || code > 127 || (code !== 45 && mayContinueName(code))) return node.endIndex;
  return code === 45 && text.charCodeAt(end + 1) !== 62 ? node.endIndex : end;
}

function isNameCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    code === 95 ||
    (code >= 48 && code <= 57) ||
    code === 36
  );
}

/** `!`, `#`, `'`, `?`, `@`, `\`. */
function mayContinueName(code: number): boolean {
  return code === 33 || code === 35 || code === 39 || code === 63 || code === 64 || code === 92;
}

/** Names in quotes, of symbols (`:name`) and of system headers are given bare, and white space is folded. */
export function cleanName(text: string): string {
  if (text.length <= nameMax && /^[A-Za-z_][\w$]*$/.test(text)) return text;
  const folded = fold(text, nameMax);
  const quoted = /^(?:"(.*)"|'(.*)'|`(.*)`|<(.*)>|:(?!:)(.+))$/.exec(folded);
  return quoted === null ? folded : (quoted.slice(1).find((inner) => inner !== undefined) ?? folded);
}
