/**
 * Search among many vectors: disk per chunk, time and memory of a searching process, and how much of the exact answer
 * is found.
 *
 *     npm run build && node test/bench/vectors.mjs --chunks 1000000 --folder <folder> [--dimensions 1024]
 *
 * The folder is filled when it is empty, and kept: a second run only asks. Prints one JSON line a measure.
 */
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
const { openSqliteLedger } = await import(join(dist, "indexer/stores/vectors/open-ledger.js"));
const { encodeVector, normalize } = await import(join(dist, "indexer/vector-code.js"));
const { values } = parseArgs({
  options: {
    chunks: { type: "string", default: "100000" },
    dimensions: { type: "string", default: "1024" },
    folder: { type: "string" },
  },
});
if (values.folder === undefined) throw new Error("Say where the vectors are to be kept: --folder <folder>.");
const chunks = Number(values.chunks);
const dimensions = Number(values.dimensions);
const perBlob = 20;
/** Of so many the exact neighbours are known. */
const exactRows = Math.min(chunks, 20_000);
const model = { provider: "bench", name: "clusters", dimensions };
const order = {
  ...{ model, account: "bench", tokens: 1, timeoutMs: 1000, budgetTokens: Number.POSITIVE_INFINITY },
  ...{ requestsPerMinute: 1e9, tokensPerMinute: 1e12, requestsAtOnce: 9 },
};
const print = (name, value, unit) => process.stdout.write(`${JSON.stringify({ name, value, unit })}\n`);

/** Mulberry32. */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const normal = (random) => random() - 0.5;
const centreOf = (number) => {
  const random = seeded(number);
  return Float32Array.from({ length: dimensions }, () => normal(random));
};
const centres = Array.from({ length: 500 }, (_, number) => centreOf(number + 1));
/** Near one of five hundred centres, as passages of one subject are. */
function vectorAt(row) {
  const random = seeded(row * 7919 + 13);
  const centre = centres[Math.floor(random() * centres.length)];
  return normalize(centre.map((value) => value + normal(random) * 1.2));
}

const blobOf = (index) => ({ hash: index.toString(16).padStart(64, "0"), language: "text", extractor: 1 });
const blobs = Array.from({ length: Math.ceil(chunks / perBlob) }, (_, index) => blobOf(index));

mkdirSync(values.folder, { recursive: true });
const path = join(values.folder, "embeddings.db");
const isNew = readdirSync(values.folder).length === 0;
if (isNew) fill(openSqliteLedger(path));

function fill(ledger) {
  const place = { repository: "r", path: "a", blobHash: "00".repeat(32), startByte: 0, endByte: 1000 };
  for (let first = 0; first < blobs.length; first += 250) {
    const group = blobs.slice(first, first + 250).map((blob, index) => ({
      blob,
      chunks: Array.from({ length: perBlob }, (_, ordinal) => {
        const key = Buffer.alloc(16);
        key.writeUInt32LE(Math.imul((first + index) * perBlob + ordinal, 2654435761) >>> 0, 0);
        key.writeUInt32LE((first + index) * perBlob + ordinal, 8);
        return { key, place };
      }),
    }));
    ledger.plan(model, group, { bytes: 1e6, texts: 1000 });
    const { batches } = ledger.standing(
      model,
      group.map(({ blob }) => blob),
    );
    for (const id of batches) {
      const { send } = ledger.claim(id, "bench", order);
      const outcomes = ledger
        .batch(id)
        .chunks.map(({ vector }) => ({ vector, code: encodeVector(vectorAt(vector - 1)) }));
      ledger.settle(send, outcomes, 1);
    }
  }
  ledger.standing(model, blobs);
  ledger.close();
}

const bytes = statSync(path).size;
print("disk_per_chunk", Math.round(bytes / chunks), "bytes");
const ledger = openSqliteLedger(path);
const scope = { name: "r", stamp: "1", blobs: () => blobs };
const ask = (query) => ledger.nearest(model, scope, query, 10);
const queries = Array.from({ length: 60 }, (_, at) => {
  const random = seeded(at + 77);
  return normalize(vectorAt(at * 31).map((value) => value + (normal(random) * 0.5) / Math.sqrt(dimensions)));
});
let began = performance.now();
ask(queries[0]);
print("first_question", Math.round(performance.now() - began), "ms");
const times = queries.map((query) => {
  began = performance.now();
  ask(query);
  return performance.now() - began;
});
times.sort((a, b) => a - b);
print("p50", Number(times[Math.floor(times.length * 0.5)].toFixed(1)), "ms");
print("p95", Number(times[Math.floor(times.length * 0.95)].toFixed(1)), "ms");
print("memory", Math.round(process.memoryUsage.rss() / 1e6), "MB");

// The exact neighbours among the first rows, against what is found among the same.
const few = { name: "few", stamp: "1", blobs: () => blobs.slice(0, exactRows / perBlob) };
const exact = Array.from({ length: exactRows }, (_, row) => vectorAt(row));
let found = 0;
for (const query of queries.slice(0, 20)) {
  const cosines = exact.map((vector, row) => [
    vector.reduce((sum, value, at) => sum + value * query[at], 0),
    row,
  ]);
  const best = new Set(
    cosines
      .sort((a, b) => b[0] - a[0])
      .slice(0, 10)
      .map(([, row]) => row),
  );
  for (const { blob, ordinal } of ledger.nearest(model, few, query, 10))
    if (best.has(Number.parseInt(blob.hash, 16) * perBlob + ordinal)) found += 1;
}
print("recall_at_10", found / 200, `of the exact ten among ${exactRows}`);
ledger.close();
