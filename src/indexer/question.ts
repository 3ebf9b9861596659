/** What a question asks for: its words, the names and paths in it, and of which kind it is. Knows no index. */
import { indexTokens, queryTerms, stemOf } from "./tokenize.ts";

/** A name, a path, a message that a program printed, or words. */
export type QuestionKind = "identifier" | "path" | "message" | "words";

export interface Question {
  readonly kind: QuestionKind;
  /** Words as they are asked, without stop words. */
  readonly words: ReadonlySet<string>;
  /** Their stems. */
  readonly telling: ReadonlySet<string>;
  /** The stems of all words: names hold stop words too. */
  readonly stems: ReadonlySet<string>;
  /** Lower-case name -> as written. */
  readonly names: ReadonlyMap<string, string>;
  /** What may be the end of a path, in lower case, with the line where one is said: `src/mux.go:12`. */
  readonly paths: readonly { readonly end: string; readonly line: number | undefined }[];
}

const pathPattern =
  /(?<![\w./\\-])\.{0,2}[/\\]?((?:[\w@+~.-]+[/\\])*[\w@+~-][\w@+~.-]*\.[A-Za-z]\w{0,9}|(?:[\w@+~.-]+[/\\])+[\w@+~.-]+)(?::(\d{1,7}))?/g;
const namePattern =
  /^[\p{L}_$@#~][\p{L}\p{N}_$]*[!?]?(?:(?:\.|::|->|#)[\p{L}_$~][\p{L}\p{N}_$]*[!?]?)*(?:\(\))?$/u;
/** Questions are short; what stands after so much was pasted. */
const readMax = 2000;
const asksPattern = /\?\s*$|^\s*(how|what|where|which|who|why|when|is|are|does|do|can|find|show|list)\b/i;
/** Quotes and marks within a sentence, and the turns in which programs say that they give up. */
const messagePattern =
  /["'`][^"'`]+["'`]|(error|exception|panic|fatal|warning):\s|%[sdvqr]|\w\.\s*$|\b(cannot|can't|couldn't|could not|unable to|failed to|must( not)? (be|have)|(is|are|was|were|does|did|has|have)( not|n't)|expected .* (got|found|but))\b/i;
const messageWordsMin = 4;

export function readQuestion(query: string): Question {
  const { words, identifiers } = queryTerms(query);
  const telling = words.map(stemOf);
  const paths = [...query.slice(0, readMax).matchAll(pathPattern)].map(([, end = "", line]) => ({
    end: end.replaceAll("\\", "/").toLowerCase(),
    line: line === undefined ? undefined : Number(line),
  }));
  return {
    kind: kindOf(query.slice(0, readMax).trim(), paths.length > 0),
    words: new Set(words),
    telling: new Set(telling),
    stems: new Set([...tokensOf(query).map(stemOf), ...telling]),
    names: new Map(identifiers.map((name) => [name.toLowerCase(), name])),
    paths,
  };
}

function kindOf(query: string, hasPath: boolean): QuestionKind {
  if (!/\s/.test(query)) {
    if (/[/\\]/.test(query) && hasPath) return "path";
    return namePattern.test(query) ? "identifier" : hasPath ? "path" : "words";
  }
  const isMessage =
    query.split(/\s+/).length >= messageWordsMin && messagePattern.test(query) && !asksPattern.test(query);
  return isMessage ? "message" : "words";
}

export function tokensOf(text: string): string[] {
  return indexTokens(text)
    .split(" ")
    .filter((token) => token !== "");
}

/** How well a passage stands where the question says: 1 in the file, 2 around the line. */
export function pathShare(
  { paths }: Question,
  path: string,
  lines: { readonly startLine: number; readonly endLine: number },
): number {
  const whole = `/${path.toLowerCase()}`;
  let most = 0;
  for (const { end, line } of paths) {
    if (!whole.endsWith(`/${end}`)) continue;
    const isThere = line !== undefined && line >= lines.startLine && line <= lines.endLine;
    most = Math.max(most, isThere ? 2 : 1);
  }
  return most;
}
