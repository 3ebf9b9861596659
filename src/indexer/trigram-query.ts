/** What trigrams a text must have to hold a match: read off the syntax of a pattern, which may match more than asked. */
import type { Hir } from "./regex-engine.ts";
import { anyText, classOf, type TrigramQuery } from "./trigrams.ts";

/** Beyond so many strings a set is cut to the trigrams it tells. */
const setMax = 24;
/** Larger classes of characters are any character. */
const charactersMax = 64;
/** Repetitions are written out so often; what follows only repeats their trigrams. */
const copiesMax = 8;

/** Strings are written in classes of bytes (`classOf`), one UTF-16 unit each. */
interface Known {
  /** All strings that match, where they are few. */
  readonly exact: ReadonlySet<string> | undefined;
  /** What every match begins and ends with. */
  readonly prefix: ReadonlySet<string>;
  readonly suffix: ReadonlySet<string>;
  readonly query: TrigramQuery;
}

const anything: Known = { exact: undefined, prefix: new Set([""]), suffix: new Set([""]), query: anyText };

/** Every text that holds a match of the syntax fits the query. */
export function trigramQueryOf(syntax: Hir): TrigramQuery {
  const known = knowledgeOf(syntax);
  if (known.exact !== undefined) return queryOfSet(known.exact);
  return both(known.query, both(queryOfSet(known.prefix), queryOfSet(known.suffix)));
}

function knowledgeOf({ kind }: Hir): Known {
  switch (kind["@variant"]) {
    case "Empty":
    case "Look":
      return exactly(new Set([""]));
    case "Literal":
      return exactly(new Set([inClasses(kind["@values"][0]["@values"][0])]));
    case "Class":
      return knowledgeOfClass(kind["@values"][0]);
    case "Capture":
      return knowledgeOf(kind["@values"][0].sub);
    case "Concat":
      return kind["@values"][0].map(knowledgeOf).reduce(follow, exactly(new Set([""])));
    case "Alternation":
      return kind["@values"][0].map(knowledgeOf).reduce(choose);
    case "Repetition":
      return knowledgeOfRepetition(kind["@values"][0]);
  }
}

type Repetition = Extract<Hir["kind"], { "@variant": "Repetition" }>["@values"][0];
type CharacterClass = Extract<Hir["kind"], { "@variant": "Class" }>["@values"][0];

function knowledgeOfClass(one: CharacterClass): Known {
  const strings = new Set<string>();
  let characters = 0;
  for (const range of one["@values"][0].ranges) {
    const [first, last] = [numberOf(range.start), numberOf(range.end)];
    characters += last - first + 1;
    if (characters > charactersMax) return anything;
    for (let code = first; code <= last; code += 1) {
      // A class of bytes holds ASCII only: nothing else would be valid UTF-8.
      strings.add(inClasses(Buffer.from(String.fromCodePoint(code), "utf8")));
    }
  }
  return limited(exactly(strings));
}

function numberOf(bound: string | number): number {
  return typeof bound === "number" ? bound : (bound.codePointAt(0) ?? 0);
}

function knowledgeOfRepetition({ min, max, sub }: Repetition): Known {
  const one = knowledgeOf(sub);
  if (min === 0) return max === 1 ? choose(one, exactly(new Set([""]))) : anything;
  let all = one;
  for (let copy = 1; copy < Math.min(min, copiesMax); copy += 1) all = follow(all, one);
  return min === max && min <= copiesMax ? all : follow(follow(all, anything), endOf(one));
}

/** The end of a repetition, which may be its beginning too. */
function endOf({ exact, suffix }: Known): Known {
  return { ...anything, suffix: exact ?? suffix, prefix: new Set([""]) };
}

function exactly(strings: ReadonlySet<string>): Known {
  return { exact: strings, prefix: strings, suffix: strings, query: anyText };
}

function follow(a: Known, b: Known): Known {
  if (a.exact !== undefined && b.exact !== undefined) {
    const exact = join(a.exact, b.exact);
    if (exact !== undefined) return limited(exactly(exact));
  }
  const between = join(a.exact ?? a.suffix, b.exact ?? b.prefix);
  const begin = a.exact === undefined ? undefined : join(a.exact, b.exact ?? b.prefix);
  const end = b.exact === undefined ? undefined : join(a.exact ?? a.suffix, b.exact);
  return limited({
    exact: undefined,
    prefix: begin ?? a.exact ?? a.prefix,
    suffix: end ?? b.exact ?? b.suffix,
    query: both(
      both(a.query, b.query),
      between === undefined
        ? both(queryOfSet(a.exact ?? a.suffix), queryOfSet(b.exact ?? b.prefix))
        : queryOfSet(between),
    ),
  });
}

function choose(a: Known, b: Known): Known {
  if (a.exact !== undefined && b.exact !== undefined)
    return limited(exactly(new Set([...a.exact, ...b.exact])));
  return limited({
    exact: undefined,
    prefix: new Set([...(a.exact ?? a.prefix), ...(b.exact ?? b.prefix)]),
    suffix: new Set([...(a.exact ?? a.suffix), ...(b.exact ?? b.suffix)]),
    query: either(wholeQuery(a), wholeQuery(b)),
  });
}

function wholeQuery({ exact, query }: Known): TrigramQuery {
  return exact === undefined ? query : queryOfSet(exact);
}

/** Undefined where the sets are too large to join. */
function join(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> | undefined {
  if (a.size * b.size > setMax * 4) return undefined;
  const joined = new Set<string>();
  for (const one of a) for (const other of b) joined.add(one + other);
  return joined;
}

/** Sets that grew too large leave their trigrams in the query, and the two units that the next part can join to. */
function limited(known: Known): Known {
  const isLong = (set: ReadonlySet<string>) => [...set].some(({ length }) => length > 64);
  if (known.exact !== undefined) {
    if (known.exact.size <= setMax && !isLong(known.exact)) return known;
    return limited({ ...known, exact: undefined, query: both(known.query, queryOfSet(known.exact)) });
  }
  const told = both(queryOfSet(known.prefix), queryOfSet(known.suffix));
  return {
    exact: undefined,
    prefix: few(known.prefix, (text) => text.slice(0, 2)),
    suffix: few(known.suffix, (text) => text.slice(-2)),
    query: both(known.query, told),
  };
}

function few(strings: ReadonlySet<string>, cut: (text: string) => string): ReadonlySet<string> {
  for (const shorter of [cut, (text: string) => cut(text).slice(0, 1)]) {
    const kept = new Set([...strings].map(shorter));
    if (kept.size <= setMax && shorter === cut) return kept;
  }
  return new Set([""]);
}

function queryOfSet(strings: ReadonlySet<string>): TrigramQuery {
  const parts = [...strings].map(queryOfString);
  if (parts.some(isAny)) return anyText;
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  // A class without characters matches nowhere: any of nothing.
  return { of: "any", trigrams: [], parts };
}

function queryOfString(text: string): TrigramQuery {
  const trigrams = new Set<number>();
  for (let at = 0; at + 3 <= text.length; at += 1) {
    const [a, b, c] = [text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2)];
    if (a !== 0 && b !== 0 && c !== 0) trigrams.add((a << 12) | (b << 6) | c);
  }
  return { of: "all", trigrams: [...trigrams], parts: [] };
}

function isAny(query: TrigramQuery): boolean {
  return query.of === "all" && query.trigrams.length === 0 && query.parts.length === 0;
}

function both(a: TrigramQuery, b: TrigramQuery): TrigramQuery {
  if (isAny(a)) return b;
  if (isAny(b)) return a;
  return merge("all", a, b);
}

function either(a: TrigramQuery, b: TrigramQuery): TrigramQuery {
  if (isAny(a) || isAny(b)) return anyText;
  return merge("any", a, b);
}

function merge(of: "all" | "any", a: TrigramQuery, b: TrigramQuery): TrigramQuery {
  const trigrams = new Set<number>();
  const parts: TrigramQuery[] = [];
  for (const one of [a, b]) {
    // One trigram alone is the same in either.
    if (one.of === of || one.trigrams.length + one.parts.length === 1) {
      for (const trigram of one.trigrams) trigrams.add(trigram);
      parts.push(...one.parts);
    } else parts.push(one);
  }
  const texts = new Map(parts.map((part) => [JSON.stringify(part), part]));
  return { of, trigrams: [...trigrams], parts: [...texts.values()] };
}

function inClasses(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(classOf(byte));
  return text;
}
