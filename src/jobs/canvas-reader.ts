/** A canvas as it comes from outside: checked whole before anything of it is stored. */
import { CambiumError } from "../errors.ts";
import { type Canvas, canvasKind, type Signature } from "./canvas.ts";
import { checkPayload, isObject, maxPayloadBytes } from "./payload.ts";
import { readPriority } from "./priority.ts";
import type { Json, JsonObject, KindSpec } from "./task.ts";

const maxDepth = 8;
const maxParts = 20_000;
/** A canvas names many runs; each alone keeps to the limit of a payload. */
export const maxCanvasBytes = 4 * 1024 * 1024;

/** Throws `invalid_argument`, naming the place. */
export function readCanvas(given: Json | undefined, kinds: readonly KindSpec[]): Canvas {
  checkPayload(given ?? null, "The canvas", maxCanvasBytes);
  let parts = 0;
  const read = (value: Json | undefined, place: string, depth: number): Canvas => {
    parts += 1;
    if (parts > maxParts) refuse("canvas", `has more than ${maxParts} parts; submit it as several`);
    if (depth > maxDepth) refuse(place, `is nested deeper than ${maxDepth} levels`);
    if (!isObject(value)) refuse(place, shape);
    const list = (items: Json | undefined, name: string): readonly Canvas[] => {
      const at = `${place}.${name}`;
      if (!Array.isArray(items) || items.length === 0) refuse(at, "must be a list of at least one part");
      return items.map((item: Json, index) => read(item, `${at}[${index}]`, depth + 1));
    };
    if ("chain" in value) return { chain: list(value["chain"], "chain") };
    if ("group" in value) return { group: list(value["group"], "group") };
    if (!("chord" in value)) return readSignature(value, place, kinds);
    const chord = value["chord"];
    if (!isObject(chord)) refuse(`${place}.chord`, "must be {header: [...], body: {...}}");
    const onHeaderFailure = chord["onHeaderFailure"] ?? "fail";
    if (onHeaderFailure !== "fail" && onHeaderFailure !== "continue")
      refuse(`${place}.chord.onHeaderFailure`, 'must be "fail" or "continue"');
    const header = list(chord["header"], "chord.header");
    return {
      chord: { header, body: read(chord["body"], `${place}.chord.body`, depth + 1), onHeaderFailure },
    };
  };
  return read(given, "canvas", 1);
}

const shape = "must be {kind, args}, {chain: [...]}, {group: [...]} or {chord: {header: [...], body: {...}}}";

function readSignature(value: JsonObject, place: string, kinds: readonly KindSpec[]): Signature {
  const { kind, args = {}, priority } = value as { readonly [name: string]: Json | undefined };
  if (typeof kind !== "string") refuse(place, shape);
  if (!isObject(args)) refuse(`${place}.args`, "must be an object");
  const known = kinds.filter((candidate) => candidate.kind !== canvasKind.kind);
  if (!known.some((candidate) => candidate.kind === kind)) {
    const names = known.map((candidate) => candidate.kind).join(", ");
    refuse(`${place}.kind`, `is ${JSON.stringify(kind)}, which is no kind. Known: ${names}`);
  }
  checkPayload(args, `${place}.args`, maxPayloadBytes);
  return { kind, args, ...(priority === undefined ? {} : { priority: readPriority(priority) }) };
}

function refuse(place: string, problem: string): never {
  throw new CambiumError("invalid_argument", `${place} ${problem}.`);
}
