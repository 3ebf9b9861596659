/** A queue file with very many finished jobs: one is run, and its row copied, as running a million takes minutes. */
import Database from "better-sqlite3";
import { Queue, Worker } from "bullmq";
import { openStore } from "../fixtures/jobs-open.mjs";

export async function fillWithFinished(path, count) {
  await runOne(path);
  const db = new Database(path);
  db.pragma("synchronous = off");
  const row = db.prepare("SELECT * FROM job").get();
  const columns = Object.keys(row).filter((name) => name !== "pk");
  const copies = columns.map((name) => (name === "id" ? "'old-' || n" : name === "seq" ? "seq + n" : name));
  db.prepare(
    `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
     INSERT INTO job(${columns.join(", ")}) SELECT ${copies.join(", ")} FROM numbers, job WHERE pk = ?`,
  ).run(count, row.pk);
  db.prepare(
    "UPDATE queue SET n_completed = n_completed + ?, last_job = last_job + ?, last_seq = last_seq + ?",
  ).run(count, count, count);
  db.close();
}

async function runOne(path) {
  const store = openStore(`sqlite:${path}`);
  const queue = new Queue("bench", { connection: store.connection }, store.backend);
  const worker = new Worker("bench", async () => ({}), { connection: store.connection }, store.backend);
  const ended = new Promise((resolve) => worker.once("completed", resolve));
  await queue.add("nothing", { turn: 0 });
  await ended;
  await worker.close();
  await queue.close();
  await store.close();
}
