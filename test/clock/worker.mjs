/**
 * A worker of the clock's proofs as a process of its own: `worker.mjs <store URL> <options as JSON>`. It says `ready`
 * with its id, or `refused` with the reason, and ends as `cambium worker` does: warm on the first SIGTERM, cold on the
 * second.
 */
import { fileURLToPath } from "node:url";
import { ChildPool } from "../../dist/jobs/pool.js";
import { openSealer } from "../../dist/jobs/seal.js";
import { startWorker } from "../../dist/jobs/worker.js";
import { openStore } from "../fixtures/jobs-open.mjs";
import { kinds } from "./kinds.mjs";

const [url, json] = process.argv.slice(2);
const { pool, keys, ...options } = JSON.parse(json);
const store = openStore(url);
try {
  const worker = await startWorker({
    connection: store,
    kinds,
    pool: new ChildPool({
      script: fileURLToPath(new URL("child.mjs", import.meta.url)),
      args: [],
      size: 2,
      maxJobsPerChild: 10_000,
      maxRssBytes: 500_000_000,
      abortGraceMs: 1000,
      ...pool,
    }),
    registry: store.workers,
    kind: "foreground",
    name: `proof-${process.pid}`,
    ...(keys === undefined ? {} : { sealer: openSealer(keys) }),
    ...options,
    log: (level, line) => process.stderr.write(`${level} ${line}\n`),
  });
  if (worker === undefined) throw new Error("another worker has the place");
  let signals = 0;
  process.on("SIGTERM", () => {
    signals += 1;
    void worker.stop(signals === 1 ? "warm" : "cold");
  });
  process.stdout.write(`ready ${worker.id}\n`);
  await worker.ended;
} catch (error) {
  process.stdout.write(`refused ${JSON.stringify({ code: error.code, message: error.message })}\n`);
}
// Without `process.exit`: a worker that has ended must not leave anything open.
await store.close();
