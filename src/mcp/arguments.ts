/**
 * Reads the arguments of a call the way they were meant: near-miss names, numbers in quotes and nulls are
 * understood; what is not is answered with the right call. It knows schemas, not tools' work.
 */
import { z } from "zod";
import { CambiumError } from "../errors.ts";
import type { Tool } from "./tool.ts";

/** Names that models and people use for an argument, in order of preference. */
const aliases: readonly (readonly [string, readonly string[]])[] = [
  [
    "query",
    ["q", "pattern", "text", "search", "search_query", "user_query", "question", "keywords", "words", "term"],
  ],
  ["name", ["symbol", "symbol_name", "identifier", "query", "q", "function", "class"]],
  ["repository", ["repo", "repository_name", "repo_name", "project", "name", "path", "root"]],
  ["task_id", ["id", "task", "taskid"]],
  [
    "path",
    [
      "dir",
      "directory",
      "folder",
      "root",
      "repo_path",
      "repository_path",
      "repository",
      "repo",
      "project_path",
    ],
  ],
  ["path", ["glob", "file", "file_pattern", "include", "path_glob"]],
  ["language", ["lang", "file_type", "language_id"]],
  ["kind", ["type", "symbol_kind", "symbol_type"]],
  ["limit", ["max", "max_results", "count", "n", "top_k", "k", "num_results", "page_size"]],
  ["cursor", ["page", "page_token", "next_cursor"]],
  ["detail", ["verbosity", "response_format", "format"]],
  ["timeout_s", ["timeout", "timeout_seconds", "wait_s", "seconds", "max_wait"]],
  ["match", ["mode"]],
  ["state", ["status", "states"]],
  ["ignore_case", ["case_insensitive", "ignorecase", "i"]],
  ["word", ["whole_word", "word_regexp", "w"]],
  ["literal", ["fixed_strings", "fixed", "plain"]],
  ["context", ["context_lines", "lines_around"]],
];

/** Shorter names are near too many. */
const slipMin = 4;

interface FieldSchema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface InputSchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly [key: string]: unknown;
}

const schemas = new WeakMap<Tool, InputSchema>();

/** The input as JSON Schema, as clients are shown it. */
export function inputSchemaOf(tool: Tool): InputSchema {
  let schema = schemas.get(tool);
  if (schema === undefined) {
    const { $schema: _, ...rest } = z.toJSONSchema(tool.input, { io: "input" });
    schema = { properties: {}, ...rest } as InputSchema;
    schemas.set(tool, schema);
  }
  return schema;
}

/**
 * The same without what every listing would pay for: lengths of texts, which are generous, and the least that a number
 * may be. Who misses one is told so.
 */
export function shownSchemaOf(tool: Tool): InputSchema {
  const { properties, ...rest } = inputSchemaOf(tool);
  const shown = Object.entries(properties).map(([name, field]) => {
    const { minLength: _least, maxLength: _most, minimum: _smallest, ...kept } = field;
    return [name, kept];
  });
  return { ...rest, type: "object", properties: Object.fromEntries(shown) };
}

/** Checked arguments for `tool.run`. Throws `invalid_argument` naming each fault and the right call. */
export function readArguments(tool: Tool, raw: unknown): z.output<Tool["input"]> {
  if (raw !== undefined && raw !== null && (typeof raw !== "object" || Array.isArray(raw))) {
    throw refuse(tool, ["The arguments must be one JSON object."], new Map());
  }
  const { named, unknown } = renameAll(tool, Object.entries(raw ?? {}));
  const faults = unknown.map((name) => `Unknown argument "${shorten(name)}".`);
  const parsed = tool.input.safeParse(Object.fromEntries(named));
  if (parsed.success && faults.length === 0) return parsed.data;
  faults.push(...(parsed.error?.issues ?? []).map((issue) => sayIssue(issue, tool, named)));
  throw refuse(tool, faults, named);
}

function renameAll(tool: Tool, given: readonly (readonly [string, unknown])[]) {
  const { properties } = inputSchemaOf(tool);
  const named = new Map<string, unknown>();
  const unknown: string[] = [];
  const present = given.filter(([, value]) => value !== null && value !== undefined);
  for (const [name, value] of present) if (Object.hasOwn(properties, name)) named.set(name, value);
  for (const [name, value] of present) {
    if (Object.hasOwn(properties, name)) continue;
    const meant = meaningOf(name, properties, named);
    if (meant === undefined) unknown.push(name);
    else named.set(meant, value);
  }
  for (const [name, value] of named) {
    const mended = mend(value, properties[name]);
    if (mended === "" && !(inputSchemaOf(tool).required ?? []).includes(name)) named.delete(name);
    else named.set(name, mended);
  }
  return { named, unknown };
}

function meaningOf(name: string, properties: InputSchema["properties"], taken: ReadonlyMap<string, unknown>) {
  const snake = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toLowerCase();
  const free = (candidate: string) => Object.hasOwn(properties, candidate) && !taken.has(candidate);
  if (free(snake)) return snake;
  for (const [candidate, others] of aliases) if (others.includes(snake) && free(candidate)) return candidate;
  const misspelt = Object.keys(properties).filter((candidate) => free(candidate) && isSlip(snake, candidate));
  return misspelt.length === 1 ? misspelt[0] : undefined;
}

/** One letter more, less, other or in its neighbour's place, and whatever stands between the words. */
function isSlip(given: string, meant: string): boolean {
  const [a, b] = [given.replaceAll("_", ""), meant.replaceAll("_", "")];
  if (a === b) return true;
  if (a.length < slipMin || Math.abs(a.length - b.length) > 1) return false;
  let begin = 0;
  while (begin < a.length && a[begin] === b[begin]) begin += 1;
  const [restA, restB] = [a.slice(begin), b.slice(begin)];
  return (
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    restA.slice(1) === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}

/** Numbers, truth values and lists that arrive as text, and text that arrives as a number. */
function mend(value: unknown, field: FieldSchema | undefined): unknown {
  const wantsNumber = field?.type === "integer" || field?.type === "number";
  if (wantsNumber && typeof value === "string" && /^\s*-?\d+(\.\d+)?\s*$/.test(value)) return Number(value);
  if (field?.type === "boolean" && (value === "true" || value === "false")) return value === "true";
  if (field?.type === "string" && typeof value === "number") return String(value);
  if (field?.enum !== undefined && typeof value === "string") {
    return field.enum.find((option) => option.toLowerCase() === value.trim().toLowerCase()) ?? value;
  }
  return value;
}

function sayIssue(issue: z.core.$ZodIssue, tool: Tool, named: ReadonlyMap<string, unknown>): string {
  const name = String(issue.path[0] ?? "");
  if (!named.has(name)) return `"${name}" is missing.`;
  const given = shorten(JSON.stringify(named.get(name)) ?? "undefined");
  return `"${name}" is ${given}; it must be ${sayField(inputSchemaOf(tool).properties[name], issue)}.`;
}

function sayField(field: FieldSchema | undefined, issue: z.core.$ZodIssue): string {
  const { type, enum: options, minimum, maximum, maxLength } = field ?? {};
  if (options !== undefined) return `one of ${options.join(", ")}`;
  if (minimum !== undefined && maximum !== undefined) {
    return `a ${type === "integer" ? "whole " : ""}number from ${minimum} to ${maximum}`;
  }
  if (issue.code === "custom") return issue.message;
  if (type === "string") return `text of 1 to ${maxLength ?? "many"} characters`;
  return `otherwise: ${issue.message}`;
}

function refuse(tool: Tool, faults: readonly string[], named: ReadonlyMap<string, unknown>): CambiumError {
  const { properties, required = [] } = inputSchemaOf(tool);
  const takes = Object.keys(properties).map((name) =>
    required.includes(name) ? `${name} (required)` : name,
  );
  const right = new Map(Object.entries(tool.example));
  for (const [name, value] of named) {
    const field = (tool.input.shape as Record<string, z.ZodType>)[name];
    if (field?.safeParse(value).success) right.set(name, value);
  }
  const call = `${tool.name} ${shorten(JSON.stringify(Object.fromEntries(right)), 500)}`;
  const takesText = takes.length === 0 ? "It takes no arguments." : `It takes: ${takes.join(", ")}.`;
  return new CambiumError("invalid_argument", `${faults.join(" ")} ${takesText}\nCall ${call}.`);
}

function shorten(text: string, limit = 80): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
