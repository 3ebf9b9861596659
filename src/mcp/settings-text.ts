/** Adds our entry to the text of a settings file, and takes it out again, leaving the rest as it is but for white space of its neighbours. */
import { isDeepStrictEqual } from "node:util";
import {
  applyEdits,
  findNodeAtLocation,
  getNodeValue,
  modify,
  type ParseError,
  parseTree,
} from "jsonc-parser";
import { CambiumError } from "../errors.ts";
import type { ClientSpec } from "./client-settings.ts";

type Entry = Readonly<Record<string, unknown>>;

/** The entry as it stands there; undefined where there is none. Throws `conflict` for a file that cannot be read. */
export function readEntry(text: string, { format, path }: ClientSpec): unknown {
  if (format === "toml") return tomlBlock(text, path);
  const tree = parse(text);
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, [...path]);
  // Its objects have no prototype, and so would equal none of ours.
  return node === undefined ? undefined : structuredClone(getNodeValue(node));
}

export function isSameEntry(found: unknown, spec: ClientSpec, entry: Entry): boolean {
  return spec.format === "toml"
    ? found === writeToml(spec.path, entry)
    : isDeepStrictEqual(found, { ...entry });
}

export function addEntry(text: string, { format, path }: ClientSpec, entry: Entry): string {
  if (format === "toml") {
    const before = text === "" || text.endsWith("\n\n") ? text : `${text.replace(/\n?$/, "\n")}\n`;
    return before + writeToml(path, entry);
  }
  const bare = text.trim() === "" ? "{}\n" : text;
  return edit(bare, path, entry);
}

/** Also takes out what the entry alone stood in. */
export function dropEntry(text: string, { format, path }: ClientSpec, entry: Entry): string {
  if (format === "toml")
    return text.replace(writeToml(path, entry), "").replace(/\n+$/, "\n").replace(/^\n$/, "");
  const without = edit(text, path, undefined);
  const around = path.slice(0, -1);
  const tree = parse(without);
  const parent = tree === undefined ? undefined : findNodeAtLocation(tree, around);
  return parent !== undefined && (parent.children ?? []).length === 0
    ? edit(without, around, undefined)
    : without;
}

/** Nothing but what adding to an empty file leaves. */
export function isBare(text: string): boolean {
  return /^\s*(\{\s*\})?\s*$/.test(text);
}

function edit(text: string, path: readonly string[], value: Entry | undefined): string {
  const tabs = /^\t/m.test(text);
  const width = /^( +)\S/m.exec(text)?.[1]?.length ?? 2;
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const formattingOptions = { insertSpaces: !tabs, tabSize: width, eol };
  return applyEdits(text, modify(text, [...path], value, { formattingOptions }));
}

function parse(text: string) {
  const errors: ParseError[] = [];
  const tree = parseTree(text.trim() === "" ? "{}" : text, errors, { allowTrailingComma: true });
  if (errors.length === 0 && tree?.type === "object") return tree;
  throw new CambiumError("conflict", "It is not readable JSON: mend it first, or add the entry by hand.");
}

/** From the entry's own table to the next one, as it stands. */
function tomlBlock(text: string, path: readonly string[]): string | undefined {
  const name = path.join(".");
  const lines = text.split(/(?<=\n)/);
  const start = lines.findIndex((line) => tableOf(line) === name);
  // Written in another way (dotted keys, an inline table): it is there, and it is not ours.
  if (start < 0)
    return /^\s*(mcp_servers\s*\.\s*)?["']?cambium["']?\s*[.=]/m.test(text) ? "another form" : undefined;
  const length = lines.slice(start + 1).findIndex((line) => tableOf(line) !== undefined);
  const block = lines.slice(start, length < 0 ? undefined : start + 1 + length).join("");
  return `${block.trimEnd()}\n`;
}

const tableOf = (line: string) => /^\s*\[([^[\]]+)\]/.exec(line)?.[1]?.replace(/["'\s]/g, "");

/** JSON's strings and lists of strings are TOML's as well. */
function writeToml(path: readonly string[], entry: Entry): string {
  const lines = Object.entries(entry).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return `[${path.join(".")}]\n${lines.join("\n")}\n`;
}
