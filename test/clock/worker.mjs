/** A worker of the clock's proofs as a process of its own: `worker.mjs <store URL> <options as JSON>`. */
import { fileURLToPath } from "node:url";
import { openSealer } from "../../dist/jobs/seal.js";
import { openStore } from "../fixtures/jobs-open.mjs";
import { serveWorker } from "../fixtures/serve-worker.mjs";
import { kinds } from "./kinds.mjs";

const [url, json] = process.argv.slice(2);
const { pool, keys, ...options } = JSON.parse(json);
await serveWorker(openStore(url), {
  kinds,
  pool: {
    script: fileURLToPath(new URL("child.mjs", import.meta.url)),
    maxJobsPerChild: 10_000,
    // A child that stands still with the machine is not one that does not yield.
    abortGraceMs: 10_000,
    ...pool,
  },
  kind: "foreground",
  name: `proof-${process.pid}`,
  ...(keys === undefined ? {} : { sealer: openSealer(keys) }),
  ...options,
  log: (level, line) => process.stderr.write(`${level} ${line}\n`),
});
