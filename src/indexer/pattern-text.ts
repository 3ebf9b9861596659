/**
 * Reads the text of a regular expression far enough to write it anew: for texts in ASCII, where classes of characters
 * are small, for all others, and as a sketch for the trigram index. It refuses to know what a pattern matches.
 */

export interface PatternText {
  /** Equal to `unicode` on texts that are all ASCII; compiles and runs many times faster. */
  readonly ascii: string;
  readonly unicode: string;
  /** Matches all that the pattern matches and more: large classes of characters are any character. */
  readonly sketch: string;
  /** Names a line feed, or lets the point match one. */
  readonly namesLineFeed: boolean;
  /** Has anchors of the whole text, so that the text must not be cut. */
  readonly isAnchored: boolean;
  /** Ignores white space and comments. */
  readonly isVerbose: boolean;
  /** Closes a group that it did not open. */
  readonly isUnbalanced: boolean;
}

interface Token {
  readonly ascii: string;
  readonly unicode: string;
  readonly sketch: string;
}

const same = (text: string): Token => ({ ascii: text, unicode: text, sketch: text });

/** What the classes of characters hold in ASCII, as it stands inside brackets. */
const asciiClasses: Readonly<Record<string, string>> = {
  w: "0-9A-Za-z_",
  d: "0-9",
  s: "\\t-\\r\\x20",
  W: "[^0-9A-Za-z_]",
  D: "[^0-9]",
  S: "[^\\t-\\r\\x20]",
};
const escapePattern =
  /\\(?:[pP](?:\{[^}]*\}|.)|x(?:\{[^}]*\}|..)|u(?:\{[^}]*\}|.{4})|U(?:\{[^}]*\}|.{8})|b\{[a-z-]+\}|.|$)/suy;
const flagsPattern = /\(\?([A-Za-z]*)(?:-[A-Za-z]*)?[:)]/y;
const lineFeedPattern = /^\\(?:n|[xuU]\{?0*[aA]\}?|u000[aA]|U0000000[aA]|\n)$/;

/** With `keepLines` no class of characters matches a line feed. */
export function readPattern(pattern: string, keepLines: boolean): PatternText {
  const reader = new PatternReader(pattern, keepLines);
  const tokens: Token[] = [];
  while (reader.at < pattern.length) tokens.push(reader.next());
  return {
    ascii: tokens.map(({ ascii }) => ascii).join(""),
    unicode: tokens.map(({ unicode }) => unicode).join(""),
    sketch: tokens.map(({ sketch }) => sketch).join(""),
    namesLineFeed: reader.namesLineFeed,
    isAnchored: reader.isAnchored,
    isVerbose: reader.isVerbose,
    isUnbalanced: reader.isUnbalanced,
  };
}

class PatternReader {
  at = 0;
  namesLineFeed = false;
  isAnchored = false;
  isVerbose = false;
  isUnbalanced = false;
  #depth = 0;
  readonly #pattern: string;
  readonly #keepLines: boolean;

  constructor(pattern: string, keepLines: boolean) {
    this.#pattern = pattern;
    this.#keepLines = keepLines;
  }

  next(): Token {
    const sign = this.#pattern[this.at] ?? "";
    if (sign === "\\") return this.#escape();
    if (sign === "[") return this.#brackets();
    if (sign === "(") return this.#open();
    if (sign === ")") {
      this.#depth -= 1;
      if (this.#depth < 0) this.isUnbalanced = true;
    }
    if (sign === "#" && this.isVerbose) return this.#comment();
    if (sign === "\n" && !this.isVerbose) this.namesLineFeed = true;
    this.at += 1;
    return same(sign);
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#pattern);
    if (found !== null) this.at = pattern.lastIndex;
    return found;
  }

  #escape(): Token {
    const [text] = this.#take(escapePattern) ?? [""];
    const kind = text[1] ?? "";
    if (lineFeedPattern.test(text)) this.namesLineFeed = true;
    if (kind === "A" || kind === "z") this.isAnchored = true;
    if (kind === "b" || kind === "<" || kind === ">")
      return { ascii: `(?-u:${text})`, unicode: text, sketch: text };
    const inside = asciiClasses[kind];
    if (inside === undefined && kind !== "p" && kind !== "P") return same(text);
    const unicode = this.#withoutLineFeed(text);
    // White space is few enough characters to tell something.
    return {
      ascii: this.#withoutLineFeed(`[${inside ?? text}]`),
      unicode,
      sketch: kind === "s" ? unicode : ".",
    };
  }

  #withoutLineFeed(one: string): string {
    return this.#keepLines ? `[${one}--\\n]` : one;
  }

  #open(): Token {
    this.#depth += 1;
    const flags = this.#take(flagsPattern);
    if (flags === null) {
      this.at += 1;
      return same("(");
    }
    const [text, set = ""] = flags;
    if (set.includes("s")) this.namesLineFeed = true;
    if (set.includes("x")) this.isVerbose = true;
    if (text.endsWith(")")) this.#depth -= 1;
    return same(text);
  }

  #comment(): Token {
    const end = this.#pattern.indexOf("\n", this.at);
    const text = this.#pattern.slice(this.at, end < 0 ? undefined : end + 1);
    this.at += text.length;
    return same(text);
  }

  /** All up to the bracket that closes the first one. */
  #brackets(): Token {
    const parts: Token[] = [];
    let depth = 0;
    let isAny = false;
    const isNegated = this.#pattern[this.at + 1] === "^";
    while (this.at < this.#pattern.length) {
      const sign = this.#pattern[this.at] ?? "";
      if (sign === "\\") {
        const [text] = this.#take(escapePattern) ?? [""];
        if (lineFeedPattern.test(text) && !isNegated) this.namesLineFeed = true;
        const inside = asciiClasses[text[1] ?? ""];
        if (inside !== undefined || /^\\[pP]/.test(text)) isAny = true;
        parts.push({ ascii: inside ?? text, unicode: text, sketch: text });
        continue;
      }
      const opening = sign === "[" ? /\[\^?\]?/y : undefined;
      const text = opening === undefined ? sign : (this.#take(opening)?.[0] ?? sign);
      if (opening === undefined) this.at += 1;
      else depth += 1;
      parts.push(same(text));
      if (sign === "]") depth -= 1;
      if (depth === 0) break;
    }
    const ascii = this.#withoutLineFeed(parts.map((part) => part.ascii).join(""));
    const unicode = this.#withoutLineFeed(parts.map((part) => part.unicode).join(""));
    return { ascii, unicode, sketch: isAny ? "." : unicode };
  }
}
