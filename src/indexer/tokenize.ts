/**
 * How text becomes the tokens that full-text search compares: whole identifiers and their parts, lower-cased. Index
 * and query go through the same functions, so that what was written can be found as it was written.
 */

/** What a question asks for, ready for the index. All tokens are lower-case and free of quotes and operators. */
export interface TextQuery {
  /** Single tokens: words and parts of identifiers, without the stop words where others remain. */
  readonly words: readonly string[];
  /** Whole identifiers and dotted names as they were written, case kept, for comparing with definitions. */
  readonly identifiers: readonly string[];
  /** Token sequences that must stand next to each other, for dotted, hyphenated and CJK names. */
  readonly phrases: readonly (readonly string[])[];
}

export const runPattern = /[A-Za-z0-9_$\u0080-\uffff]+/g;
const partPattern = /[A-Z]+(?:s(?![a-z]))?(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g;
const widePartPattern = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}]+|\p{N}+/gu;
/** Scripts written without spaces: each character is a token, and words of them are phrases. */
const cjkPattern = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;
const cjkSplitPattern =
  /([\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}])/u;
/** Longer runs are data, not names: only their beginning is kept. */
export const tokenLengthMax = 100;
const cacheSizeMax = 60_000;
/** Words of a question that are looked for in their order. */
const runWordsMax = 24;

/** Identifiers repeat: one look-up instead of two regular expressions for 97 of 100 of them (in Go). */
const known = new Map<string, string>();

/** The tokens of a text in their order, separated by one space each. */
export function indexTokens(text: string): string {
  const runs = text.match(runPattern);
  if (runs === null) return "";
  let tokens = "";
  for (const whole of runs) {
    const run = whole.length > tokenLengthMax ? whole.slice(0, tokenLengthMax) : whole;
    const ready = known.get(run) ?? remember(run);
    if (ready !== "") tokens += tokens === "" ? ready : ` ${ready}`;
  }
  return tokens;
}

function remember(run: string): string {
  if (known.size >= cacheSizeMax) known.clear();
  const tokens = tokensOfRun(run).join(" ");
  // A copy, as a slice would keep the whole text it was cut from in memory.
  known.set(Buffer.from(run, "utf16le").toString("utf16le"), tokens);
  return tokens;
}

export function tokensOfRun(run: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: tells ASCII from the rest
  if (!/^[\x00-\x7f]*$/.test(run)) return tokensOfWideRun(run);
  const whole = run.replace(/^\$+|\$+$/g, "");
  return withParts(whole, whole.match(partPattern));
}

/** A single letter says nothing and would fill the index; digits stay, as in `utf-8`. */
function withParts(whole: string, parts: readonly string[] | null): string[] {
  const lower = whole.toLowerCase();
  const tokens = lower.length > 1 || (lower >= "0" && lower <= "9") || lower > "\u007f" ? [lower] : [];
  if (parts === null) return /[a-z0-9]/.test(lower) || lower > "\u007f" ? tokens : [];
  if (parts.length === 1 && parts[0]?.length === whole.length) return tokens;
  for (const part of parts) {
    if (part.length > 1 || (part >= "0" && part <= "9") || part > "\u007f") tokens.push(part.toLowerCase());
  }
  return tokens;
}

function tokensOfWideRun(run: string): string[] {
  const tokens: string[] = [];
  const plain = run
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .normalize("NFKC");
  for (const word of plain.match(/[\p{L}\p{N}_$]+/gu) ?? []) {
    for (const piece of word.split(cjkSplitPattern)) {
      if (piece === "") continue;
      if (cjkPattern.test(piece)) tokens.push(piece);
      else tokens.push(...withParts(piece, piece.match(widePartPattern)));
    }
  }
  return tokens;
}

/** Words of plain questions that say nothing about the code. */
const stopWords = new Set(
  (
    "a an and any are as at be been but by can could did do does done each etc for from get gets had has have how i if in " +
    "into is it its let me my of on or our out over should show so some than that the their them then there these " +
    "they this those to up us use used uses using via want was we were what when where which while who whose why will with would you your"
  ).split(" "),
);

const namePattern = /[\p{L}\p{N}_$]+(?:(?:\.|::|->|#|-|\/|\\)[\p{L}\p{N}_$]+)*/gu;

/** Reads a question. Anything may be asked: characters that are no part of words only separate them. */
export function queryTerms(query: string): TextQuery {
  const words = new Set<string>();
  const identifiers = new Set<string>();
  const phrases = new Map<string, readonly string[]>();
  for (const [name] of query.normalize("NFC").slice(0, 2000).matchAll(namePattern)) {
    const pieces = name.split(/\.|::|->|#|-|\/|\\/);
    if (pieces.length > 1) {
      identifiers.add(pieces.join("."));
      const tokens = indexTokens(pieces.join(" ")).split(" ");
      if (tokens.length > 1) phrases.set(tokens.join(" "), tokens);
    }
    for (const piece of pieces) {
      if (piece === "") continue;
      identifiers.add(piece);
      const tokens = indexTokens(piece)
        .split(" ")
        .filter((token) => token !== "");
      if (cjkPattern.test(piece)) addWide(tokens, phrases, words);
      else for (const token of tokens) words.add(token);
    }
  }
  const telling = [...words].filter((word) => !stopWords.has(word));
  const kept = telling.length > 0 || phrases.size > 0 ? telling : [...words];
  const named = [...identifiers].filter((name) => !stopWords.has(name.toLowerCase()) || kept.length === 0);
  return {
    words: kept.slice(0, 40),
    identifiers: named.slice(0, 40),
    phrases: [...phrases.values()].slice(0, 20),
  };
}

/** Text without spaces: the whole run, and each pair of neighbours, so that a part of it is found too. */
function addWide(
  tokens: readonly string[],
  phrases: Map<string, readonly string[]>,
  words: Set<string>,
): void {
  if (tokens.length === 1 && tokens[0] !== undefined) words.add(tokens[0]);
  if (tokens.length > 1) phrases.set(tokens.join(" "), tokens);
  for (let index = 0; index + 2 < tokens.length + 1 && tokens.length > 2; index += 1) {
    const pair = tokens.slice(index, index + 2);
    phrases.set(pair.join(" "), pair);
  }
}

/**
 * The question as an expression for a full-text index that knows quoted phrases and OR: every token in quotes, so
 * that no character of the question acts as an operator. Empty where nothing is asked.
 */
export function matchExpression(query: TextQuery): string {
  const quoted = [...query.words, ...query.phrases.map((phrase) => phrase.join(" "))];
  return quoted.map((tokens) => `"${tokens.replaceAll('"', "")}"`).join(" OR ");
}

/** Endings after which parse, parses, parsed, parsing and parser are left as one stem. */
const endings = /(ings?|ed|ers?|ors?|ions?|ement|ment|able|ive|ize|ization)$/;

/** A light stem, for comparing words of a question with parts of names; never stored. */
export function stemOf(word: string): string {
  if (word.length < 4) return word;
  const single = singularOf(word) ?? word;
  const short = single.replace(endings, "");
  const isWord = short !== single && short.length >= 3 && /[aeiouy]/.test(short);
  const stem = isWord ? short.replace(/([^lsz])\1$/, "$1") : single;
  return stem.length > 3 ? stem.replace(/e$/, "") : stem;
}

function singularOf(word: string): string | undefined {
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2);
  return /s$/.test(word) && !/(ss|us|is)$/.test(word) ? word.slice(0, -1) : undefined;
}

/** Other forms in which an English word may stand in the code; some are no words, and cost nothing. */
export function formsOf(word: string): string[] {
  if (!/^[a-z]{4,}$/.test(word)) return [];
  const single = singularOf(word);
  if (single !== undefined) return [single];
  const many = /[^aeiou]y$/.test(word)
    ? `${word.slice(0, -1)}ies`
    : /(s|sh|ch|x|z)$/.test(word)
      ? `${word}es`
      : `${word}s`;
  const bare = word.replace(/(ing|ed|e)$/, "");
  const others = bare.length < 3 ? [] : [bare, `${bare}e`, `${bare}es`, `${bare}ed`, `${bare}ing`];
  return [...new Set([many, ...others])].filter((form) => form !== word);
}

/**
 * All runs of three words of a question as it was written, stop words too, but none of stop words alone: what was
 * pasted stands in the code word for word.
 */
export function wordRuns(query: string, words: readonly string[]): string[] {
  const telling = new Set(words);
  const tokens = (query.slice(0, 2000).match(runPattern) ?? []).flatMap(
    (run) => indexTokens(run).split(" ")[0] || [],
  );
  const runs = new Set<string>();
  for (let at = 0; at + 3 <= Math.min(tokens.length, runWordsMax); at += 1) {
    const run = tokens.slice(at, at + 3);
    if (run.some((token) => telling.has(token))) runs.add(run.join(" "));
  }
  return [...runs];
}
