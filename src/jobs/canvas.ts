/**
 * Chain, group and chord: how work is composed, and what runs next. A canvas job stores nothing but its canvas: the
 * results of its parts, which the store keeps with it, say how far it is. So any worker can go on after any crash.
 */
import type { Failure } from "../errors.ts";
import { readReason } from "./reason.ts";
import type { Json, JsonObject, KindSpec, Priority } from "./task.ts";

/** One run of one kind; `priority` is the task's unless it is given. */
export type Signature = { readonly kind: string; readonly args: JsonObject; readonly priority?: Priority };

/** One after the other; each gets the result of the one before as `context.previous`. Its result is the last one's. */
export type Chain = { readonly chain: readonly Canvas[] };

/** All at once. Its result is `{results: [...]}` in this order. */
export type Group = { readonly group: readonly Canvas[] };

/**
 * All headers at once, then the body with their results in order; its result is the body's. When a header fails, the
 * chord fails and the body never runs, unless `onHeaderFailure` is `continue`: the body then finds `{failed: {code,
 * message}}` in that header's place.
 */
export type Chord = {
  readonly chord: {
    readonly header: readonly Canvas[];
    readonly body: Canvas;
    readonly onHeaderFailure?: "fail" | "continue";
  };
};

export type Canvas = Signature | Chain | Group | Chord;

/** The kind of the task that a canvas is, and of the jobs that canvases inside it are; in every catalogue. */
export const canvasKind: KindSpec = {
  kind: "canvas",
  role: "task",
  queue: "tasks",
  retry: { attempts: 30, delayMs: 250, maxDelayMs: 60_000 },
  softTimeLimitMs: 60_000,
  silenceLimitMs: 60_000,
};

/** A job that a canvas job adds as its child, with the id `<id of the canvas job>-<key>`. */
export interface CanvasPart {
  /** `<stage>-<index>`, both from 0. */
  readonly key: string;
  readonly stage: number;
  readonly kind: string;
  readonly args: JsonObject;
  readonly priority?: Priority;
  readonly onFailure: "fail" | "continue";
}

export type CanvasStep = { readonly run: readonly CanvasPart[] } | { readonly result: JsonObject };

/** By the keys of the parts that have ended. */
export type DoneParts = ReadonlyMap<string, Json>;

/** The parts of the first unfinished stage that have not ended, or the result of the whole. */
export function advanceCanvas(canvas: Canvas, done: DoneParts): CanvasStep {
  const stages = stagesOf(canvas);
  for (const [stage, { parts, onFailure }] of stages.entries()) {
    const keyOf = (index: number) => `${stage}-${index}`;
    const missing = parts.flatMap((part, index) => (done.has(keyOf(index)) ? [] : [{ part, index }]));
    if (missing.length === 0) continue;
    return {
      run: missing.map(({ part, index }) => ({ key: keyOf(index), stage, onFailure, ...jobOf(part) })),
    };
  }
  const last = stageResults(done, stages.length - 1);
  return { result: "group" in canvas ? { results: last } : asObject(last[0] ?? null) };
}

/** What the parts of the next stage get as `context.previous`. */
export function stageResults(done: DoneParts, stage: number): Json[] {
  const results: Json[] = [];
  for (let index = 0; ; index += 1) {
    const result = done.get(`${stage}-${index}`);
    if (result === undefined) return results;
    results.push(result);
  }
}

/** From what the store keeps with the canvas job: results of children and ignored failures, by the names of their jobs. */
export function readDoneParts(
  canvasJobId: string,
  results: Readonly<Record<string, Json>>,
  failures: Readonly<Record<string, string>>,
): DoneParts {
  const start = `${canvasJobId}-`;
  const keyOf = (name: string) => name.slice(name.lastIndexOf(start) + start.length);
  const failed = (reason: string): Json => ({ failed: { ...readReason(reason) } satisfies Failure });
  return new Map([
    ...Object.entries(results).map(([name, result]) => [keyOf(name), result] as const),
    ...Object.entries(failures).map(([name, reason]) => [keyOf(name), failed(reason)] as const),
  ]);
}

/** A group that gives each run of the kind so many of the items, as `args.items`. */
export function chunks(
  kind: string,
  items: readonly Json[],
  size: number,
  args: JsonObject = {},
): { readonly group: readonly Signature[] } {
  const step = Math.max(1, Math.trunc(size));
  const group: Signature[] = [];
  for (let first = 0; first < items.length; first += step)
    group.push({ kind, args: { ...args, items: items.slice(first, first + step) } });
  return { group };
}

interface Stage {
  readonly parts: readonly Canvas[];
  readonly onFailure: "fail" | "continue";
}

function stagesOf(canvas: Canvas): readonly Stage[] {
  if ("chain" in canvas) return canvas.chain.map((part) => ({ parts: [part], onFailure: "fail" }));
  if ("group" in canvas) return [{ parts: canvas.group, onFailure: "fail" }];
  if (!("chord" in canvas)) return [{ parts: [canvas], onFailure: "fail" }];
  const { header, body, onHeaderFailure = "fail" } = canvas.chord;
  return [
    { parts: header, onFailure: onHeaderFailure },
    { parts: [body], onFailure: "fail" },
  ];
}

const jobOf = (part: Canvas): Signature =>
  "kind" in part ? part : { kind: canvasKind.kind, args: { canvas: part } };

const asObject = (value: Json): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : { value };
