/** Makes text out of indexed files safe and short to show: no invisible or control characters, no endless lines. */

/** Everything that steers a terminal or hides from the eye: controls, bidi and zero-width marks, tag characters. */
const unseen = /(?![\n\t])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu;
const plainAscii = /^[\n\t\x20-\x7e]*$/;

export function stripUnseen(text: string): string {
  return plainAscii.test(text) ? text : text.replace(unseen, "");
}

/** Cut at `limit` UTF-16 units, never inside a pair. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

export const lineLimit = 200;

/** One clean line: for names, paths and signatures. */
export function oneLine(text: string, limit = lineLimit): string {
  return cutText(stripUnseen(text).replace(/\s+/g, " ").trim(), limit);
}

/** A path keeps its spaces; a line feed in it is shown as `\n`. */
export function showPath(path: string): string {
  return stripUnseen(path.replaceAll("\n", "\\n").replaceAll("\t", "\\t"));
}

/** Clean lines, each cut. */
export function cleanLines(text: string): string[] {
  return stripUnseen(text)
    .split("\n")
    .map((line) => cutText(line.trimEnd(), lineLimit));
}

/** A fence that the text itself cannot close. */
export function fenced(lines: readonly string[]): string {
  const runs = lines.flatMap((line) => [...line.matchAll(/`{3,}/g)].map(([run]) => run.length));
  const longest = Math.max(2, ...runs);
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${lines.join("\n")}\n${fence}`;
}

/** Measured on answers of ours: 3.4 to 3.9 characters a token; the smaller figure keeps a promise. */
const bytesPerToken = 3.4;
/** What the lines around it take: evidence, count, cursor. */
const framingBytes = 350;

/** How large an answer may be that shall cost at most so many tokens. */
export function bytesOfTokens(tokens: number): number {
  return Math.floor(tokens * bytesPerToken);
}

/** Bytes for the text between an answer's first and last line. */
export function budgetOf(maxTokens: number | undefined, otherwise: number): number {
  return maxTokens === undefined ? otherwise : Math.max(300, bytesOfTokens(maxTokens) - framingBytes);
}

export function sayBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** How many an answer found; where counting stopped, there may be more. */
export function sayTotal(
  { total, totalCapped }: { readonly total: number; readonly totalCapped: boolean },
  noun: string,
): string {
  return `${totalCapped ? "at least " : ""}${plural(total, noun)}`;
}

/** A whole number as 1,234,567. The language's own way loads all of its tables first, tens of milliseconds of each command. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : noun.endsWith("s") ? "es" : "s"}`;
}
