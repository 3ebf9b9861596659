/** Commands to workers that have signing keys: refused unless they are signed, for this worker, now, and once. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { JobsHarness, kinds, type TestWorker } from "../../test/fixtures/jobs-harness.ts";
import { until } from "../../test/fixtures/until.ts";
import { type Control, openControl } from "./control.ts";
import { type CommandQueue, type Order, openCommandQueue, writeOrder } from "./control-protocol.ts";
import { readReason } from "./reason.ts";
import { openSealer } from "./seal.ts";

const signing = "here:sixteen-letters-and-more";
const sealer = openSealer({ signing });
const patient = { timeoutMs: 10_000 };
let jobs: JobsHarness;
let worker: TestWorker;
let opened: (Control | CommandQueue)[];
beforeEach(async () => {
  jobs = new JobsHarness();
  opened = [];
  worker = await jobs.start("foreground", { signing });
});
afterEach(async () => {
  await Promise.all(opened.map((one) => one.close()));
  await jobs.close();
});

function open(keys: string): Control {
  const parts = { connection: jobs.store, registry: jobs.store.workers, kinds };
  const control = openControl({ ...parts, sealer: openSealer({ signing: keys }) });
  opened.push(control);
  return control;
}

it("refuses a command that no known key has signed", async () => {
  const name = `test-${worker.process.pid}`;
  expect((await open(signing).ask({ verb: "ping" }, patient)).answers).toEqual({ [name]: { ok: "pong" } });
  for (const keys of [
    "",
    "here:another-secret-of-the-same-name",
    "other[control]:sixteen-letters-and-more",
  ]) {
    const { refusals, answers } = await open(keys).ask({ verb: "pool_grow", count: 5 }, patient);
    expect({ refusals, answers }).toMatchObject({ refusals: { [name]: { code: "forbidden" } }, answers: {} });
  }
  const bound = open("here[tasks]:sixteen-letters-and-more");
  await expect(bound.ask({ verb: "pool_grow", count: 5 })).rejects.toMatchObject({ code: "forbidden" });
  expect(await bound.ask({ verb: "look_for_revoked" })).toMatchObject({ answers: {}, silent: [] });
});

it("refuses a command of another worker, of the past, and one that was obeyed", async () => {
  const workerId = String(worker.answer.split(" ")[1]);
  const queue = openCommandQueue(workerId, jobs.store);
  opened.push(queue);
  const give = async (jobId: string, order: Order) => {
    await queue.add(order.args.verb, order, { jobId });
    const job = await until("an answer", async () => {
      const found = await queue.getJob(jobId);
      return found?.finishedOn === undefined ? undefined : found;
    });
    const answer = job.failedReason ? readReason(job.failedReason).code : job.returnvalue;
    await queue.remove(jobId);
    return answer;
  };
  const grow = { verb: "pool_grow", count: 1 } as const;
  const order = writeOrder(grow, { workerId, jobId: "one" }, 1000, sealer);
  expect(await give("one", order)).toEqual({ concurrency: 3 });
  expect(await give("one", order), "the same again").toBe("forbidden");
  expect(await give("two", order), "under another id").toBe("forbidden");
  expect(await give("one", { ...order, args: { ...grow, count: 9 } }), "changed").toBe("forbidden");
  const another = writeOrder(grow, { workerId: "another", jobId: "three" }, 1000, sealer);
  expect(await give("three", another), "of another worker").toBe("forbidden");
  const old = writeOrder(grow, { workerId, jobId: "four" }, -3_600_000, sealer);
  expect(await give("four", old), "of the past").toBe("timeout");
  expect(await give("five", writeOrder(grow, { workerId, jobId: "five" }, 1000, sealer))).toEqual({
    concurrency: 4,
  });
});
