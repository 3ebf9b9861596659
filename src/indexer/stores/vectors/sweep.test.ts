/** Vectors outlive the index that needed them, but not for ever: what goes, what stays, and what is asked afterwards. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { encodeVector, normalize } from "../../vector-code.ts";
import { openSqliteLedger } from "./open-ledger.ts";
import { openVectorCare } from "./sweep.ts";

const day = 86_400_000;
const model = { provider: "p", name: "m", dimensions: 64 };
const size = { bytes: 1e6, texts: 100 };
const blobOf = (name: string) => ({ hash: name.repeat(64), language: "text", extractor: 1 });
const [a, b, c] = [blobOf("a"), blobOf("b"), blobOf("c")];
let folder: string;
let ledger: ReturnType<typeof openSqliteLedger>;
let care: ReturnType<typeof openVectorCare>;

const vectorOf = (number: number) =>
  normalize(Float32Array.from({ length: 64 }, (_, at) => Math.sin(number * 64 + at)));

/** One chunk a number; the same number is the same text. */
function plan(blob: typeof a, numbers: readonly number[]): void {
  const place = { repository: "r", path: "p", blobHash: blob.hash, startByte: 0, endByte: 9 };
  const chunks = numbers.map((number) => ({ key: Buffer.alloc(16, number), place }));
  ledger.plan(model, [{ blob, chunks }], size);
}

function buy(blob: typeof a, numbers: readonly number[]): number {
  plan(blob, numbers);
  let bought = 0;
  for (const id of ledger.standing(model, [blob]).batches) {
    const order = { model, account: "x", tokens: 1, timeoutMs: 1000, budgetTokens: 1e9 };
    const limits = { requestsPerMinute: 1e6, tokensPerMinute: 1e9, requestsAtOnce: 9 };
    const grant = ledger.claim(id, "job", { ...order, ...limits });
    if (grant.kind !== "go") throw new Error(grant.kind);
    const chunks = ledger.batch(id)?.chunks ?? [];
    const missing = numbers.slice(numbers.length - chunks.length);
    const outcomes = chunks.map(({ vector }, at) => ({
      vector,
      code: encodeVector(vectorOf(missing[at] ?? 0)),
    }));
    ledger.settle(grant.send, outcomes, 1);
    bought += chunks.length;
  }
  return bought;
}
const sweepAll = (since: number) => {
  let vectors = 0;
  for (let more = true; more; ) {
    const swept = care.sweep(since);
    vectors += swept.vectors;
    more = swept.more;
  }
  return vectors;
};
const nearestTo = (number: number, blobs: readonly (typeof a)[], stamp: string) =>
  ledger.nearest(model, { name: "r", stamp, blobs: () => blobs }, vectorOf(number), 1)[0];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cambium-sweep-"));
  ledger = openSqliteLedger(join(folder, "embeddings.db"));
  care = openVectorCare(join(folder, "embeddings.db"));
});
afterEach(() => {
  care.close();
  ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

it("keeps what was not needed for a short time, and what another blob needs", () => {
  expect([buy(a, [1, 2]), buy(b, [2, 3, 4]), buy(c, [5])]).toEqual([2, 2, 1]);
  care.noteReached([a, c], 0);
  expect(sweepAll(-1)).toBe(0);
  expect(sweepAll(0)).toBe(2);
  expect(ledger.costs()).toMatchObject([{ vectors: 3 }]);
  expect(ledger.standing(model, [a, c])).toMatchObject({ embedded: 3, unplanned: [] });
  // Text 2 is known still; the others are bought again.
  expect(buy(b, [2, 3, 4])).toBe(2);
});

it("counts from the last time a blob was needed", () => {
  buy(a, [1]);
  buy(b, [2]);
  care.noteReached([b], 0);
  care.noteReached([a, b], 10 * day);
  care.noteReached([b], 20 * day);
  expect(sweepAll(19 * day)).toBe(0);
  expect(sweepAll(20 * day)).toBe(1);
});

it("who asked before is not given the old vector for a new text", () => {
  buy(a, [1, 2]);
  buy(c, [9]);
  expect(nearestTo(1, [a, c], "1")?.similarity).toBeGreaterThan(0.9);
  care.noteReached([], 0);
  expect(sweepAll(0)).toBe(2);
  // The newest row stays, so that new ones have numbers that no reader has seen.
  expect(buy(b, [7, 8])).toBe(2);
  expect(nearestTo(7, [b], "2")).toMatchObject({ blob: b, ordinal: 0 });
  expect(nearestTo(8, [b], "2")).toMatchObject({ blob: b, ordinal: 1 });
  expect(nearestTo(1, [a, b, c], "3")?.similarity).toBeLessThan(0.9);
});

it("a batch that was never sent goes with its chunks", () => {
  plan(a, [1, 2]);
  buy(c, [9]);
  care.noteReached([c], 0);
  expect(sweepAll(0)).toBe(2);
  expect(ledger.remaining(model)).toBe(0);
});
