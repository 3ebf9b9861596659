/** Flows on the queue file: children first, children that come later, and what a failed child does. */
import { type Job, WaitingChildrenError } from "bullmq";
import { afterEach, beforeEach, expect, it } from "vitest";
import { QueueFile } from "../../../../test/fixtures/sqlite-harness.ts";
import { until } from "../../../../test/fixtures/until.ts";

let file: QueueFile;
beforeEach(() => {
  file = new QueueFile();
});
afterEach(() => file.close());

it("runs children before their parent, which sees their values", async () => {
  const flows = file.flows();
  const order: string[] = [];
  const tree = await flows.add({
    name: "root",
    queueName: "q",
    children: [
      { name: "left", queueName: "parts", children: [{ name: "leaf", queueName: "parts" }] },
      { name: "right", queueName: "parts" },
    ],
  });
  const work = async (job: Job) => {
    order.push(job.name);
    return { values: Object.values(await job.getChildrenValues()).length };
  };
  file.worker(work);
  file.worker(work, { concurrency: 3 }, "parts");
  await until("the root", async () => (await tree.job.getState()) === "completed");
  expect(order.at(-1)).toBe("root");
  expect(order.indexOf("leaf")).toBeLessThan(order.indexOf("left"));
  expect((await file.queue().getJob(String(tree.job.id)))?.returnvalue).toEqual({ values: 2 });
  const seen = await flows.getFlow({ id: String(tree.job.id), queueName: "q" });
  expect(seen?.children).toHaveLength(2);
});

it("lets a running job add children, wait for them and go on", async () => {
  const queue = file.queue();
  const parts = file.queue("parts");
  const runs: number[] = [];
  file.worker(async (job, token = "") => {
    runs.push(runs.length + 1);
    const parent = { id: String(job.id), queue: job.queueQualifiedName };
    for (const key of ["a", "b", "c"]) {
      // Adding one twice, as after a crash, changes nothing.
      for (let twice = 0; twice < 2; twice += 1) {
        const jobId = `${job.id}-${key}`;
        if (runs.length === 1) await parts.add("part", { key }, { jobId, parent, removeOnComplete: true });
      }
    }
    if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
    return Object.values(await job.getChildrenValues()).sort();
  });
  let joined: string | undefined;
  const key = { deduplication: { id: "k" } };
  file.worker(
    async (job) => {
      joined = (await queue.add("root", {}, key)).id;
      return job.data.key;
    },
    { concurrency: 2 },
    "parts",
  );
  const root = await queue.add("root", {}, key);
  await until("the root", async () => (await root.getState()) === "completed");
  expect(runs).toEqual([1, 2]);
  expect((await queue.getJob(String(root.id)))?.returnvalue).toEqual(["a", "b", "c"]);
  expect(joined).toBe(root.id);
  expect(await queue.getDeduplicationJobId("k")).toBeNull();
  expect(await parts.getCompletedCount()).toBe(0);
});

it("refuses to complete a job whose children are not done", async () => {
  const queue = file.queue();
  const worker = file.worker(null);
  await queue.add("root", {});
  const job = (await worker.getNextJob("t")) as Job;
  await file
    .queue("parts")
    .add("part", {}, { parent: { id: String(job.id), queue: job.queueQualifiedName } });
  await expect(job.moveToCompleted(1, "t", false)).rejects.toThrow("has pending dependencies");
  expect(await job.getState()).toBe("active");
});

it("fails the parent of a child with failParentOnFailure, with the child named", async () => {
  const flows = file.flows();
  const tree = await flows.add({
    name: "root",
    queueName: "q",
    children: [
      { name: "bad", queueName: "parts", opts: { jobId: "bad", failParentOnFailure: true, attempts: 2 } },
      { name: "late", queueName: "parts", opts: { delay: 60_000 } },
    ],
  });
  let rootRuns = 0;
  file.worker(async () => {
    rootRuns += 1;
  });
  file.worker(
    async () => {
      throw new Error("broken");
    },
    {},
    "parts",
  );
  await until("the failure", async () => (await tree.job.getState()) === "failed");
  expect(rootRuns).toBe(0);
  expect((await file.queue().getJob(String(tree.job.id)))?.failedReason).toBe("child bull:parts:bad failed");
  expect((await tree.job.getDependencies({ failed: {} })).failed).toEqual(["bull:parts:bad"]);
});

it.each([
  ["ignoreDependencyOnFailure", "completed", 1],
  ["removeDependencyOnFailure", "completed", 0],
  ["continueParentOnFailure", "completed", 1],
  ["none", "waiting-children", 0],
] as const)("with %s a failed child leaves its parent %s", async (option, state, ignored) => {
  const opts = option === "none" ? {} : { [option]: true };
  const tree = await file
    .flows()
    .add({ name: "p", queueName: "q", children: [{ name: "c", queueName: "parts", opts }] });
  file.worker(async () => {});
  const failing = file.worker(
    async () => {
      throw new Error("broken");
    },
    {},
    "parts",
  );
  const parts = file.queue("parts");
  await until("the child's end", async () => (await parts.getFailedCount()) === 1);
  await until(state, async () => (await tree.job.getState()) === state);
  expect(Object.keys(await tree.job.getIgnoredChildrenFailures())).toHaveLength(ignored);
  await failing.close();
});

it("releases a parent whose last waiting child is removed, and removes children with their parent", async () => {
  const flows = file.flows();
  const child = { name: "c", queueName: "parts" };
  const one = await flows.add({ name: "one", queueName: "q", children: [child] });
  await one.children?.[0]?.job.remove();
  expect(await one.job.getState()).toBe("waiting");
  const two = await flows.add({ name: "two", queueName: "q", children: [child, child] });
  await two.job.remove();
  expect(await file.queue("parts").getWaitingCount()).toBe(0);
});

it("adds a flow of 10,000 children and releases the parent after the last", async () => {
  const children = Array.from({ length: 10_000 }, () => ({
    name: "c",
    queueName: "parts",
    opts: { removeOnComplete: true },
  }));
  const tree = await file.flows().add({ name: "p", queueName: "q", children });
  file.worker(async (job) => Object.keys(await job.getChildrenValues()).length);
  file.worker(async () => 1, { concurrency: 50 }, "parts");
  await until("the parent", async () => (await tree.job.getState()) === "completed");
  expect((await file.queue().getJob(String(tree.job.id)))?.returnvalue).toBe(10_000);
});
