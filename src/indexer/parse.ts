/**
 * Parses a file's text with its language's grammar, within a time limit, and runs the language's query on the tree.
 * It knows WebAssembly and its traps; what the captures mean is `extract.ts`'s business.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import type { Language, Parser, Query, QueryMatch, Range, Tree } from "web-tree-sitter";
import { CambiumError } from "../errors.ts";
import { type CaptureMeaning, readCaptureNames } from "./extract-captures.ts";
import { type LanguageSpec, languages } from "./languages.ts";
import { largestFunction, loadUnoptimised, withOtherBytes } from "./wasm-tiers.ts";

/** A language made ready: its grammar is loaded and its query compiled. */
export interface Grammar {
  readonly spec: LanguageSpec;
  readonly language: Language;
  readonly query: Query;
  readonly captures: ReadonlyMap<string, CaptureMeaning>;
}

/** A grammar in the engine. */
interface LoadedGrammar extends Grammar {
  /** How much more text it parses before it is loaded again, to be optimised then. */
  untilOptimised: number;
}

/** A parsed file. It is gone when the function that was given it returns. */
export interface ParsedSource {
  readonly tree: Tree;
  readonly matches: readonly QueryMatch[];
  /** Throws `CambiumError` "timeout" once the file's time is over: for loops over what was found. */
  readonly checkTime: () => void;
}

export interface ParseLimits {
  /** How long parsing and querying one file may take together, in milliseconds. */
  readonly parseLimitMs: number;
  /** The parts of the text that are in the language, where not all of it is. */
  readonly ranges?: readonly Range[];
}

type TreeSitter = typeof import("web-tree-sitter");

/** One instance of the WebAssembly runtime, with all that lives in its memory. */
interface Engine {
  readonly library: TreeSitter;
  readonly parser: Parser;
  readonly grammars: Map<string, Promise<LoadedGrammar>>;
}

let engine: Promise<Engine> | undefined;
let engines = 0;

/** Loads a language's grammar on its first use. Throws `CambiumError` "corrupt" for a query that does not compile. */
export async function loadGrammar(languageId: string): Promise<Grammar> {
  return (await prepare(languageId)).grammar;
}

/** A grammar and the parser of the same engine, which is not retired at the moment of the answer. */
async function prepare(
  languageId: string,
): Promise<{ readonly grammar: LoadedGrammar; readonly parser: Parser }> {
  const spec = languages().get(languageId);
  if (spec === undefined) throw new CambiumError("internal", `There is no grammar for "${languageId}"`);
  for (;;) {
    engine ??= startEngine();
    const current = engine;
    const { library, grammars, parser } = await current;
    const loading = grammars.get(languageId) ?? compileGrammar(library, spec);
    grammars.set(languageId, loading);
    const grammar = await loading;
    if (engine !== current) continue;
    if (grammar.untilOptimised > 0) return { grammar, parser };
    grammar.query.delete();
    grammars.set(languageId, compileGrammar(library, spec, true));
  }
}

/** A lexer that is one function above this many bytes takes V8's optimising compiler up to seconds. */
const heavyFunctionBytes = 64 * 1024;
/** Text after which optimising such a lexer has paid: it costs about a second and saves half a second for each MB. */
const textBeforeOptimising = 2_000_000;

async function compileGrammar(
  library: TreeSitter,
  spec: LanguageSpec,
  isWorthIt = false,
): Promise<LoadedGrammar> {
  const wasm = readGrammar(spec.wasm);
  const waits = !isWorthIt && largestFunction(wasm) > heavyFunctionBytes;
  const load = () => library.Language.load(isWorthIt ? withOtherBytes(wasm) : wasm);
  const language = await (waits ? loadUnoptimised(load) : load());
  const untilOptimised = waits ? textBeforeOptimising : Number.POSITIVE_INFINITY;
  try {
    const query = new library.Query(language, spec.tags);
    return { spec, language, query, captures: readCaptureNames(query.captureNames), untilOptimised };
  } catch (error) {
    throw new CambiumError("corrupt", `grammars/${spec.id}/tags.scm: ${(error as Error).message}`, error);
  }
}

function readGrammar(path: string): Uint8Array {
  const bytes = readFileSync(path);
  return new Uint8Array(path.endsWith(".br") ? brotliDecompressSync(bytes) : bytes);
}

/**
 * A fresh copy of the library for every engine after the first: it keeps its WebAssembly instance in a module
 * variable, and an instance that trapped in the middle of its work is not fit for another file.
 */
async function startEngine(): Promise<Engine> {
  engines++;
  const library = engines === 1 ? await import("web-tree-sitter") : await importAgain(engines);
  // An abort inside would otherwise be printed on standard output or error by the runtime itself.
  await library.Parser.init({ print: ignore, printErr: ignore });
  return { library, parser: new library.Parser(), grammars: new Map() };
}

function ignore(): void {}

async function importAgain(count: number): Promise<TreeSitter> {
  const folder = dirname(createRequire(import.meta.url).resolve("web-tree-sitter"));
  const address = pathToFileURL(join(folder, "web-tree-sitter.js")).href;
  return (await import(/* @vite-ignore */ `${address}?engine=${count}`)) as TreeSitter;
}

/**
 * Parses `text` and hands tree and matches to `read`. Throws `CambiumError` "timeout" when it takes longer than the
 * limit, and "internal" when the parser itself breaks; neither touches the files that come after.
 */
export async function parseSource<T>(
  text: string,
  languageId: string,
  limits: ParseLimits,
  read: (parsed: ParsedSource, grammar: Grammar) => T,
): Promise<T> {
  const { grammar, parser } = await prepare(languageId);
  const deadline = performance.now() + limits.parseLimitMs;
  let expired = false;
  const progressCallback = () => {
    expired ||= performance.now() > deadline;
    return expired;
  };
  const timeout = () =>
    new CambiumError("timeout", `Parsing took longer than ${limits.parseLimitMs} ms; the file is left out`);
  const checkTime = () => {
    if (progressCallback()) throw timeout();
  };
  let tree: Tree | null = null;
  let matches: QueryMatch[] = [];
  try {
    parser.setLanguage(grammar.language);
    grammar.untilOptimised -= lengthOf(limits.ranges) ?? text.length;
    tree = parser.parse(text, null, { progressCallback, ...within(limits.ranges) });
    if (tree === null) parser.reset();
    else matches = grammar.query.matches(tree.rootNode, { progressCallback });
  } catch (error) {
    if (isTrap(error)) throw retireEngine(languageId, tree, error);
    tree?.delete();
    throw error;
  }
  try {
    if (expired || tree === null) throw timeout();
    return read({ tree, matches, checkTime }, grammar);
  } catch (error) {
    // A RangeError of our own reading says nothing about the engine; one of WebAssembly's does.
    if (isWasmTrap(error)) throw retireEngine(languageId, tree, error);
    throw error;
  } finally {
    if (tree !== null && !retired.includes(tree)) tree.delete();
  }
}

function within(ranges: readonly Range[] | undefined) {
  return ranges === undefined ? {} : { includedRanges: [...ranges] };
}

const lengthOf = (ranges: readonly Range[] | undefined) =>
  ranges?.reduce((sum, { startIndex, endIndex }) => sum + endIndex - startIndex, 0);

/** WebAssembly's own errors, and its runtime's: a call stack that overflowed inside, an abort. */
function isTrap(error: unknown): boolean {
  return error instanceof RangeError || isWasmTrap(error);
}

function isWasmTrap(error: unknown): boolean {
  return error instanceof Error && error.name === "RuntimeError";
}

/**
 * What a broken engine allocated is kept for good: the library frees forgotten objects by itself later on, which
 * would trap again in the broken memory, then outside of any call of ours, and end the process.
 */
const retired: unknown[] = [];

function retireEngine(languageId: string, tree: Tree | null, error: unknown): CambiumError {
  retired.push(engine, tree);
  engine = undefined;
  return new CambiumError("internal", `The ${languageId} parser broke: ${(error as Error).message}`, error);
}
