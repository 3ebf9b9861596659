/** T-RATE, T-CONTROL, T-EVENTS, T-CRON, T-DLQ: looking at the clock and steering it. */
import { describe, expect } from "vitest";
import type { ClockFront } from "../../../src/jobs/queue.ts";
import type { JsonObject } from "../../../src/jobs/task.ts";
import type { Place } from "../../clock/place.ts";
import { until } from "../../fixtures/until.ts";
import { prove, proveAlone, type Setting } from "./prove.ts";

/** The times at which so many jobs of the queue `lane` began, which were all there from the start. */
async function timesOf(
  place: Place,
  count: number,
  during?: (label: string) => Promise<void>,
): Promise<number[]> {
  const label = place.label();
  const group = Array.from({ length: count }, () => ({ kind: "lane", args: { log: place.log, label } }));
  const { task } = await place.front.submit({ group });
  await during?.(label);
  expect((await place.ended(task.task_id)).state).toBe("SUCCESS");
  return place
    .notes(label, "begin")
    .map(({ at }) => at)
    .sort((a, b) => a - b);
}

/**
 * A job is noted when its handler begins, which on two busy cores may be this long after its claim. A limit that lets
 * bursts through, such as ten at once in each second, would miss by 650 ms.
 */
const noteSlackMs = 250;
const patient = { timeoutMs: 20_000 };

function describeRate(setting: Setting): void {
  prove(setting, "T-RATE is smooth, over all workers, and can be changed while it holds", async (place) => {
    const control = place.control();
    await control.setRateLimit("lane", "10/s");
    const tooSoon = (times: readonly number[]) =>
      times.flatMap((from, first) =>
        times.slice(first + 1).filter((to, after) => to - from < 100 * (after + 1) - noteSlackMs),
      );
    // A limiter with bursts misses each time; one child that stood still, once.
    let times = await timesOf(place, 12);
    for (let again = 0; again < 5 && tooSoon(times).length > 0; again += 1) times = await timesOf(place, 12);
    expect(tooSoon(times), times.join(" ")).toEqual([]);
    const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
    expect(span).toBeLessThan(15_000);
    await control.setRateLimit("lane", "6/m");
    const began = performance.now();
    await timesOf(place, 6, async (label) => {
      await place.begun(label);
      await control.setRateLimit("lane", "none");
    });
    // Under the first limit it would be 50 s.
    expect(performance.now() - began).toBeLessThan(35_000);
  });

  prove(setting, "T-RATE a limited queue holds up no other one, and `fast` is no rate", async (place) => {
    const control = place.control();
    await expect(control.setRateLimit("aside", "fast")).rejects.toMatchObject({
      code: "invalid_argument",
      message: expect.stringMatching(/10\/s/),
    });
    await expect(control.setRateLimit("nonsense", "1/s")).rejects.toMatchObject({ code: "invalid_argument" });
  });
}

function describeControl(setting: Setting): void {
  prove(setting, "T-CONTROL every living worker answers, with what it holds", async (place) => {
    const control = place.control();
    const { gate, open } = place.gate();
    const { task, label } = await place.ask("work", { gate });
    await place.begun(label);
    // Within a second, of several times, as a busy machine may itself stand still for as long.
    let asked = await control.ask({ verb: "ping" });
    for (let again = 0; again < 7 && asked.silent.length > 0; again += 1)
      asked = await control.ask({ verb: "ping" });
    const { answers, silent } = asked;
    expect(silent).toEqual([]);
    expect(Object.keys(answers)).toHaveLength(setting.processes);
    const { answers: facts } = await control.ask({ verb: "facts" }, patient);
    const held = Object.values(facts).flatMap((one) => one["active_jobs"] as { task_id: string }[]);
    expect(held.map(({ task_id }) => task_id)).toContain(task.task_id);
    open();
    await place.ended(task.task_id);
    expect((await control.workers()).map(({ name }) => name).sort()).toEqual(Object.keys(answers).sort());
  });

  prove(setting, "T-CONTROL pools grow and shrink, and a time limit is changed for all", async (place) => {
    const control = place.control();
    const sizes = async () => {
      const { answers } = await control.ask({ verb: "facts" }, patient);
      return Object.values(answers).map(({ concurrency }) => concurrency);
    };
    const before = await sizes();
    await control.ask({ verb: "pool_grow", count: 1 }, patient);
    expect(await sizes()).toEqual(before.map((size) => Number(size) + 1));
    await control.ask({ verb: "pool_shrink", count: 1 }, patient);
    expect(await sizes()).toEqual(before);
    await control.setTimeLimit("regular", { softMs: 150 }, patient);
    const { task } = await place.run("regular", { ms: 20_000 });
    expect(task).toMatchObject({ state: "FAILURE", error: { code: "timeout" } });
    await control.setTimeLimit("regular", {}, patient);
    expect((await place.run("regular", { ms: 300 })).task.state).toBe("SUCCESS");
  });
}

function describeControlAlone(setting: Setting): void {
  proveAlone(
    setting,
    "T-CONTROL who stands still is named, who is unknown too, and shutdown ends the others",
    async (place) => {
      const names = Array.from({ length: Math.max(2, setting.processes) }, (_, at) => `worker-${at}`);
      await Promise.all(names.map((name) => place.start({ name, pool: { size: 1 } })));
      const taken = await place.tryStart({ name: "worker-0" });
      expect(taken.answer).toMatch(/refused.*worker-0/);
      const control = place.control();
      const alive = await control.workers();
      const idOf = (wanted: string) => alive.find(({ name }) => name === wanted)?.id;
      const find = (name: string) => place.workers.find(({ id }) => id === idOf(name));
      const [still, leaving] = [find("worker-0"), find("worker-1")];
      if (still === undefined || leaving === undefined) throw new Error("Not all are alive.");
      await place.freeze(still);
      const began = performance.now();
      const { answers, silent } = await control.ask({ verb: "ping" }, { timeoutMs: 8000 });
      expect(performance.now() - began).toBeLessThan(20_000);
      expect(silent).toEqual(["worker-0"]);
      expect(Object.keys(answers)).toEqual(names.slice(1));
      await expect(control.ask({ verb: "ping" }, { workers: ["nobody"] })).rejects.toMatchObject({
        code: "not_found",
        message: expect.stringMatching(/worker-1/),
      });
      await control.ask({ verb: "shutdown", how: "warm" }, { workers: ["worker-1"], ...patient });
      expect(await leaving.ended).toBe(0);
      still.process.kill("SIGCONT");
    },
  );
}

function describeEvents(setting: Setting): void {
  prove(setting, "T-EVENTS follow a task to its end, and a cursor goes on without a gap", async (place) => {
    const reading = new AbortController();
    const seen: { cursor: string; type: string; taskId: string | null }[] = [];
    const reader = (async () => {
      for await (const event of place.front.events({ signal: reading.signal })) seen.push(event);
    })();
    // The reader is there once it sees what happens from now on.
    await until("the reader reads", async () => {
      await place.run("work");
      return seen.length > 0;
    });
    const { task } = await place.run("work");
    await until("its end", () =>
      seen.some(({ taskId, type }) => taskId === task.task_id && type === "task-succeeded"),
    );
    reading.abort();
    await reader;
    const cut = seen.findIndex(({ taskId }) => taskId === task.task_id);
    const { task: unseen } = await place.run("work");
    const again = new AbortController();
    const rest: typeof seen = [];
    for await (const event of place
      .openFront()
      .events({ since: seen[cut]?.cursor ?? "", signal: again.signal })) {
      rest.push(event);
      if (event.taskId === unseen.task_id && event.type === "task-succeeded") again.abort();
    }
    const cursors = rest.map(({ cursor }) => cursor);
    expect(new Set(cursors).size).toBe(cursors.length);
    for (const { cursor } of seen.slice(cut + 1)) expect(cursors).toContain(cursor);
  });
}

function describeCron(setting: Setting): void {
  prove(
    setting,
    "T-CRON fires once however many schedule it, and stops when it is removed",
    async (place) => {
      const label = place.label();
      const tenant = place.label();
      const request = { kind: "work", args: { log: place.log, label } };
      const fronts = [1, 2, 3, 4].map(() => place.openFront({ tenant }));
      const [front] = fronts as [ClockFront];
      await Promise.all(fronts.map(({ schedules }) => schedules.upsert("tick", { everyMs: 1000 }, request)));
      await place.begun(label, 3);
      // The ids end in the times: the first follows at once, the others at whole seconds, and of each there is one.
      const times = place.notes(label, "begin").map(({ taskId }) => Number(taskId.split(":").at(-1)));
      const seconds = times.map((time) => Math.floor(time / 1000));
      expect(new Set(seconds).size, times.join(" ")).toBe(times.length);
      const [listed] = await front.schedules.list();
      expect(listed).toMatchObject({ id: "tick", everyMs: 1000, kind: "work", missed: "once" });
      expect(await front.schedules.remove("tick")).toBe(true);
      expect(await front.schedules.remove("tick")).toBe(false);
      expect(await front.schedules.list()).toEqual([]);
      const ran = place.notes(label, "begin").length;
      await place.run("work", {}, { countdownMs: 1500 });
      expect(place.notes(label, "begin").length).toBeLessThanOrEqual(ran + 1);
      expect(await front.list({ states: ["PENDING"] })).toEqual([]);
    },
  );

  proveAlone(setting, "T-CRON runs that were missed: made up once, or skipped", async (place) => {
    const labels = { once: place.label(), skip: place.label() };
    for (const missed of ["once", "skip"] as const) {
      const request = { kind: "work", args: { log: place.log, label: labels[missed] } };
      await place.front.schedules.upsert(missed, { everyMs: 1000, missed, graceMs: 400 }, request);
    }
    const askedAt = Date.now();
    await until("three are missed", () => Date.now() > askedAt + 3200);
    const startedAt = Date.now();
    await place.startAll(setting.processes, { pool: { size: 1 } });
    // One for all that were missed, then the next ones at their times.
    expect((await place.begun(labels.once, 3)).at - startedAt).toBeGreaterThan(1000);
    const revoked = await until(
      "the late one ends",
      async () => (await place.front.list({ states: ["REVOKED"] }))[0],
    );
    expect(revoked.error?.message).toMatch(/missed/);
    await place.begun(labels.skip, 1);
  });

  prove(setting, "T-CRON time zones and summer time, and what is no cron", async (place) => {
    const { schedules } = place.openFront({ tenant: place.label() });
    const request = { kind: "work", args: {} };
    await schedules.upsert("rome", { cron: "30 4 * * *", timeZone: "Europe/Rome" }, request);
    await schedules.upsert("utc", { cron: "30 4 * * *" }, request);
    const listed = await schedules.list();
    const next = (id: string) => listed.find((one) => one.id === id)?.next_at ?? "";
    const inRome = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Rome", timeStyle: "short" });
    expect(inRome.format(new Date(next("rome")))).toBe("04:30");
    expect(next("utc")).toMatch(/T04:30:00/);
    const refused = [
      { cron: "61 * * * *" },
      { cron: "* *" },
      { cron: "0 0 * * *", timeZone: "Mars/Base" },
      { everyMs: 10 },
      {},
    ];
    for (const bad of refused)
      await expect(schedules.upsert("bad", bad, request)).rejects.toMatchObject({ code: "invalid_argument" });
    await Promise.all(["rome", "utc"].map((id) => schedules.remove(id)));
    expect(await schedules.list()).toEqual([]);
  });
}

function describeDeadLetters(setting: Setting): void {
  prove(setting, "T-DLQ lists with reasons, redrives with fresh counters, purges", async (place) => {
    const front = place.openFront({ tenant: place.label() });
    const { deadLetters } = front;
    const fail = async (kind: string, args: JsonObject) => {
      const { task } = await front.enqueue({ kind, args });
      return front.wait(task.task_id, { timeoutMs: 30_000 });
    };
    const [bad, worse, other] = await Promise.all([
      fail("regular", { failures: 3, code: "unavailable" }),
      fail("poison", { crashes: 99 }),
      fail("work", { failures: 1, code: "conflict" }),
    ]);
    expect(new Map((await deadLetters.list()).map(({ task_id, error }) => [task_id, error?.code]))).toEqual(
      new Map([
        [bad.task_id, "unavailable"],
        [worse.task_id, "internal"],
        [other.task_id, "conflict"],
      ]),
    );
    const [again] = await deadLetters.redrive([bad.task_id]);
    const againId = again?.task_id ?? "";
    expect(againId).not.toBe(bad.task_id);
    expect(await front.wait(againId, { timeoutMs: 30_000 })).toMatchObject({ state: "FAILURE", attempts: 3 });
    expect(await front.find(bad.task_id)).toBeUndefined();
    await expect(deadLetters.redrive([bad.task_id])).rejects.toMatchObject({ code: "not_found" });
    expect(await deadLetters.purge([worse.task_id])).toBe(1);
    expect(await deadLetters.purge()).toBe(2);
    expect(await deadLetters.list()).toEqual([]);
  });
}

function describeRetention(setting: Setting): void {
  proveAlone(
    setting,
    "T-RESULT ended tasks go after their time, though nothing else happens",
    async (place) => {
      await place.startAll(setting.processes, { resultTtlMs: 6000, pool: { size: 1 } });
      const { task } = await place.run("work");
      expect((await place.front.find(task.task_id))?.state).toBe("SUCCESS");
      const { task: bad } = await place.run("work", { failures: 1, code: "conflict" });
      await until("both are gone", async () => {
        const found = await Promise.all([task, bad].map(({ task_id }) => place.front.find(task_id)));
        return found.every((one) => one === undefined);
      });
    },
  );
}

export function describeSteering(setting: Setting): void {
  describe("steering", () => {
    describeRate(setting);
    describeControl(setting);
    describeEvents(setting);
  });
}

export function describeSteeringAlone(setting: Setting): void {
  describe("steering", () => {
    describeControlAlone(setting);
    describeCron(setting);
    describeDeadLetters(setting);
    describeRetention(setting);
  });
}
