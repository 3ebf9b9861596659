/**
 * Takes a Jupyter notebook apart: its cells' sources, each with its language and its place in the JSON file, so that
 * lines lead to where an editor opens the file. Outputs are never looked at.
 */
import { languageNamed } from "./languages.ts";

export interface Cell {
  /** Undefined for a cell that no grammar reads. */
  readonly language: string | undefined;
  readonly text: string;
  /** For every index of `text`, and its end, the index in the file. */
  readonly origin: Int32Array;
}

/** A value and its place; strings and numbers are left as they stand in the file. */
interface Value {
  readonly start: number;
  readonly end: number;
  readonly members?: ReadonlyMap<string, Value>;
  readonly items?: readonly Value[];
}

/** The cells of a notebook in their order; undefined for what is no notebook. */
export function readNotebook(json: string): readonly Cell[] | undefined {
  try {
    return readCells(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function readCells(json: string): readonly Cell[] | undefined {
  const notebook = readValue(json, skipBlanks(json, 0), 0);
  // The third format has its cells in sheets, and their source under another name.
  const sheets = [notebook, ...(itemsOf(notebook, "worksheets") ?? [])];
  const cells = sheets.flatMap((sheet) => itemsOf(sheet, "cells") ?? []);
  if (cells.length === 0 && itemsOf(notebook, "cells") === undefined) return undefined;
  const kernel =
    stringAt(json, notebook, "metadata", "language_info", "name") ??
    stringAt(json, notebook, "metadata", "kernelspec", "language") ??
    "python";
  return cells.flatMap((cell) => readCell(json, cell, kernel));
}

function readCell(json: string, cell: Value, kernel: string): Cell[] {
  const source = cell.members?.get("source") ?? cell.members?.get("input");
  if (source === undefined) return [];
  const { text, origin } = unquote(json, source.items ?? [source]);
  if (text.trim() === "") return [];
  const kind = stringAt(json, cell, "cell_type");
  if (kind !== "code") return [{ language: kind === "markdown" ? kind : undefined, text, origin }];
  const own =
    stringAt(json, cell, "metadata", "vscode", "languageId") ??
    stringAt(json, cell, "metadata", "dotnet_interactive", "language");
  const magic = /^%%(\w+)/.exec(text)?.[1];
  const language =
    languageNamed(own ?? kernel) === "python" && magic !== undefined && !sameLanguage.test(magic)
      ? languageNamed(magic)
      : languageNamed(own ?? kernel);
  return [
    { language, text: magic !== undefined || language === "python" ? blankMagics(text) : text, origin },
  ];
}

/** Cell magics after which the cell is in the kernel's language all the same. */
const sameLanguage = /^(?:time|timeit|capture|prun|memit|mprun|lprun|heat|debug|python[23]?|pypy)$/;

/** What IPython itself reads (`%matplotlib inline`, `!ls`, `thing?`) is no Python; the places of the rest stay. */
function blankMagics(text: string): string {
  return text.replace(/^[ \t]*(?:%%?[A-Za-z]|[!?]).*$|^[ \t]*[\w.]+\?\??[ \t]*$/gm, (line) =>
    " ".repeat(line.length),
  );
}

/** The text of strings in a row, and where each of its characters stands. */
function unquote(json: string, strings: readonly Value[]): Pick<Cell, "text" | "origin"> {
  const places: number[] = [];
  const parts: string[] = [];
  let end = 0;
  for (const { start, end: stop } of strings) {
    if (json[start] !== '"') continue;
    for (let at = start + 1; at < stop - 1; ) {
      const width = json[at] === "\\" ? (json[at + 1] === "u" ? 6 : 2) : 1;
      const sign = json.slice(at, at + width);
      parts.push(width === 1 ? sign : (JSON.parse(`"${sign}"`) as string));
      places.push(at);
      at += width;
    }
    end = stop - 1;
  }
  // A file ends its last line; so that the grammars find a cell like one, it does too.
  if (parts.at(-1) !== "\n") {
    parts.push("\n");
    places.push(end);
  }
  places.push(end);
  return { text: parts.join(""), origin: Int32Array.from(places) };
}

function itemsOf(value: Value, key: string): readonly Value[] | undefined {
  return value.members?.get(key)?.items;
}

function stringAt(json: string, value: Value, ...path: readonly string[]): string | undefined {
  const found = path.reduce<Value | undefined>((at, key) => at?.members?.get(key), value);
  return found !== undefined && json[found.start] === '"' ? unquote(json, [found]).text.trim() : undefined;
}

/** No notebook is nested deeper; the stack of this program bears more. */
const depthMax = 200;

function readValue(json: string, start: number, depth: number): Value {
  if (depth > depthMax) throw new SyntaxError("nested too deeply");
  const sign = json[start];
  if (sign === "{") return readObject(json, start, depth);
  if (sign === "[") return readArray(json, start, depth);
  if (sign === '"') return { start, end: endOfString(json, start) };
  literal.lastIndex = start;
  if (!literal.test(json)) throw new SyntaxError(`no value at ${start}`);
  return { start, end: literal.lastIndex };
}

const literal = /-?[\d.]+(?:[eE][-+]?\d+)?|true|false|null|NaN|-?Infinity/y;

function readObject(json: string, start: number, depth: number): Value {
  const members = new Map<string, Value>();
  const end = readList(json, start, "}", (at) => {
    if (json[at] !== '"') throw new SyntaxError(`no key at ${at}`);
    const keyEnd = endOfString(json, at);
    const colon = skipBlanks(json, keyEnd);
    if (json[colon] !== ":") throw new SyntaxError(`no colon at ${colon}`);
    const value = readValue(json, skipBlanks(json, colon + 1), depth + 1);
    members.set(json.slice(at + 1, keyEnd - 1), value);
    return value.end;
  });
  return { start, end, members };
}

function readArray(json: string, start: number, depth: number): Value {
  const items: Value[] = [];
  const end = readList(json, start, "]", (at) => {
    const value = readValue(json, at, depth + 1);
    items.push(value);
    return value.end;
  });
  return { start, end, items };
}

/** Reads what stands between a bracket at `start` and `close`, separated by commas; answers the index after `close`. */
function readList(json: string, start: number, close: string, read: (at: number) => number): number {
  let at = skipBlanks(json, start + 1);
  if (json[at] === close) return at + 1;
  for (;;) {
    at = skipBlanks(json, read(at));
    if (json[at] === close) return at + 1;
    if (json[at] !== ",") throw new SyntaxError(`no comma at ${at}`);
    at = skipBlanks(json, at + 1);
  }
}

/** The index after a string's closing quote. An output may be one string of megabytes. */
function endOfString(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (json[at - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
  throw new SyntaxError("a string without end");
}

function skipBlanks(json: string, from: number): number {
  let at = from;
  while (json[at] === " " || json[at] === "\n" || json[at] === "\r" || json[at] === "\t") at++;
  return at;
}
