/** A parser that dies, hangs or throws on some files: they are in the ledger with the reason, everything else is indexed. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSqliteIndex } from "../../src/indexer/stores/sqlite/open-index.ts";
import { openSqliteBackend } from "../../src/jobs/backends/sqlite/open.ts";
import { ChildPool } from "../../src/jobs/pool.ts";
import { openTaskFront } from "../../src/jobs/queue.ts";
import type { TaskRecord } from "../../src/jobs/task.ts";
import { type RunningWorker, startWorker } from "../../src/jobs/worker.ts";
import { kinds } from "../../src/tasks.ts";
import { openPlace, type Place } from "../e2e/cambium.ts";
import { readLedger } from "../e2e/dump-index.ts";

const faults = ["dies", "hangs", "throws"];
/** As in the product, but a silent child is killed after three seconds. */
const impatient = kinds.map((kind) => ({
  ...kind,
  silenceLimitMs: 3000,
  retry: { ...kind.retry, delayMs: 10 },
}));

let place: Place;
let worker: RunningWorker | undefined;
let task: TaskRecord;

beforeAll(async () => {
  place = openPlace();
  for (let number = 0; number < 40; number += 1) {
    place.write(
      `repo/good-${number}.ts`,
      `export function good${number}(): number {\n  return ${number};\n}\n`,
    );
  }
  for (const fault of faults)
    place.write(`repo/good-2-${fault}.ts`, `// FAULT: ${fault}\nexport const bad = 1;\n`);
  const backend = openSqliteBackend(join(place.home, "tasks.db"));
  const front = openTaskFront({ connection: backend, kinds: impatient });
  worker = await startWorker({
    connection: backend,
    registry: backend.workers,
    kinds: impatient,
    kind: "foreground",
    name: "faulty",
    pool: new ChildPool({
      script: fileURLToPath(new URL("../fixtures/faulty-parser.mjs", import.meta.url)),
      args: [join(place.home, "index")],
      size: 2,
      maxJobsPerChild: 1000,
      maxRssBytes: 1024 ** 3,
      abortGraceMs: 1000,
    }),
    log: () => {},
  });
  const request = { kind: "index_repository", args: { root: join(place.scratch, "repo") } };
  const { task: asked } = await front.enqueue(request);
  task = await front.wait(asked.task_id, { timeoutMs: 180_000 });
  await front.close();
}, 240_000);
afterAll(async () => {
  await worker?.stop("cold");
  place.dispose();
});

describe("a parser with a fault", () => {
  it("the task succeeds", () => {
    expect(task).toMatchObject({ state: "SUCCESS", error: null, result: { files: 40, files_skipped: 3 } });
  });

  it("the files at fault are left out with their reason, all others are indexed", () => {
    const ledger = readLedger(place.home);
    for (const fault of faults) expect(ledger.get(`good-2-${fault}.ts`), fault).toBe("parser_crashed");
    const indexed = [...ledger.values()].filter((reason) => reason === "indexed");
    expect(indexed).toHaveLength(40);
    const index = openSqliteIndex(join(place.home, "index"));
    const found = index.findDefinitions("repo", "good39", { match: "exact", limit: 5 });
    index.close();
    expect(found).toHaveLength(1);
  });
});
