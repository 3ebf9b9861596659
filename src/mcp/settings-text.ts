/**
 * Adds our entry to the text of a settings file, and takes it out again, leaving the rest as it is but for white space of
 * its neighbours. What comes out is read again: a text that would say anything else than before is never given back.
 */
import { isDeepStrictEqual } from "node:util";
import {
  applyEdits,
  findNodeAtLocation,
  modify,
  type ParseError,
  parse as parseJson,
  parseTree,
} from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { CambiumError } from "../errors.ts";
import type { ClientSpec } from "./client-settings.ts";

type Entry = Readonly<Record<string, unknown>>;
type Settings = Record<string, unknown>;

/** The entry as it stands there; undefined where there is none. Throws `conflict` for a file that cannot be read. */
export function readEntry(text: string, spec: ClientSpec): unknown {
  return valueAt(read(text, spec), spec.path);
}

export function isSameEntry(found: unknown, entry: Entry): boolean {
  return isDeepStrictEqual(found, { ...entry });
}

/** Whether the table that the entry stands in is there already. */
export function hasAround(text: string, spec: ClientSpec): boolean {
  return valueAt(read(text, spec), spec.path.slice(0, -1)) !== undefined;
}

/** Throws `conflict` where the entry cannot be added without changing what else is there. */
export function addEntry(text: string, spec: ClientSpec, entry: Entry): string {
  const around = valueAt(read(text, spec), spec.path.slice(0, -1));
  if (around !== undefined && !isTable(around)) {
    throw new CambiumError("conflict", `Its \`${spec.path[0]}\` holds no entries: mend it first.`);
  }
  const { mark, rest } = parted(text);
  const added =
    spec.format === "toml"
      ? rest + glueAfter(rest) + writeToml(spec.path, entry)
      : edit(rest, spec.path, entry);
  return checked(mark + added, spec, { was: text, entry });
}

/** Also takes out what the entry alone stands in, unless that is to be kept. */
export function dropEntry(text: string, spec: ClientSpec, entry: Entry, keepAround = false): string {
  const { mark, rest } = parted(text);
  const without =
    spec.format === "toml"
      ? dropToml(rest, writeToml(spec.path, entry))
      : dropJson(rest, spec.path, keepAround);
  return checked(mark + without, spec, { was: text, entry: undefined });
}

/** Nothing but what adding to an empty file leaves. */
export function isBare(text: string): boolean {
  return /^\s*(\{\s*\})?\s*$/.test(text);
}

/** Compares all but our entry, and tables that hold nothing. */
function checked(text: string, spec: ClientSpec, want: { was: string; entry: Entry | undefined }): string {
  const unclear = new CambiumError(
    "conflict",
    "Its form leaves no clear place for the entry: change it by hand.",
  );
  let now: Settings;
  try {
    now = read(text, spec);
  } catch {
    throw unclear;
  }
  const others = (settings: Settings) => withoutEntry(settings, spec.path);
  const isKept = isDeepStrictEqual(others(now), others(read(want.was, spec)));
  if (isKept && isDeepStrictEqual(valueAt(now, spec.path), want.entry && { ...want.entry })) return text;
  throw unclear;
}

function withoutEntry(settings: Settings, [table = "", name = ""]: readonly string[]): Settings {
  const { [table]: around, ...rest } = settings;
  if (!isTable(around)) return settings;
  const { [name]: _entry, ...others } = around;
  return Object.keys(others).length === 0 ? rest : { ...rest, [table]: others };
}

const isTable = (value: unknown): value is Settings =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function valueAt(settings: Settings, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isTable(value) ? value[key] : undefined), settings);
}

/** The byte order mark that some editors begin a file with stays where it is, and is no part of what the file says. */
function parted(file: string): { readonly mark: string; readonly rest: string } {
  const length = file.startsWith("\ufeff") ? 1 : 0;
  return { mark: file.slice(0, length), rest: file.slice(length) };
}

/** As plain objects, so that they can be compared with ours. */
function read(file: string, { format }: ClientSpec): Settings {
  const { rest: text } = parted(file);
  if (text.trim() === "") return {};
  if (format === "toml") {
    try {
      return structuredClone(parseToml(text)) as Settings;
    } catch {
      throw new CambiumError("conflict", "It is not readable TOML: mend it first, or add the entry by hand.");
    }
  }
  const errors: ParseError[] = [];
  const value: unknown = parseJson(text, errors, { allowTrailingComma: true });
  if (errors.length === 0 && isTable(value)) return structuredClone(value);
  throw new CambiumError("conflict", "It is not readable JSON: mend it first, or add the entry by hand.");
}

function dropJson(text: string, path: readonly string[], keepAround: boolean): string {
  const without = edit(text, path, undefined);
  const around = path.slice(0, -1);
  const tree = parseTree(without, [], { allowTrailingComma: true });
  const parent = tree === undefined ? undefined : findNodeAtLocation(tree, around);
  const isLeft = !keepAround && parent !== undefined && (parent.children ?? []).length === 0;
  return isLeft ? edit(without, around, undefined) : without;
}

function edit(text: string, path: readonly string[], value: Entry | undefined): string {
  const bare = text.trim() === "" ? "{}\n" : text;
  const tabs = /^\t/m.test(bare);
  const width = /^( +)\S/m.exec(bare)?.[1]?.length ?? 2;
  const eol = bare.includes("\r\n") ? "\r\n" : "\n";
  const formattingOptions = { insertSpaces: !tabs, tabSize: width, eol };
  return applyEdits(bare, modify(bare, [...path], value, { formattingOptions }));
}

/** What stands between the text and a table that is put after it. */
function glueAfter(text: string): string {
  if (text === "" || text.endsWith("\n\n")) return "";
  return text.endsWith("\n") ? "\n" : "\n\n";
}

function dropToml(text: string, block: string): string {
  const at = text.lastIndexOf(block);
  if (at < 0) return text;
  const [before, after] = [text.slice(0, at), text.slice(at + block.length)];
  return after === "" ? before.replace(/\n$/, "").replace(/([^\n])$/, "$1\n") : before + after;
}

/** JSON's strings and lists of strings are TOML's as well. */
function writeToml(path: readonly string[], entry: Entry): string {
  const lines = Object.entries(entry).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return `[${path.join(".")}]\n${lines.join("\n")}\n`;
}
