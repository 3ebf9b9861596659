/** A pattern of a user, ready to be looked for: read, checked, compiled, and explained where it is wrong. */
import { isAscii } from "node:buffer";
import { CambiumError } from "../errors.ts";
import { readPattern } from "./pattern-text.ts";
import { type CompileRegex, type Hir, loadRegexEngine, type Regex, type Span } from "./regex-engine.ts";
import { trigramQueryOf } from "./trigram-query.ts";
import type { TrigramQuery } from "./trigrams.ts";

export interface PatternOptions {
  /** The pattern is text, not an expression. */
  readonly literal?: boolean;
  readonly ignoreCase?: boolean;
  /** A match begins and ends at the edge of a word. */
  readonly word?: boolean;
  /** A match may span lines; it may also where the pattern names a line feed or has the flag `s`. */
  readonly multiline?: boolean;
}

/** What was found in one text. */
export interface Found {
  /**
   * Where matches stand, in bytes, from left to right: the first of each line, up to the line's end; of a pattern
   * that spans lines the first of each run of lines, up to the end of the last one there.
   */
  readonly spans: readonly Span[];
  /** Set where the pattern is so costly on this text that the rest of it was left out. */
  readonly isCut: boolean;
}

export interface Pattern {
  /** What a text must hold to be a candidate. */
  readonly trigrams: TrigramQuery;
  /** No match goes on behind the end of its line. */
  readonly onOneLine: boolean;
  /** Looks through a text in UTF-8 until there are `most` matches or somewhat more, or `isOver`. */
  find(text: Buffer, most: number, isOver: () => boolean): Found;
  free(): void;
}

const lengthMax = 5000;
/** Texts are handed to the engine in pieces, so that an answer can stop between two. */
const pieceBytes = 128 * 1024;
/** The engine's slowest way costs about a nanosecond a byte and part of the pattern: no call may take seconds. */
const costMax = 2e9;

/** Throws `invalid_argument` for a pattern that cannot be searched for, saying where and why. */
export async function compilePattern(query: string, options: PatternOptions = {}): Promise<Pattern> {
  if (query.length > lengthMax) {
    throw new CambiumError("invalid_argument", `A pattern has at most ${lengthMax} characters.`);
  }
  const compile = await loadRegexEngine();
  const source = options.literal === true ? query.replace(/[\\.+*?()|[\]{}^$#&~-]/g, "\\$&") : query;
  const inLines = readPattern(source, true);
  const isMultiline = options.multiline === true || inLines.namesLineFeed;
  const text = isMultiline ? readPattern(source, false) : inLines;
  const flags = options.ignoreCase === true ? "(?mi)" : "(?m)";
  const whole = (part: string, edge: (name: string) => string) => {
    // A comment at the end of a verbose pattern would swallow the bracket.
    const group = `(?:${part}${text.isVerbose ? "\n" : ""})`;
    const inWord = options.word === true ? edge("start-half") + group + edge("end-half") : group;
    // The rest of the line goes with its first match, so that each line is found once.
    return `${flags}${inWord}${isMultiline ? "" : "[^\\n]*"}`;
  };
  const ascii = whole(text.ascii, (name) => `(?-u:\\b{${name}})`);
  const unicode = whole(text.unicode, (name) => `\\b{${name}}`);
  const open = (pattern: string): Regex => {
    try {
      if (!text.isUnbalanced) return compile(pattern);
    } catch (error) {
      throw explainError(compile, source, error);
    }
    throw explainError(compile, source, undefined);
  };
  const regex = open(ascii);
  const syntax = sketchOf(compile, flags + text.sketch);
  const kept = { ascii: regex, unicode: () => (ascii === unicode ? regex : open(unicode)) };
  return new CompiledPattern(kept, { isMultiline, isWhole: isMultiline || text.isAnchored, syntax });
}

function sketchOf(compile: CompileRegex, sketch: string): Hir {
  const regex = compile(sketch);
  try {
    return regex.syntax();
  } finally {
    regex.free();
  }
}

class CompiledPattern implements Pattern {
  readonly trigrams: TrigramQuery;
  readonly onOneLine: boolean;
  readonly #ascii: Regex;
  readonly #openUnicode: () => Regex;
  readonly #isWhole: boolean;
  readonly #weight: number;
  #unicode: Regex | undefined;

  constructor(
    regexes: { readonly ascii: Regex; readonly unicode: () => Regex },
    look: { readonly isMultiline: boolean; readonly isWhole: boolean; readonly syntax: Hir },
  ) {
    this.trigrams = trigramQueryOf(look.syntax);
    this.#ascii = regexes.ascii;
    this.#openUnicode = regexes.unicode;
    this.onOneLine = !look.isMultiline;
    this.#isWhole = look.isWhole;
    this.#weight = weightOf(look.syntax);
  }

  find(text: Buffer, most: number, isOver: () => boolean): Found {
    const regex = isAscii(text) ? this.#ascii : this.#wide();
    return this.onOneLine
      ? this.#findLines(regex, text, most, isOver)
      : this.#findAcross(regex, text, most, isOver);
  }

  free(): void {
    if (this.#unicode !== this.#ascii) this.#unicode?.free();
    this.#ascii.free();
  }

  #wide(): Regex {
    this.#unicode ??= this.#openUnicode();
    return this.#unicode;
  }

  #findLines(regex: Regex, text: Buffer, most: number, isOver: () => boolean): Found {
    const spans: Span[] = [];
    let isCut = false;
    for (let start = 0; start < text.length && spans.length < most; ) {
      const end = this.#isWhole ? text.length : lineEndAfter(text, start + pieceBytes);
      if ((end - start) * this.#weight > costMax) isCut = true;
      else {
        for (const span of regex.findAll(text.subarray(start, end))) {
          // What begins behind the piece's last line feed is in the next piece, if at all.
          if (start + span.start < end || text[end - 1] !== 10)
            spans.push({ start: start + span.start, end: start + span.end });
        }
      }
      start = end;
      if (start < text.length && isOver()) return { spans, isCut: true };
    }
    return { spans, isCut };
  }

  #findAcross(regex: Regex, text: Buffer, most: number, isOver: () => boolean): Found {
    if (text.length * this.#weight > costMax) return { spans: [], isCut: true };
    const spans: Span[] = [];
    let at = 0;
    while (spans.length < most) {
      const span = regex.findAt(text, at);
      if (span === undefined || (span.start === text.length && text[text.length - 1] === 10)) break;
      addAcross(text, spans, span);
      if (span.end >= text.length) break;
      // An empty match would be found again: on from the next character.
      at = span.end > span.start ? span.end : afterCharacter(text, span.end);
      if (isOver()) return { spans, isCut: true };
    }
    return { spans, isCut: false };
  }
}

/** A match that begins on the line where the one before ends belongs to it. */
function addAcross(text: Buffer, spans: Span[], { start, end }: Span): void {
  const last = spans.at(-1);
  const feed = last === undefined ? -1 : text.indexOf(10, Math.max(last.start, last.end - 1));
  if (last === undefined || (feed >= 0 && feed < start)) spans.push({ start, end });
  else spans[spans.length - 1] = { start: last.start, end: Math.max(last.end, end) };
}

/** Behind the line feed that is at `from` or the next one after it. */
function lineEndAfter(text: Buffer, from: number): number {
  if (from >= text.length) return text.length;
  const feed = text.indexOf(10, from);
  return feed < 0 ? text.length : feed + 1;
}

function afterCharacter(text: Buffer, at: number): number {
  let next = at + 1;
  while (((text[next] ?? 0) & 0xc0) === 0x80) next += 1;
  return next;
}

/** How many parts a pattern has when its repetitions are written out. */
function weightOf({ kind }: Hir): number {
  switch (kind["@variant"]) {
    case "Literal":
      return kind["@values"][0]["@values"][0].length;
    case "Capture":
      return weightOf(kind["@values"][0].sub);
    case "Concat":
    case "Alternation":
      return kind["@values"][0].reduce((sum, part) => sum + weightOf(part), 1);
    case "Repetition": {
      const { min, max, sub } = kind["@values"][0];
      return weightOf(sub) * Math.max(1, max ?? min + 1);
    }
    default:
      return 1;
  }
}

function explainError(compile: CompileRegex, source: string, error: unknown): CambiumError {
  let said = messageOf(error);
  try {
    // The pattern as it was written shows where the fault is.
    compile(source).free();
  } catch (own) {
    said = messageOf(own);
  }
  if (/exceeds size limit/.test(said)) {
    const advice = "Repeat less, or use * or + instead of large counts.";
    return new CambiumError(
      "invalid_argument",
      `This pattern is too large to be searched for. ${advice}`,
      error,
    );
  }
  const [, reason = said] = /\nerror: ([\s\S]*)$/.exec(said) ?? [];
  const shown = said.replace(/^regex parse error:\n/, "").replace(/\n?error: [\s\S]*$/, "");
  return new CambiumError(
    "invalid_argument",
    `This is not a pattern that can be searched for: ${reason.trim()}.\n${shown}\n${adviceFor(reason)}`,
    error,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "a group is closed that was not opened";
}

function adviceFor(reason: string): string {
  if (/look-around|backreference/.test(reason)) {
    return "They cannot be matched in bounded time. Match the text around as well, or search for a simpler pattern and look through its hits.";
  }
  return "The syntax is that of Rust's regex crate and ripgrep. To search for text as it is, ask for it literally.";
}
