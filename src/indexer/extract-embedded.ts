/** Finds the texts of other languages in a file: script in a page, code blocks in prose, expressions in a template. */
import type { Node, QueryMatch, Range } from "web-tree-sitter";
import { languageNamed } from "./languages.ts";
import type { Grammar } from "./parse.ts";

/** A text in another language. Its ranges are places of the outer file, so what is found in it is at its right place. */
export interface EmbeddedText {
  readonly language: string;
  readonly ranges: readonly Range[];
}

/** The texts of a made-up page may be millions; so many are read, the rest is text. */
const textsMax = 2_000;

interface Candidate {
  readonly node: Node;
  readonly pattern: number;
  /** Undefined for an expression: it is in the language of the file's first text that has one. */
  readonly language: string | undefined;
}

/** In the order of their start. To be called while the tree lives. */
export function findEmbedded(matches: readonly QueryMatch[], { captures }: Grammar): EmbeddedText[] {
  if (![...captures.values()].some(({ part }) => part === "embedded")) return [];
  const found = new Map<number, Candidate>();
  for (const match of matches) {
    const candidate = readCandidate(match, captures);
    const known = candidate && found.get(candidate.node.startIndex);
    if (candidate !== undefined && candidate.pattern >= (known?.pattern ?? -1))
      found.set(candidate.node.startIndex, candidate);
  }
  const sorted = [...found.values()].sort((a, b) => a.node.startIndex - b.node.startIndex);
  const first = sorted.find(({ language }) => language !== undefined && language !== "")?.language;
  const texts: EmbeddedText[] = [];
  for (const { node, language = first } of sorted) {
    if (language === undefined || language === "" || texts.length >= textsMax) continue;
    const ranges = rangesOf(node);
    if (ranges.length > 0) texts.push({ language, ranges });
  }
  return texts;
}

/** `language` is empty for a text that names a language which nobody reads. */
function readCandidate(
  { captures: found, patternIndex: pattern }: QueryMatch,
  meanings: Grammar["captures"],
): Candidate | undefined {
  let node: Node | undefined;
  let language: string | undefined;
  let named: string | undefined;
  for (const capture of found) {
    const meaning = meanings.get(capture.name);
    if (meaning?.part === "embedded") {
      node = capture.node;
      language = meaning.language;
    } else if (meaning?.part === "language") named ??= capture.node.text;
  }
  if (node === undefined) return undefined;
  return { node, pattern, language: named === undefined ? language : (languageNamed(named) ?? "") };
}

/** The node without its named children, which are marks of the outer language (`> ` before the lines of a quotation). */
function rangesOf(node: Node): Range[] {
  const ranges: Range[] = [];
  let from = { startIndex: node.startIndex, startPosition: node.startPosition };
  const endAt = (endIndex: number, endPosition: Range["endPosition"]) => {
    if (endIndex > from.startIndex) ranges.push({ ...from, endIndex, endPosition });
  };
  for (const child of node.namedChildren) {
    if (child === null || child.endIndex === child.startIndex) continue;
    endAt(child.startIndex, child.startPosition);
    from = { startIndex: child.endIndex, startPosition: child.endPosition };
  }
  endAt(node.endIndex, node.endPosition);
  return ranges;
}
