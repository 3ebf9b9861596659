/** What the text around a definition says: its signature, its doc comment and its visibility. */
import type { CommentMarkers, VisibilityRule } from "./languages.ts";
import { endOfLine, type SourceText } from "./source-text.ts";
import type { Visibility } from "./symbol.ts";

const nameMax = 200;
const signatureMax = 300;
const docMax = 1_000;
const docLinesMax = 60;
/** How much of a declaration is looked at for its signature: folding white space may need some more than is kept. */
const signatureScanMax = 1_000;

/** How many times what is kept is looked at: indentation is folded away. */
const foldScan = 10;

/** White space folded, at most `max` characters, never ending inside a surrogate pair. */
export function fold(text: string, max: number): string {
  const folded = text
    .slice(0, max * foldScan)
    .replace(/\s+/g, " ")
    .trim();
  if (folded.length <= max) return folded;
  return folded.slice(0, isHighSurrogate(folded.charCodeAt(max - 1)) ? max - 1 : max);
}

/** A conversion operator with its parameter list, which ends the name; `operator()` is a name itself. */
const conversion = /^(operator\b.*?\S)\s*\(\s*(?:void\s*)?\)(?!\s*[>,)])/;

/**
 * Names in quotes, of symbols (`:name`) and of system headers are given bare, C++'s `operator T() const` without what
 * follows the type, and white space is folded.
 */
export function cleanName(text: string): string {
  if (text.length <= nameMax && /^[A-Za-z_][\w$]*$/.test(text)) return text;
  const folded = fold(text, nameMax);
  const quoted = /^(?:"(.*)"|'(.*)'|`(.*)`|<(\w[\w./+-]*)>|:(?!:)(.+))$/.exec(folded);
  if (quoted === null) return conversion.exec(folded)?.[1] ?? folded;
  return quoted.slice(1).find((inner) => inner !== undefined) ?? folded;
}

export function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** Where a definition's declaration begins: with the words before it on its line (`export const`), if only words are. */
export function declarationStart(source: SourceText, row: number, start: number): number {
  const lineStart = source.lineStarts[row] as number;
  if (lineStart === start) return start;
  const before = source.text.slice(lineStart, start);
  if (before.length > 100) return start;
  const words = before.trimStart();
  return /^(?:[A-Za-z_]\w* +)+$/.test(words) ? start - words.length : start;
}

/** The declaration from `start` up to its body at `bodyStart`, or, where there is none (-1), up to where its line ends. */
export function signatureOf(
  text: string,
  start: number,
  end: number,
  nameEnd: number,
  bodyStart: number,
): string {
  const stop = bodyStart >= 0 ? bodyStart : declarationEnd(text, nameEnd, end);
  const shown = text.slice(start, Math.min(stop, start + signatureScanMax));
  return fold(shown, signatureMax).replace(/\s*(?:=>\s*)?[{:;,]?$/, "");
}

/** Without a body: the end of the first line where no bracket is open, or the last bracket that opens a body there. */
function declarationEnd(text: string, from: number, end: number): number {
  let depth = 0;
  const last = Math.min(end, from + signatureScanMax);
  for (let at = from; at < last; at++) {
    const code = text.charCodeAt(at);
    if (code === 40 || code === 91) depth++;
    else if (code === 41 || code === 93) depth = Math.max(0, depth - 1);
    else if (code === 10 && depth === 0) return at;
    else if (code === 123 && (text.charCodeAt(at + 1) === 10 || text.charCodeAt(at + 1) === 13)) return at;
  }
  return last;
}

/**
 * The comment that ends on the line above `row`, without its markers; empty where there is none. Lines of
 * annotations (`@x`, `#[x]`) may stand between.
 */
export function docAbove(source: SourceText, row: number, markers: CommentMarkers): string {
  let above = row - 1;
  while (above >= 0 && row - above <= 20 && /^(?:@|#\[)/.test(lineAt(source, above))) above--;
  if (above < 0) return "";
  const last = lineAt(source, above);
  if (last === "") return "";
  const found = markers.block.find(([, close]) => last.endsWith(close));
  if (found !== undefined) return blockAbove(source, above, found);
  const lines: string[] = [];
  for (; above >= 0 && lines.length < docLinesMax; above--) {
    const line = lineAt(source, above);
    const marker = markers.line.find((candidate) => line.startsWith(candidate));
    if (marker === undefined) break;
    lines.push(withoutLineMarker(line, marker));
  }
  return shorten(lines.reverse().join("\n"));
}

function lineAt(source: SourceText, row: number): string {
  const start = source.lineStarts[row] as number;
  const end = endOfLine(source, row);
  return end - start > 2_000 ? "" : source.text.slice(start, end).trim();
}

function blockAbove(source: SourceText, last: number, [open, close]: readonly [string, string]): string {
  const lines: string[] = [];
  for (let row = last; row >= 0 && lines.length < docLinesMax; row--) {
    const line = lineAt(source, row);
    lines.push(line);
    const at = line.indexOf(open);
    if (at > 0) return "";
    if (at === 0) return shorten(stripBlock(lines.reverse().join("\n"), open, close));
  }
  return "";
}

function stripBlock(text: string, open: string, close: string): string {
  const inner = text.slice(open.length, Math.max(open.length, text.length - close.length));
  return inner
    .split("\n")
    .map((line) => line.replace(/^[ \t]*[*!]+ ?/, "").trimEnd())
    .join("\n");
}

/** `///`, `//!` and `##` are comments of the same kind with more signs. */
function withoutLineMarker(line: string, marker: string): string {
  const sign = marker.charAt(marker.length - 1);
  let at = marker.length;
  while (line.charAt(at) === sign || line.charAt(at) === "!") at++;
  return line.slice(line.charAt(at) === " " ? at + 1 : at);
}

function shorten(doc: string): string {
  const trimmed = doc.trim();
  if (trimmed.length <= docMax) return trimmed;
  return trimmed.slice(0, isHighSurrogate(trimmed.charCodeAt(docMax - 1)) ? docMax - 1 : docMax);
}

/** A documentation node's text without quotes, comment markers and common indentation. */
export function docInside(text: string, markers: CommentMarkers): string {
  const block = markers.block.find(([open, close]) => text.startsWith(open) && text.endsWith(close));
  if (block !== undefined) return shorten(stripBlock(text, block[0], block[1]));
  const quoted = /^[A-Za-z]{0,2}("""|'''|"|'|`)([\s\S]*)\1$/.exec(text);
  const lines = (quoted?.[2] ?? text).split("\n", docLinesMax);
  const marker = markers.line.find((candidate) => text.startsWith(candidate));
  if (marker !== undefined)
    return shorten(lines.map((line) => withoutLineMarker(line.trim(), marker)).join("\n"));
  const indents = lines
    .slice(1)
    .filter((line) => line.trim() !== "")
    .map((line) => line.search(/\S/));
  const indent = indents.length === 0 ? 0 : Math.min(...indents);
  return shorten(lines.map((line, index) => (index === 0 ? line : line.slice(indent)).trimEnd()).join("\n"));
}

/**
 * `before` is the declaration up to the name; `place` says whether it is a member of a class-like definition, and one
 * that is public where no word says otherwise (`open`).
 */
export function visibilityOf(
  rule: VisibilityRule,
  name: string,
  before: string,
  place: "top" | "member" | "open",
): Visibility | undefined {
  if (rule.rule === "none") return undefined;
  if (rule.rule === "capital") return /^\p{Lu}/u.test(name) ? "public" : "private";
  if (rule.rule === "underscore") return /^(?:_(?!_.*__$)|#)/.test(name) ? "private" : "public";
  if (name.startsWith("#")) return "private";
  for (const [word] of outsideBrackets(before).matchAll(/[A-Za-z_]+/g)) {
    const visibility = rule.words.get(word);
    if (visibility !== undefined) return visibility;
  }
  if (place === "open") return "public";
  return place === "member" ? rule.members : rule.otherwise;
}

function outsideBrackets(text: string): string {
  if (!/[([{<"'`]/.test(text)) return text;
  let depth = 0;
  let kept = "";
  for (const sign of text.replace(/"[^"\n]*"|'[^'\n]*'|`[^`]*`/g, '""')) {
    if ("([{<".includes(sign)) depth++;
    else if (")]}>".includes(sign)) depth = Math.max(0, depth - 1);
    else if (depth === 0) kept += sign;
  }
  return kept;
}
