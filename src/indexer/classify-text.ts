/** What a file's text tells about it: keys in it, lines no one wrote, and a header that says a program wrote it. */
import type { Skip } from "./classify.ts";

/** Goes up with every change of this file, or of what is masked, that lets other texts in: all files are then looked at again. */
export const CLASSIFIER_VERSION = 4;

/** Nobody writes longer ones. */
export const longLine = 5_000;
const minifiedFrom = 20_000;
const averageLine = 500;
const averageFrom = 5_000;
const headLines = 40;
/** A generated file says so at once: after this many lines of code no header is expected any more. */
const headCodeLines = 2;

/** Text in sentences, where a paragraph may be one long line and `#` or `*` opens no comment. */
const prose = /\.(?:md|mdx|markdown|rst|txt|adoc|asciidoc|org|tex)$/i;
/** Their outputs, which nobody looks at, are often one long line. */
const notebook = /\.ipynb$/i;
const json = /\.(?:json|jsonl|ndjson|geojson|ipynb)$/i;
const privateKey = /-----BEGIN (?:[A-Z0-9 ]+ )?PRIVATE KEY(?: BLOCK)?-----/;

/** The reason to leave a file out by its text, if there is one. */
export function skipByText(path: string, text: string): Skip | undefined {
  if (holdsSecret(path, text)) return { reason: "secret" };
  const minified = describeLongLines(path, text);
  if (minified !== undefined) return { reason: "minified", detail: minified };
  // A README may be made by a program, and is still what people read; JSON has no comments.
  const marker = json.test(path) || prose.test(path) ? undefined : findGeneratedMarker(text);
  return marker === undefined ? undefined : { reason: "generated", detail: marker };
}

/** A file that is a key, or settings with a token. A key quoted in a test's source is not one. */
function holdsSecret(path: string, text: string): boolean {
  const start = text.slice(0, 200).trimStart();
  if (start.startsWith("-----BEGIN ") || start.startsWith("Bag Attributes")) return privateKey.test(text);
  if (start.startsWith("PuTTY-User-Key-File-")) return true;
  if (/(?:^|\/)\.npmrc$/i.test(path)) return /^[^#;\n]*(?:_auth|_authToken|_password)\s*=/im.test(text);
  if (/(?:^|\/)\.yarnrc\.ya?ml$/i.test(path))
    return /^[^#\n]*npmAuth(?:Token|Ident)["']?\s*:\s*\S/im.test(text);
  return start.startsWith("{") && text.length < 20_000 && /"private_key"\s*:\s*"-----BEGIN /.test(text);
}

/** Says what is odd about the lines of minified text; undefined for text that someone may have written. */
export function describeLongLines(path: string, text: string): string | undefined {
  if (notebook.test(path)) return undefined;
  if (text.length > minifiedFrom && countInLongLines(text) * 2 > text.length) return mostlyLong;
  if (text.length <= averageFrom || prose.test(path)) return undefined;
  return hasMoreLines(text, text.length / averageLine) ? undefined : longOnAverage;
}

/** The same of a text that was counted: its length, its lines, and how much of it stands in lines over `longLine`. */
export function describeLines(
  path: string,
  sums: { readonly length: number; readonly lines: number; readonly inLongLines: number },
): string | undefined {
  if (sums.length > minifiedFrom && sums.inLongLines * 2 > sums.length) return mostlyLong;
  if (sums.length <= averageFrom || prose.test(path)) return undefined;
  return sums.lines > sums.length / averageLine ? undefined : longOnAverage;
}

const mostlyLong = `lines of more than ${longLine} characters`;
const longOnAverage = `more than ${averageLine} characters a line`;

/**
 * How many characters stand in lines longer than `longLine`. Probes half a long line at a time, so that ordinary
 * text costs one short search in every 2,500 characters.
 */
function countInLongLines(text: string): number {
  const step = longLine / 2;
  let count = 0;
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf("\n", from);
    const lineEnd = end === -1 ? text.length : end;
    if (lineEnd - from < step) {
      from += step;
      continue;
    }
    const length = lineEnd - (text.lastIndexOf("\n", from - 1) + 1);
    if (length > longLine) count += length;
    from = lineEnd + 1;
  }
  return count;
}

function hasMoreLines(text: string, than: number): boolean {
  let lines = 1;
  for (let at = text.indexOf("\n"); at !== -1 && lines <= than; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines > than;
}

/** What may stand before a header's words: a call for attention. */
const attention = /^(?:[^\p{L}<@]|(?:warning|note|notice|attention|important|caution)\b)*/iu;
/** The words with which generators open their headers: each must begin a sentence and the comment's text. */
const markers: readonly RegExp[] = [
  /^code generated\b.*\bdo not edit\b/i,
  /^@generated\b/,
  /^this (?:file|code) (?:is|was) (?:automatically )?@generated\b/i,
  /^<auto-?generated\b/i,
  /^this (?:source |header |code )?file (?:is|was|has been) (?:an? )?auto(?:matically|[- ]?)?[- ]?generated\b/i,
  /^this (?:code|class|module|header|script|is an?) (?:is |was |has been )?auto(?:matically)?[- ]?generated\b/i,
  /^(?:the following )?auto(?:matically)?[- ]?generated (?:by|from|using|with|file|code|header|source)\b/i,
  /^generated by the (?:protocol buffer compiler|grpc\b)/i,
  /^generated by (?:cython|swig|antlr|thrift|protoc\b|flatc\b|flatbuffers)/i,
  /^generated from .*\bby antlr\b/i,
  /^a bison parser, made by\b/i,
  /^a lexical scanner generated by flex\b/i,
];
/** These say enough in lower case too. */
const strictMarkers: readonly RegExp[] = [
  /^(?:[\w-]+ ){0,3}(?:auto(?:matically)?[- ]?|machine[- ])?generated\b.*\bdo not (?:edit|modify|change|touch)\b/i,
  /^do not (?:edit|modify|change)\b.*\b(?:is|was|auto(?:matically)?[- ]?|machine[- ]?|file|by hand)\W*generated\b/i,
];
/** What a tool for beginning a project writes into files that are meant to be edited, unless a warning stands by. */
const weakMarker = /^this (?:source |header |code )?file (?:is|was|has been) generated\b/i;
const warning = /\bdo not (?:edit|modify|change|touch)\b|\bwill be (?:lost|overwritten)\b/i;

/** Opens of a comment, the longest first. */
const lineComment = /^(?:\/\/+!?|#+!?|--+|;+|%+|dnl\b|rem\b|\.\\"|')\s*/i;
const blockComments: readonly (readonly [open: string, close: string])[] = [
  ["/*", "*/"],
  ["<!--", "-->"],
  ['"""', '"""'],
  ["'''", "'''"],
  ["(*", "*)"],
  ["{-", "-}"],
  ["--[[", "]]"],
];

/** The header's words when a comment at the top of the file says that a program wrote it. */
export function findGeneratedMarker(text: string): string | undefined {
  let weak: string | undefined;
  for (const comment of headComments(text)) {
    const said = comment.replace(quoted, " ").replace(attention, "").trim();
    if (strictMarkers.some((marker) => marker.test(said))) return said.slice(0, 120);
    if (beginsSentence.test(said) && markers.some((marker) => marker.test(said))) return said.slice(0, 120);
    if (beginsSentence.test(said) && weakMarker.test(said)) weak = said.slice(0, 120);
    if (weak !== undefined && warning.test(said)) return weak;
  }
  return undefined;
}

/** Words in quotes or backquotes are talked about, not said. */
const quoted = /"[^"]*"|`[^`]*`/g;
const beginsSentence = /^[\p{Lu}@<]/u;

/** The text of each comment line at the top of a file, up to the code. */
function* headComments(text: string): Generator<string> {
  let closing: string | undefined;
  let codeLines = 0;
  for (const line of firstLines(text)) {
    const trimmed = line.trim();
    if (closing !== undefined) {
      if (trimmed.includes(closing)) closing = undefined;
      yield trimmed.replace(/^\*+(?!\/)/, "");
      continue;
    }
    const block = blockComments.find(([open]) => trimmed.startsWith(open));
    const content =
      block === undefined ? commentOf(trimmed) : trimmed.slice(block[0].length).replace(/^[*!]+/, "");
    if (block !== undefined && !content?.includes(block[1])) closing = block[1];
    if (content !== undefined) yield content;
    else if (trimmed !== "") codeLines += 1;
    if (codeLines > headCodeLines) return;
  }
}

function commentOf(line: string): string | undefined {
  const open = lineComment.exec(line);
  return open === null ? undefined : line.slice(open[0].length);
}

function* firstLines(text: string): Generator<string> {
  let from = 0;
  for (let line = 0; line < headLines && from < text.length; line += 1) {
    const end = text.indexOf("\n", from);
    const stop = end === -1 ? text.length : end;
    yield text.slice(from, Math.min(stop, from + 500));
    from = stop + 1;
  }
}
