/** What is set for a whole queue: its metadata, whether it is paused, its limit, and the names BullMQ asks for. */
import type { KeysMap } from "bullmq";
import type { Change, QueueRow } from "./change.ts";

const keyNames = [
  "",
  "active",
  "wait",
  "waiting-children",
  "paused",
  "id",
  "delayed",
  "prioritized",
  "stalled-check",
  "completed",
  "failed",
  "stalled",
  "repeat",
  "limiter",
  "meta",
  "events",
  "pc",
  "marker",
  "de",
] as const;

export function keysOf(qualifiedName: string): KeysMap {
  return Object.fromEntries(keyNames.map((name) => [name, `${qualifiedName}:${name}`]));
}

export function readMeta(queue: QueueRow | undefined): Record<string, string> {
  return queue?.meta ?? {};
}

/** Returns how many fields are new. */
export function setMeta(queue: QueueRow, values: Readonly<Record<string, string | number>>): number {
  const added = Object.keys(values).filter((field) => queue.meta[field] === undefined).length;
  for (const [field, value] of Object.entries(values)) queue.meta[field] = String(value);
  return added;
}

/** Returns how many there were. */
export function removeMeta(queue: QueueRow, fields: readonly string[]): number {
  const found = fields.filter((field) => queue.meta[field] !== undefined);
  for (const field of found) delete queue.meta[field];
  return found.length;
}

export function setPaused(change: Change, queue: QueueRow, paused: boolean): void {
  if (paused) setMeta(queue, { paused: 1 });
  else removeMeta(queue, ["paused"]);
  change.emit(queue, "event", paused ? "paused" : "resumed");
}

/** More than any limit allows. */
const usedUp = 2 ** 40;

/** No job is taken until then (ms since 1970). */
export function setLimit(queue: QueueRow, until: number): void {
  queue.limitUsed = usedUp;
  queue.limitUntil = Math.trunc(until);
}
