/** Events: in order, without a gap or a repetition across a reconnect, and honest about what is no longer kept. */
import { QueueEventsProducer } from "bullmq";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JobsHarness, kinds } from "../../test/fixtures/jobs-harness.ts";
import { serve } from "../../test/fixtures/jobs-serve.ts";
import { freshStore, missingStore, storeKinds } from "../../test/fixtures/stores.ts";
import { openJobQueue, taskQueueName } from "./connection.ts";
import type { ClockEvent, EventOptions } from "./events.ts";
import { type ClockFront, openTaskFront } from "./queue.ts";

let jobs: JobsHarness;
let tasks: ClockFront;
beforeEach(() => {
  jobs = new JobsHarness();
  tasks = openTaskFront({ connection: jobs.store, kinds });
});
afterEach(async () => {
  await tasks.close();
  await jobs.close();
});

/** Reads until the last wanted event is there. */
async function collect(
  front: ClockFront,
  options: EventOptions,
  isLast: (event: ClockEvent) => boolean,
  onFirst: () => void = () => {},
): Promise<ClockEvent[]> {
  const controller = new AbortController();
  const seen: ClockEvent[] = [];
  for await (const event of front.events({ ...options, signal: controller.signal })) {
    if (seen.push(event) === 1) onFirst();
    if (isLast(event)) controller.abort();
  }
  return seen;
}

const echo = { kind: "echo", args: {} };
const shown = (events: ClockEvent[], taskId: string) =>
  events.filter((event) => event.taskId === taskId).map((event) => event.type);

it("tells of a task from its beginning to its end", async () => {
  let taskId = "";
  const served = serve(jobs.store);
  const events = await collect(
    tasks,
    {},
    (event) => event.taskId === taskId && event.type === "task-succeeded",
    () =>
      void tasks.enqueue(echo).then(({ task }) => {
        taskId = task.task_id;
      }),
  );
  await served.close();
  expect(events[0]).toMatchObject({ type: "listening", taskId: null });
  expect(shown(events, taskId)).toEqual(["task-added", "task-waiting", "task-started", "task-succeeded"]);
  for (const event of events) expect(Math.abs(Date.parse(event.at) - Date.now())).toBeLessThan(60_000);
});

it("goes on after any event that was seen, without a gap and without a repetition", async () => {
  const all: ClockEvent[] = [];
  const [last] = await collect(tasks, {}, () => true);
  let cursor = last?.cursor ?? "";
  const ids: string[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    for (let one = 0; one < 4; one += 1) ids.push((await tasks.enqueue(echo)).task.task_id);
    // Away while half of it happens, and each time only a few are read.
    const few = await collect(tasks, { since: cursor }, () => true);
    all.push(...few);
    cursor = few.at(-1)?.cursor ?? "";
  }
  const end = ids.at(-1);
  all.push(
    ...(await collect(tasks, { since: cursor }, (e) => e.taskId === end && e.type === "task-waiting")),
  );
  expect(all.filter((event) => event.type === "task-added").map((event) => event.taskId)).toEqual(ids);
  expect(new Set(all.map((event) => event.cursor)).size).toBe(all.length);
  expect(all.some((event) => event.type === "lost")).toBe(false);
});

it("says first that events were lost, when they are no longer kept", async () => {
  const [start] = await collect(tasks, {}, () => true);
  for (let one = 0; one < 20; one += 1) await tasks.enqueue(echo);
  const queue = openJobQueue(taskQueueName, jobs.store);
  await queue.trimEvents(5);
  const events = await collect(
    tasks,
    { since: start?.cursor ?? "" },
    (event) => event.type === "task-waiting",
  );
  expect(events[0]?.type).toBe("lost");
  await queue.obliterate({ force: true });
  const [empty] = await collect(tasks, { since: start?.cursor ?? "" }, () => true);
  expect(empty?.type).toBe("lost");
  await queue.close();
});

it("shows a cancelled task as revoked, a failed one with its reason, and workers that come and go", async () => {
  const [start] = await collect(tasks, {}, () => true);
  const waiting = await tasks.enqueue(echo);
  await tasks.cancel(waiting.task.task_id);
  const failing = await tasks.enqueue({ kind: "echo", args: { fail: "conflict: Not possible." } });
  const served = serve(jobs.store);
  await tasks.wait(failing.task.task_id, { timeoutMs: 10_000 });
  await served.close();
  const producer = new QueueEventsProducer(
    taskQueueName,
    { connection: jobs.store.connection },
    jobs.store.backend,
  );
  await producer.publishEvent({ eventName: "worker-online", name: "w1" }, 10_000);
  await producer.close();
  const events = await collect(
    tasks,
    { since: start?.cursor ?? "" },
    (event) => event.type === "worker-online",
  );
  expect(shown(events, waiting.task.task_id).at(-1)).toBe("task-revoked");
  expect(events.find((event) => event.type === "task-failed")).toMatchObject({
    taskId: failing.task.task_id,
    data: { error: { code: "conflict", message: "Not possible." } },
  });
  expect(events.at(-1)).toMatchObject({ taskId: null, data: { name: "w1" } });
});

it("tells a tenant of its own tasks only", async () => {
  const acme = openTaskFront({ connection: jobs.store, kinds, tenant: "acme" });
  const [start] = await collect(tasks, {}, () => true);
  const since = start?.cursor ?? "";
  const { task: hidden } = await tasks.enqueue(echo);
  const { task: own } = await acme.enqueue(echo);
  const { task: later } = await tasks.enqueue(echo);
  const mine = await collect(acme, { since }, (event) => event.type === "task-waiting");
  expect(new Set(mine.map((event) => event.taskId))).toEqual(new Set([own.task_id]));
  const isLast = (event: ClockEvent) => event.taskId === later.task_id && event.type === "task-waiting";
  const others = await collect(tasks, { since }, isLast);
  expect(new Set(others.map((event) => event.taskId))).toEqual(new Set([hidden.task_id, later.task_id]));
  await acme.close();
});

it("ends with the signal, also while it waits, and refuses a cursor that is none", async () => {
  const controller = new AbortController();
  for await (const event of tasks.events({ signal: controller.signal })) {
    expect(event.type).toBe("listening");
    setImmediate(() => controller.abort());
  }
  for await (const _event of tasks.events({ signal: AbortSignal.abort() })) expect.fail("it was over before");
  expect(() => tasks.events({ since: "yesterday" })).toThrow(/^The cursor "yesterday" is none of ours/);
});

it.skipIf(missingStore("postgres") !== undefined)(
  "tells an event whose transaction commits long after one with a larger number",
  async () => {
    const late = new JobsHarness(freshStore("postgres").url);
    const front = openTaskFront({ connection: late.store, kinds });
    const place = new URL(late.url);
    const schema = place.searchParams.get("schema") ?? "";
    place.search = "";
    const [slow, other] = [1, 2].map(() => new Client({ connectionString: place.href })) as [Client, Client];
    await Promise.all([slow.connect(), other.connect()]);
    let soon = "";
    const begin = async () => {
      const publish = `SELECT publish_event('tasks', 'revoked', '{"jobId": "${"0".repeat(32)}"}')`;
      await slow.query(`SET search_path TO "${schema}"; BEGIN; ${publish}`);
      soon = (await front.enqueue(echo)).task.task_id;
      // Readers would not be woken before the slow one commits.
      for (let turn = 0; turn < 20; turn += 1) {
        await other.query("SELECT pg_notify('bullmq_events', 'tasks')");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await slow.query("COMMIT");
    };
    const isLast = (event: ClockEvent) => event.type === "task-waiting" && event.taskId === soon;
    const events = await collect(front, {}, isLast, () => void begin());
    expect(events.map(({ type, taskId }) => [type, taskId])).toEqual([
      ["listening", null],
      ["task-revoked", "0".repeat(32)],
      ["task-added", soon],
      ["task-waiting", soon],
    ]);
    await Promise.all([slow.end(), other.end()]);
    await front.close();
    await late.close();
  },
);

describe.each(storeKinds)("on %s", (kind) => {
  it.skipIf(missingStore(kind) !== undefined)("misses none of what many write at once", async () => {
    const busy = new JobsHarness(freshStore(kind).url);
    const fronts = Array.from({ length: 8 }, () => openTaskFront({ connection: busy.store, kinds }));
    const served = [serve(busy.store), serve(busy.store)];
    const asked = new Set<string>();
    const ask = async (front: ClockFront) => {
      for (let one = 0; one < 40; one += 1) asked.add((await front.enqueue(echo)).task.task_id);
    };
    let left = 320;
    const isLast = (event: ClockEvent) => event.type === "task-succeeded" && --left === 0;
    const [reader] = fronts as [ClockFront];
    const events = await collect(reader, {}, isLast, () => void Promise.all(fronts.map(ask)));
    for (const type of ["task-added", "task-started", "task-succeeded"]) {
      const told = events.filter((event) => event.type === type).map((event) => event.taskId);
      expect(told, type).toHaveLength(320);
      expect(new Set(told), type).toEqual(asked);
    }
    await Promise.all([...served, ...fronts].map((one) => one.close()));
    await busy.close();
  });
});
