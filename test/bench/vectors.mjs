/**
 * Search among many vectors: disk per chunk, time and memory of a searching process, and how much of the exact answer
 * is found.
 *
 *     npm run build && node test/bench/vectors.mjs --chunks 1000000 --folder <folder> --text <folder> --text <folder>
 *
 * The folder is filled with vectors of passages of these texts when it is empty, and kept: a second run only asks.
 * Prints one JSON line a measure.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Database from "better-sqlite3";
import { openSqliteLedger } from "../../dist/indexer/stores/vectors/open-ledger.js";
import { openScore } from "../../dist/indexer/stores/vectors/score.js";
import { encodeVector } from "../../dist/indexer/vector-code.js";
import { seeded } from "../fixtures/seeded.mjs";
import { openProjection, passagesIn, wordsOf } from "./real-passages.mjs";

const { values } = parseArgs({
  options: {
    chunks: { type: "string", default: "100000" },
    dimensions: { type: "string", default: "1024" },
    folder: { type: "string" },
    text: { type: "string", multiple: true, default: [] },
    fill: { type: "boolean", default: false },
  },
});
if (values.folder === undefined) throw new Error("Say where the vectors are to be kept: --folder <folder>.");
const most = Number(values.chunks);
/** So many are vectors of text, the others near-copies of these. */
const real = Math.min(most, 250_000);
const dimensions = Number(values.dimensions);
const perBlob = 20;
const questionsWanted = 200;
/** Of so many the exact neighbours are found; that takes all of the time of filling. */
const exactWanted = 20;
const model = { provider: "bench", name: "projection", dimensions };
const print = (name, value, unit) => process.stdout.write(`${JSON.stringify({ name, value, unit })}\n`);
const blobOf = (index) => ({ hash: index.toString(16).padStart(64, "0"), language: "text", extractor: 1 });
const path = join(values.folder, "embeddings.db");
const answersPath = join(values.folder, "answers.json");

if (values.fill) fill();
else ask();

/** The ten best of what is offered. */
function tenBest() {
  const kept = [];
  return {
    kept,
    offer: (row, similarity) => {
      if (kept.length === 10 && similarity <= kept[9].similarity) return;
      kept.push({ row, similarity });
      kept.sort((a, b) => b.similarity - a.similarity);
      kept.length = Math.min(kept.length, 10);
    },
  };
}

function fill() {
  const { counts, total, lines } = readText();
  const embed = openProjection(counts, total, dimensions);
  const questions = lines.map((line) => embed(line));
  const exact = questions.slice(0, exactWanted).map((query) => ({
    ...{ floats: tenBest(), codes: tenBest() },
    score: openScore(query, encodeVector(query).signs.length),
  }));
  openSqliteLedger(path).close();
  const store = openStore();
  const codes = [];
  const keep = (code, vector) => {
    for (const [at, { floats, codes: stored, score }] of exact.entries()) {
      stored.offer(store.rows, score(code.signs, 0, code.rest, 0));
      if (vector === undefined) continue;
      let dot = 0;
      for (let i = 0; i < dimensions; i += 1) dot += vector[i] * questions[at][i];
      floats.offer(store.rows, dot);
    }
    store.add(code);
  };
  for (const passage of passagesIn(values.text, real)) {
    const vector = embed(passage);
    const code = encodeVector(vector);
    codes.push(code);
    keep(code, vector);
  }
  const random = seeded(9);
  while (codes.length > 0 && store.rows < most) keep(nearCopy(codes[store.rows % codes.length], random));
  store.close();
  writeFileSync(
    answersPath,
    JSON.stringify({
      ...{ chunks: store.rows, real: codes.length, questions: questions.map((vector) => [...vector]) },
      exact: exact.map(({ floats, codes: stored }) => ({ floats: floats.kept, codes: stored.kept })),
    }),
  );
}

/** In how many passages each word stands, and questions: lines of comments. */
function readText() {
  const counts = new Map();
  const lines = [];
  const random = seeded(5);
  let total = 0;
  let asked = 0;
  for (const passage of passagesIn(values.text, real)) {
    for (const word of wordsOf(passage).keys()) counts.set(word, (counts.get(word) ?? 0) + 1);
    total += 1;
    const line = passage
      .split("\n")
      .find((one) => /^\s*(?:\/\/|\/?\*|#) /.test(one) && wordsOf(one).size >= 8);
    if (line === undefined || lines.includes(line)) continue;
    asked += 1;
    if (lines.length < questionsWanted) lines.push(line);
    else if (random() < questionsWanted / asked) lines[Math.floor(random() * questionsWanted)] = line;
  }
  return { counts, total, lines };
}

/** As a passage has them in forks and copies that were edited: a fifth of the signs at random. */
function nearCopy({ signs, rest }, random) {
  const other = Buffer.from(signs);
  for (let at = 0; at < other.length; at += 4) {
    const bits = (random() * 2 ** 32) & (random() * 2 ** 32) & ((random() * 2 ** 32) | (random() * 2 ** 32));
    other.writeInt32LE(other.readInt32LE(at) ^ bits, at);
  }
  return { signs: other, rest };
}

/** Writes the rows as the ledger would, in one transaction: through its port it takes ten times as long. */
function openStore() {
  const db = new Database(path);
  db.pragma("synchronous = OFF");
  const insertCode = db.prepare("INSERT INTO code (id, vector, model, signs, rest) VALUES (?, ?, 1, ?, ?)");
  const insertVector = db.prepare("INSERT INTO vector (id, model, chunk, code) VALUES (?, 1, ?, ?)");
  const insertBlob = db.prepare(
    "INSERT INTO mapped (hash, model, language, extractor, is_whole, vectors) VALUES (?, 1, 'text', 1, 1, ?)",
  );
  db.exec("BEGIN");
  const { provider, name } = model;
  db.prepare("INSERT INTO model (id, provider, name, dimensions) VALUES (1, ?, ?, ?)").run(
    provider,
    name,
    dimensions,
  );
  const ids = Buffer.alloc(4 * perBlob);
  const closeBlob = (count) =>
    insertBlob.run(
      Buffer.from(blobOf(Math.floor((store.rows - 1) / perBlob)).hash, "hex"),
      ids.subarray(0, 4 * count),
    );
  const store = {
    rows: 0,
    add: ({ signs, rest }) => {
      const id = store.rows + 1;
      const key = Buffer.alloc(16);
      key.writeUInt32LE(Math.imul(id, 2654435761) >>> 0, 0);
      key.writeUInt32LE(id, 8);
      insertCode.run(id, id, signs, rest);
      insertVector.run(id, key, id);
      ids.writeUInt32LE(id, 4 * (store.rows % perBlob));
      store.rows += 1;
      if (store.rows % perBlob === 0) closeBlob(perBlob);
    },
    close: () => {
      if (store.rows % perBlob > 0) closeBlob(store.rows % perBlob);
      db.exec("COMMIT");
      db.pragma("wal_checkpoint(TRUNCATE)");
      db.close();
    },
  };
  return store;
}

function ask() {
  mkdirSync(values.folder, { recursive: true });
  if (readdirSync(values.folder).length === 0) {
    const script = fileURLToPath(import.meta.url);
    const filled = spawnSync(
      process.execPath,
      ["--max-old-space-size=8000", script, "--fill", ...process.argv.slice(2)],
      {
        stdio: ["ignore", "inherit", "inherit"],
      },
    );
    if (filled.status !== 0) throw new Error("The folder could not be filled; empty it.");
  }
  const { chunks, real: texts, questions, exact } = JSON.parse(readFileSync(answersPath, "utf8"));
  const vectors = questions.map((numbers) => Float32Array.from(numbers));
  questions.length = 0;
  const blobs = Array.from({ length: Math.ceil(chunks / perBlob) }, (_, index) => blobOf(index));
  print("disk_per_chunk", Math.round(statSync(path).size / chunks), "bytes");
  const ledger = openSqliteLedger(path);
  const scope = { name: "r", stamp: "1", blobs: () => blobs };
  const nearest = (query, limit) => ledger.nearest(model, scope, query, limit);
  timed(vectors, nearest, chunks);
  recall(vectors, exact, nearest, (query, limit) =>
    ledger.nearest(
      model,
      { ...scope, name: "real", blobs: () => blobs.slice(0, texts / perBlob) },
      query,
      limit,
    ),
  );
  ledger.close();
}

function timed(vectors, nearest, chunks) {
  let began = performance.now();
  nearest(vectors[0], 100);
  print("first_question", Math.round(performance.now() - began), "ms");
  const cpu = process.cpuUsage();
  const times = vectors.map((query) => {
    began = performance.now();
    // What a question asks for: `nearMax` in meaning.ts.
    nearest(query, 100);
    return performance.now() - began;
  });
  const { user, system } = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  const at = (share) => Number(times[Math.floor(times.length * share)].toFixed(1));
  print("p50", at(0.5), `ms among ${chunks}`);
  print("p95", at(0.95), `ms among ${chunks}`);
  print("cpu", Number(((user + system) / 1000 / times.length).toFixed(1)), "ms a question");
  print("memory", Math.round(process.memoryUsage.rss() / 1e6), "MB");
}

/** Rows as near as the tenth of the exact answer count as found, as copies are equally near. */
function recall(vectors, exact, nearest, nearestText) {
  const found = { codes: 0, floats: 0 };
  for (const [at, { codes, floats }] of exact.entries()) {
    const ten = nearest(vectors[at], 100).slice(0, 10);
    found.codes += ten.filter(({ similarity }) => similarity >= codes[9].similarity - 1e-6).length;
    const rows = new Set(floats.map(({ row }) => row));
    found.floats += nearestText(vectors[at], 100)
      .slice(0, 10)
      .filter(({ blob, ordinal }) => rows.has(Number.parseInt(blob.hash, 16) * perBlob + ordinal)).length;
  }
  const share = (count) => Number((count / (10 * exact.length)).toFixed(4));
  print("recall_at_10_of_stored", share(found.codes), "of the exact ten by what is stored");
  print("recall_at_10_of_floats", share(found.floats), "of the exact ten texts by whole vectors");
}
