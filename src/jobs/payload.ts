/** What may go through the store: JSON values of bounded size, as large things are named, not carried. */
import { CambiumError } from "../errors.ts";
import type { Json, JsonObject } from "./task.ts";

export const maxPayloadBytes = 256 * 1024;

/** Throws `invalid_argument` for what JSON cannot say or what is too large. `what` begins the message. */
export function checkPayload(value: unknown, what: string, maxBytes = maxPayloadBytes): void {
  const odd = findOdd(value, "");
  if (odd !== undefined) {
    throw new CambiumError(
      "invalid_argument",
      `${what} is refused${odd.place === "" ? "" : ` at ${odd.place}`}: ${odd.what} is no JSON value. Send null, booleans, finite numbers, strings, lists and plain objects.`,
    );
  }
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= maxBytes) return;
  throw new CambiumError(
    "invalid_argument",
    `${what}: ${bytes} bytes; the limit is ${maxBytes}. Store it elsewhere and send a reference (a path, a key, a hash).`,
  );
}

/** For a handler's result; an oversized one fails its job. */
export function checkResult(result: JsonObject): JsonObject {
  checkPayload(result, "The result");
  return result;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const maxDepth = 100;

/** PostgreSQL stores neither; what one store refuses, all do. */
const isStorable = (text: string) => !text.includes("\0") && !/\p{Surrogate}/u.test(text);
const oddText = "a text with a NUL or half a character";

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function findOdd(value: unknown, place: string, depth = 0): { place: string; what: string } | undefined {
  if (value === null || typeof value === "boolean") return undefined;
  if (typeof value === "string") return isStorable(value) ? undefined : { place, what: oddText };
  if (typeof value === "number") return Number.isFinite(value) ? undefined : { place, what: String(value) };
  if (typeof value !== "object") return { place, what: typeof value };
  if (depth > maxDepth) return { place, what: `something deeper than ${maxDepth} levels` };
  if (!Array.isArray(value) && !isPlain(value))
    return { place, what: value.constructor?.name ?? "an object with a prototype" };
  for (const [name, item] of Object.entries(value)) {
    // As JSON.stringify does: a property that is undefined is one that is not there.
    if (item === undefined && !Array.isArray(value)) continue;
    if (!isStorable(name)) return { place, what: oddText };
    const odd = findOdd(item, Array.isArray(value) ? `${place}[${name}]` : `${place}.${name}`, depth + 1);
    if (odd !== undefined) return odd;
  }
  return undefined;
}
