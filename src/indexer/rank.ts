/**
 * The order of hits, from nothing but the question and the candidates: each rule adds to or takes from a score that
 * begins with the lexical one, and can be read off `explain`. Pure: knows no store.
 */
import type { ChunkMatch } from "./store.ts";
import type { Definition, SymbolKind } from "./symbol.ts";
import { indexTokens, queryTerms } from "./tokenize.ts";

export interface RankedMatch {
  readonly match: ChunkMatch;
  /** The definition that answers best; undefined for plain text. */
  readonly best: Definition | undefined;
  readonly score: number;
  /** What made the score, in the order of the rules. */
  readonly explain: readonly { readonly rule: string; readonly value: number }[];
}

/** The weights, relative to the best lexical score, which counts 1. */
const weights = {
  named: 0.9,
  namedInOtherCase: 0.7,
  namedWord: 0.2,
  coveredName: 0.5,
  fileName: 0.55,
  folder: 0.2,
  coherence: 0.25,
  /** Each further hit of a file counts so much of the one before. */
  sameFile: 0.55,
} as const;

/** Kinds that people ask for count full; members and variables are mostly found on the way. */
const kindWeight: ReadonlyMap<SymbolKind, number> = new Map([
  ["variable", 0.6],
  ["field", 0.6],
  ["property", 0.6],
  ["enum_member", 0.6],
  ["constant", 0.8],
]);

/** Places that hold copies, uses and products of the code rather than the code itself. */
const asides: readonly {
  readonly rule: string;
  readonly path: RegExp;
  readonly asked: RegExp;
  readonly factor: number;
}[] = [
  {
    rule: "test",
    path: /(^|\/)(__)?(tests?|testing|testdata|specs?|mocks?|fixtures?|e2e|playground)(__)?\/|(^|\/)test_[^/]*$|[._-](test|tests|spec|mock)s?\.[^/]+$|(Test|Tests|Spec)\.[a-z]+$|(^|\/)conftest\.py$/,
    asked: /^(tests?|testing|tested|specs?|mock(s|ed|ing)?|fixtures?|e2e|assert\w*|playground)$/,
    factor: 0.45,
  },
  {
    rule: "example",
    path: /(^|\/)(examples?|samples?|demos?|tutorials?|benchmarks?|benches|bench)\//,
    asked: /^(examples?|samples?|demos?|tutorials?|bench\w*)$/,
    factor: 0.6,
  },
  {
    rule: "vendored",
    path: /(^|\/)(vendor|vendored|third[_-]?party|node_modules|external|deps)\//,
    asked: /^(vendor(ed)?|third|party|external)$/,
    factor: 0.5,
  },
  {
    rule: "generated",
    path: /(^|\/)(generated|gen|dist|build|out)\/|\.(pb|gen|generated|min|bundle)\.[^/]+$|[._-]generated\.|(^|\/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|go\.sum|cargo\.lock)$/i,
    asked: /^(generated|lock(file)?|bundle|dist|build|protobuf|pb)$/,
    factor: 0.5,
  },
  {
    rule: "prose",
    path: /(^|\/)(docs?|changelog|changes|locales?|i18n)(\/|[^/]*$)|\.(md|mdx|rst|txt|adoc|json|ya?ml|toml|svg|css|html?)$/i,
    asked:
      /^(docs?|documentation|changelog|readme|guide|markdown|release|config(uration)?|settings|json|ya?ml|toml|css|html)$/,
    factor: 0.6,
  },
];

/** Whether a path is a test, an example, a copy, a product or prose. */
export function isAside(path: string): boolean {
  return asides.some((aside) => aside.path.test(path));
}

interface Question {
  readonly words: ReadonlySet<string>;
  /** Lower-case name -> as written. */
  readonly names: ReadonlyMap<string, string>;
}

/** Best first; equal scores by path and line, so that the order is the same on every machine. */
export function rankMatches(query: string, matches: readonly ChunkMatch[]): RankedMatch[] {
  const terms = queryTerms(query);
  const names = new Map(terms.identifiers.map((name) => [name.toLowerCase(), name]));
  const question: Question = { words: new Set(terms.words), names };
  const top = matches.reduce((most, match) => Math.max(most, match.score), 0) || 1;
  const inFile = new Map<string, number>();
  for (const match of matches) inFile.set(keyOf(match), (inFile.get(keyOf(match)) ?? 0) + match.score / top);
  const scored = matches.map((match) =>
    score(question, match, match.score / top, inFile.get(keyOf(match)) ?? 0),
  );
  return spread(scored.sort(compare));
}

function keyOf(match: ChunkMatch): string {
  return `${match.repository}\n${match.path}`;
}

function compare(a: RankedMatch, b: RankedMatch): number {
  if (a.score !== b.score) return b.score - a.score;
  const left = keyOf(a.match);
  const right = keyOf(b.match);
  return left < right ? -1 : left > right ? 1 : a.match.chunk.startByte - b.match.chunk.startByte;
}

function score(question: Question, match: ChunkMatch, lexical: number, fileSum: number): RankedMatch {
  const { best, value: named } = bestDefinition(question, match.definitions);
  const { file, folder } = pathShares(question, match.path);
  const others = Math.max(0, fileSum - lexical);
  const explain = [
    { rule: "lexical", value: lexical },
    { rule: "definition", value: named },
    { rule: "file name", value: weights.fileName * file },
    { rule: "folder", value: weights.folder * folder },
    { rule: "coherence", value: weights.coherence * (others / (1 + others)) },
  ];
  let total = explain.reduce((sum, { value }) => sum + value, 0);
  for (const aside of asides) {
    const isInside = aside.rule === "test" && isInTests(match);
    if (
      !(isInside || aside.path.test(match.path)) ||
      [...question.words].some((word) => aside.asked.test(word))
    )
      continue;
    explain.push({ rule: aside.rule, value: total * (aside.factor - 1) });
    total *= aside.factor;
  }
  return { match, best, score: total, explain };
}

/** Some languages keep tests in a module inside the file they test. */
function isInTests({ definitions }: ChunkMatch): boolean {
  return (
    definitions.length > 0 && definitions.every(({ name, parent }) => /^tests?(\.|$)/.test(parent || name))
  );
}

/** The definition that the question names, else the one whose name it covers most, else the first of the chunk. */
function bestDefinition(
  question: Question,
  definitions: readonly Definition[],
): { readonly best: Definition | undefined; readonly value: number } {
  let best = definitions[0];
  let value = 0;
  for (const definition of definitions) {
    const next = nameValue(question, definition) * (kindWeight.get(definition.kind) ?? 1);
    if (next > value) {
      best = definition;
      value = next;
    }
  }
  return { best, value };
}

function nameValue(question: Question, definition: Definition): number {
  const { name, parent } = definition;
  const full = parent === "" ? undefined : `${parent.slice(parent.lastIndexOf(".") + 1)}.${name}`;
  if (full !== undefined && question.names.has(full.toLowerCase())) return weights.named * 1.2;
  const asked = question.names.get(name.toLowerCase());
  const isCode = asked !== undefined && (/[a-z0-9][A-Z]|[_$0-9]/.test(asked) || question.names.size === 1);
  if (isCode) return asked === name ? weights.named : weights.namedInOtherCase;
  const parts = new Set(
    indexTokens(name)
      .split(" ")
      .filter((part) => part !== "" && part !== name.toLowerCase()),
  );
  if (parts.size === 0)
    return asked === undefined
      ? 0
      : asked === name && /^[A-Z]/.test(name)
        ? weights.named * 0.6
        : weights.namedWord;
  let hits = 0;
  for (const part of parts) if (hasWord(question.words, part)) hits += 1;
  return hits < 2
    ? (hits / parts.size) * 0.1
    : weights.coveredName * (hits / parts.size) * Math.min(1, hits / 3 + 0.34);
}

/** How much of the file's name, and of its folders, the question says. */
function pathShares(question: Question, path: string): { readonly file: number; readonly folder: number } {
  const names = path.split("/");
  const own = (names.pop() ?? "").replace(/\.[^.]+$/, "");
  // A file named for its role stands for its folder.
  const stem = /^(mod|index|__init__|lib|main|package-info)$/.test(own) ? (names.pop() ?? own) : own;
  const stemTokens = [...new Set(indexTokens(stem).split(" "))].filter((token) => token !== "");
  const whole = stemTokens.length > 1 && hasWord(question.words, stemTokens[0] ?? "");
  const parts =
    stemTokens.length > 1 && stem.toLowerCase() === stemTokens[0] ? stemTokens.slice(1) : stemTokens;
  const inStem = parts.filter((part) => hasWord(question.words, part)).length;
  const folders = names.flatMap((name) => indexTokens(name).split(" ")).filter((token) => token !== "");
  const inFolders = new Set(folders.filter((token) => hasWord(question.words, token))).size;
  return {
    file: whole ? 1 : parts.length === 0 ? 0 : inStem / parts.length,
    folder: Math.min(1, inFolders / 2),
  };
}

/** Plural and singular count as one word. */
function hasWord(words: ReadonlySet<string>, token: string): boolean {
  return (
    words.has(token) ||
    words.has(`${token}s`) ||
    (token.length > 3 && token.endsWith("s") && words.has(token.slice(0, -1)))
  );
}

/** One file must not fill the page: each of its further hits sinks, and the order is made again. */
function spread(ranked: readonly RankedMatch[]): RankedMatch[] {
  const seen = new Map<string, number>();
  const sunk = ranked.map((entry) => {
    const key = keyOf(entry.match);
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    if (before === 0) return entry;
    const score = entry.score * weights.sameFile ** before;
    return {
      ...entry,
      score,
      explain: [...entry.explain, { rule: "same file", value: score - entry.score }],
    };
  });
  return sunk.sort(compare);
}
