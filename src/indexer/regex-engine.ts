/**
 * The engine that patterns of users run in: Rust's `regex`, which takes time linear in the text whatever the pattern,
 * as WebAssembly. Handing it bytes instead of strings is ten times faster, so its own exports are called here.
 */
import type { Hir, RRegex } from "rregex";

export type { Hir, HirKind } from "rregex";

/** A range of bytes of the text that was searched. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A compiled pattern; `free` gives its memory back. Texts are valid UTF-8. */
export interface Regex {
  /** All matches that do not overlap, from left to right. */
  findAll(text: Uint8Array): readonly Span[];
  /** The first match that begins at `start` or after it. */
  findAt(text: Uint8Array, start: number): Span | undefined;
  syntax(): Hir;
  free(): void;
}

/** Throws an `Error` whose message shows where the pattern is wrong and why. */
export type CompileRegex = (pattern: string) => Regex;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly __wbindgen_export_2: { get(index: number): unknown };
  __externref_table_dealloc(index: number): void;
  __wbindgen_malloc(bytes: number, align: number): number;
  rregex_findAll(regex: number, text: number, bytes: number): Outcome;
  rregex_findAt(regex: number, text: number, bytes: number, start: number): Outcome;
}

/** Where the value stands, where the error stands, and whether it is an error. */
type Outcome = readonly [number, number, number];

interface Module {
  readonly RRegex: new (pattern: string) => RRegex;
  readonly __wasm: Exports;
}

let loaded: Promise<CompileRegex> | undefined;

/** Loads the engine once, in some 30 ms: only who asks with a pattern waits for it. */
export function loadRegexEngine(): Promise<CompileRegex> {
  loaded ??= import("rregex").then((module) => compileWith(module as unknown as Module));
  return loaded;
}

function compileWith({ RRegex, __wasm: wasm }: Module): CompileRegex {
  const take = ([value, error, failed]: Outcome): unknown => {
    const index = failed ? error : value;
    const taken = wasm.__wbindgen_export_2.get(index);
    wasm.__externref_table_dealloc(index);
    if (failed) throw taken;
    return taken;
  };
  let memory = new Uint8Array(0);
  // The callee frees it.
  const give = (text: Uint8Array): number => {
    const at = wasm.__wbindgen_malloc(text.length, 1) >>> 0;
    if (memory.length === 0) memory = new Uint8Array(wasm.memory.buffer);
    memory.set(text, at);
    return at;
  };
  return (pattern) => {
    const regex = new RRegex(pattern);
    const { __wbg_ptr: handle } = regex as unknown as { readonly __wbg_ptr: number };
    return {
      findAll: (text) => take(wasm.rregex_findAll(handle, give(text), text.length)) as Span[],
      findAt: (text, start) =>
        (take(wasm.rregex_findAt(handle, give(text), text.length, start)) ?? undefined) as Span | undefined,
      syntax: () => regex.syntax(),
      free: () => regex.free(),
    };
  };
}
