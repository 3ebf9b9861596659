/** The languages: reads every `grammars/<language>/language.json` once and tells which one a file is in. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CambiumError } from "../errors.ts";
import type { Visibility } from "./symbol.ts";

export type VisibilityRule =
  | { readonly rule: "none" }
  | { readonly rule: "capital" }
  | { readonly rule: "underscore" }
  | {
      readonly rule: "keywords";
      readonly words: ReadonlyMap<string, Visibility>;
      readonly otherwise: Visibility;
      /** For members of a class-like definition; the same as `otherwise` unless it is given. */
      readonly members: Visibility;
    };

export interface CommentMarkers {
  readonly line: readonly string[];
  readonly block: readonly (readonly [open: string, close: string])[];
}

/** One language as its folder describes it. */
export interface LanguageSpec {
  readonly id: string;
  readonly name: string;
  readonly extensions: readonly string[];
  readonly filenames: readonly string[];
  /** Extensions of another language, each with beginnings of lines that show that a file is in this one after all. */
  readonly claims: ReadonlyMap<string, readonly string[]>;
  /** Other names of it: programs that run it (`#!`), words that mark a text in it inside of another file. */
  readonly aliases: readonly string[];
  /** Files are Jupyter notebooks: what is in a language are their cells. */
  readonly isNotebook: boolean;
  readonly comments: CommentMarkers;
  readonly visibility: VisibilityRule;
  /** Functions and types of the language itself: calling or naming one is no reference. */
  readonly builtins: ReadonlySet<string>;
  /** The query, as text. */
  readonly tags: string;
  /** Path of the grammar's WebAssembly file; compressed with brotli where it ends in `.br`. */
  readonly wasm: string;
  /** Changes with the language's description, its query and its grammar's version. */
  readonly fingerprint: number;
}

/** The language of files without a grammar. */
export const plainText = "text";

/** The same two folders up from `src/indexer` and from `dist/indexer`. */
const grammarsFolder = fileURLToPath(new URL("../../grammars", import.meta.url));

interface Catalogue {
  readonly byId: ReadonlyMap<string, LanguageSpec>;
  readonly byExtension: ReadonlyMap<string, string>;
  readonly byFilename: ReadonlyMap<string, string>;
  readonly byName: ReadonlyMap<string, string>;
  readonly claims: ReadonlyMap<string, readonly Claim[]>;
}

interface Claim {
  readonly id: string;
  readonly line: RegExp;
}

let catalogue: Catalogue | undefined;

/** All languages, by id. Throws `CambiumError("corrupt")` naming the file that is wrong. */
export function languages(): ReadonlyMap<string, LanguageSpec> {
  return readCatalogue().byId;
}

/** The ids of all languages with a grammar. */
export function languageIds(): string[] {
  return [...languages().keys()];
}

/** Makes a language ready on its first use; only then is WebAssembly loaded at all. Throws "corrupt" if it is broken. */
export async function loadLanguage(id: string): Promise<void> {
  const { loadGrammar } = await import("./parse.ts");
  await loadGrammar(id);
}

/** The id of the language a file is in, by its name; `text` where no grammar reads it. */
export function languageOf(path: string): string {
  const { byExtension, byFilename } = readCatalogue();
  return byFilename.get(nameOf(path)) ?? byExtension.get(extensionOf(path)) ?? plainText;
}

/**
 * The id of the language a file is in. A whole file name decides; else, where two languages share the extension, a
 * line that one of them claims; else the extension; else the program that the first line calls (`#!`).
 */
export function languageOfText(path: string, text: string): string {
  const { byFilename, claims } = readCatalogue();
  const byPath = languageOf(path);
  if (byFilename.has(nameOf(path))) return byPath;
  const claim = claims.get(extensionOf(path))?.find(({ line }) => line.test(text));
  if (claim !== undefined) return claim.id;
  return byPath === plainText && text.startsWith("#!") ? (languageOfInterpreter(text) ?? plainText) : byPath;
}

/** `#!/usr/bin/env -S VAR=x python3.12 -u` calls `python`. */
function languageOfInterpreter(text: string): string | undefined {
  const [line = ""] = text.slice(2, 300).split("\n", 1);
  const [program = "", ...words] = line.trim().split(/\s+/);
  const called = /(?:^|\/)env$/.test(program) ? words.find((word) => !/^-|=/.test(word)) : program;
  const name = nameOf(called ?? "");
  return languageNamed(name) ?? languageNamed(name.replace(/[-\d.]+$/, ""));
}

/** The language that is called so in an info string, a `lang` attribute or a `#!` line: `py`, `c++`, `{.haskell}`. */
export function languageNamed(name: string): string | undefined {
  const [word] = /[\w+#/-]+/.exec(name.toLowerCase()) ?? [];
  return word === undefined ? undefined : readCatalogue().byName.get(word);
}

/** All languages that `languageOfText` may find where `languageOf` says `id`: itself first. */
export function readersOf(id: string): string[] {
  const { byId, byExtension, claims } = readCatalogue();
  if (id === plainText) return [id, ...byId.keys()];
  const claimants = [...claims].flatMap(([extension, some]) =>
    (byExtension.get(extension) ?? plainText) === id ? some.map((claim) => claim.id) : [],
  );
  return [...new Set([id, ...claimants])];
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function extensionOf(path: string): string {
  const name = nameOf(path);
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot).toLowerCase();
}

function readCatalogue(): Catalogue {
  catalogue ??= buildCatalogue(grammarsFolder);
  return catalogue;
}

function buildCatalogue(folder: string): Catalogue {
  const byId = new Map<string, LanguageSpec>();
  const byExtension = new Map<string, string>();
  const byFilename = new Map<string, string>();
  const claims = new Map<string, Claim[]>();
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of folders.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const spec = readLanguage(join(folder, name));
    byId.set(spec.id, spec);
    for (const extension of spec.extensions) claim(byExtension, extension, spec.id);
    for (const filename of spec.filenames) claim(byFilename, filename, spec.id);
    for (const [extension, lines] of spec.claims) {
      const claimed = { id: spec.id, line: lineBeginningWith(lines) };
      claims.set(extension, [...(claims.get(extension) ?? []), claimed]);
    }
  }
  return { byId, byExtension, byFilename, byName: nameAll([...byId.values()]), claims };
}

/** An id is stronger than a name or an alias, and that than an extension: `.v` is Verilog, and yet `v` another word. */
function nameAll(specs: readonly LanguageSpec[]): ReadonlyMap<string, string> {
  const byName = new Map<string, string>();
  for (const { id, extensions } of specs)
    for (const extension of extensions) byName.set(extension.slice(1), id);
  for (const { id, name, aliases } of specs)
    for (const alias of [name.toLowerCase(), ...aliases]) byName.set(alias, id);
  for (const { id } of specs) byName.set(id, id);
  return byName;
}

function claim(owners: Map<string, string>, key: string, id: string): void {
  const owner = owners.get(key);
  if (owner !== undefined) throw new CambiumError("corrupt", `Both ${owner} and ${id} claim files "${key}"`);
  owners.set(key, id);
}

function lineBeginningWith(texts: readonly string[]): RegExp {
  const escaped = texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^(?:${escaped.join("|")})`, "m");
}

function readLanguage(folder: string): LanguageSpec {
  const path = join(folder, "language.json");
  try {
    const json = readFileSync(path, "utf8");
    const tags = readFileSync(join(folder, "tags.scm"), "utf8");
    return parseLanguage(json, tags, folder);
  } catch (error) {
    if (error instanceof CambiumError && error.code === "internal") throw error;
    throw new CambiumError("corrupt", `${path} cannot be used: ${(error as Error).message}`, error);
  }
}

/**
 * A language out of its description, its query and its folder; throws an `Error` that names the key that is wrong.
 * Its grammar comes from an npm package or lies in the folder, together with where it is from (grammars/README.md).
 */
export function parseLanguage(json: string, tags: string, folder = grammarsFolder): LanguageSpec {
  const given = asObject(JSON.parse(json), "language.json");
  const grammar = asObject(given.get("grammar"), "grammar");
  const comments = asObject(given.get("comments"), "comments");
  const resolved = grammar.has("package")
    ? resolveGrammar(asString(grammar, "package"), asString(grammar, "file"))
    : { file: join(folder, asString(grammar, "file")), version: asString(grammar, "sha256") };
  return {
    id: asString(given, "id"),
    name: asString(given, "name"),
    extensions: asStrings(given.get("extensions"), "extensions"),
    filenames: asStrings(given.get("filenames"), "filenames"),
    aliases: asStrings(given.get("aliases") ?? [], "aliases"),
    isNotebook: given.get("notebook") === true,
    claims: asClaims(asObject(given.get("claims") ?? {}, "claims")),
    comments: {
      line: asStrings(comments.get("line"), "comments.line"),
      block: asArray(comments.get("block"), "comments.block").map(asPair),
    },
    visibility: asVisibility(asObject(given.get("visibility"), "visibility")),
    builtins: new Set(asStrings(given.get("builtins") ?? [], "builtins")),
    tags,
    wasm: resolved.file,
    fingerprint: hash32(json, tags, resolved.version),
  };
}

function resolveGrammar(name: string, file: string): { readonly file: string; readonly version: string } {
  const { resolve } = createRequire(import.meta.url);
  const manifest = JSON.parse(readFileSync(resolve(`${name}/package.json`), "utf8")) as { version: string };
  return { file: resolve(`${name}/${file}`), version: `${name}@${manifest.version}` };
}

/** A stable 32-bit number over texts. */
export function hash32(...parts: readonly string[]): number {
  return createHash("sha256").update(JSON.stringify(parts)).digest().readUInt32BE(0);
}

const visibilities: ReadonlySet<string> = new Set(["public", "protected", "private", "internal"]);

function asVisibility(given: ReadonlyMap<string, unknown>): VisibilityRule {
  const rule = asString(given, "rule");
  if (rule === "none" || rule === "capital" || rule === "underscore") return { rule };
  if (rule !== "keywords") throw new Error(`visibility.rule "${rule}" is not known`);
  const words = [...asObject(given.get("words"), "visibility.words")];
  const otherwise = asOneOf(given.get("otherwise"), "visibility.otherwise");
  return {
    rule,
    words: new Map(words.map(([word, value]) => [word, asOneOf(value, `visibility.words.${word}`)])),
    otherwise,
    members: given.has("members") ? asOneOf(given.get("members"), "visibility.members") : otherwise,
  };
}

function asClaims(given: ReadonlyMap<string, unknown>): LanguageSpec["claims"] {
  return new Map(
    [...given].map(([extension, value]) => {
      const lines = asStrings(value, `claims${extension}`);
      // A pattern of nothing would claim every file.
      if (lines.length === 0 || lines.includes("")) throw new Error(`claims${extension} holds an empty text`);
      return [extension, lines];
    }),
  );
}

function asOneOf(value: unknown, key: string): Visibility {
  if (typeof value === "string" && visibilities.has(value)) return value as Visibility;
  throw new Error(`${key} must be one of ${[...visibilities].join(", ")}`);
}

function asObject(value: unknown, key: string): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${key} must be an object`);
  }
  return new Map(Object.entries(value));
}

function asArray(value: unknown, key: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${key} must be an array`);
  return value;
}

function asString(given: ReadonlyMap<string, unknown>, key: string): string {
  const value = given.get(key);
  if (typeof value !== "string" || value === "") throw new Error(`${key} must be a text`);
  return value;
}

function asStrings(value: unknown, key: string): readonly string[] {
  const list = asArray(value, key);
  if (list.some((item) => typeof item !== "string")) throw new Error(`${key} must hold texts only`);
  return list as readonly string[];
}

function asPair(value: unknown): readonly [string, string] {
  const pair = asStrings(value, "comments.block");
  if (pair.length !== 2) throw new Error("comments.block must hold pairs of an opening and a closing marker");
  return pair as unknown as readonly [string, string];
}
