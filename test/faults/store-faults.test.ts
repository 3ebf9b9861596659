/** Each member of the queue's backend throws once, at every call number: what was accepted ends once, as it should. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { QueueEvents } from "bullmq";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ChildPool } from "../../src/jobs/pool.ts";
import { type ClockFront, openTaskFront } from "../../src/jobs/queue.ts";
import type { TaskRecord } from "../../src/jobs/task.ts";
import { type RunningWorker, startWorker } from "../../src/jobs/worker.ts";
import { kinds } from "../clock/kinds.mjs";
import { Place } from "../clock/place.ts";
import { seeded, seedOfRun } from "../fixtures/seeded.mjs";
import { missingStore, type StoreKind } from "../fixtures/stores.ts";
import { until } from "../fixtures/until.ts";
import { type Fault, Faults, isInjected } from "./faulty-backend.ts";

/** How many of the faults that a reference run shows; all of them with `CAMBIUM_FAULTS=all`, which takes minutes. */
const sampleOf: Readonly<Record<StoreKind, number>> = { sqlite: 150, redis: 40, postgres: 40 };
const isWhole = process.env["CAMBIUM_FAULTS"] === "all";
const seed = seedOfRun();
/** What a worker gives up is taken up again after so long. */
const leaseMs = 1000;

class Workbench {
  readonly place: Place;
  readonly faults = new Faults();
  readonly front: ClockFront;
  readonly ends = new Map<string, string[]>();
  #worker: RunningWorker | undefined;

  constructor(place: Place) {
    this.place = place;
    this.front = place.keep(openTaskFront({ connection: this.faults.wrap(place.store), kinds }));
  }

  async start(): Promise<void> {
    const { connection, backend } = this.place.store;
    for (const name of ["tasks", "parts", "io_parts"]) {
      const events = this.place.keep(new QueueEvents(name, { connection, lastEventId: "0" }, backend));
      events.on("error", () => {});
      for (const end of ["completed", "failed"] as const)
        events.on(end, ({ jobId }: { jobId: string }) =>
          this.ends.set(jobId, [...(this.ends.get(jobId) ?? []), end]),
        );
    }
    const script = new URL("../clock/child.mjs", import.meta.url).pathname;
    const limits = { maxJobsPerChild: 1e6, maxRssBytes: 1e9, abortGraceMs: 1000 };
    this.#worker = await startWorker({
      connection: this.faults.wrap(this.place.store),
      kinds,
      pool: new ChildPool({ script, args: [], size: 2, ...limits }),
      registry: this.place.store.workers,
      kind: "foreground",
      name: "faulty",
      leaseMs,
      log: () => {},
    });
  }

  async close(): Promise<void> {
    await this.#worker?.stop("cold");
    await this.place.close();
  }

  /** A caller tries again what failed by our doing, as anybody would who is told `unavailable`. */
  async insist<Value>(call: () => Promise<Value>): Promise<Value> {
    for (let turn = 0; ; turn += 1) {
      try {
        return await call();
      } catch (error) {
        if (!isInjected(error) || turn === 3) throw error;
      }
    }
  }

  /** One of everything, at once; resolves with what is wrong. */
  async runMix(): Promise<string[]> {
    const { place } = this;
    const ask = async (kind: string, args: object, more: object = {}) => {
      const label = place.label();
      const request = { kind, args: { log: place.log, label, ...args }, ...more };
      return (await this.insist(() => this.front.enqueue(request))).task;
    };
    const part = (value: number) => ({ kind: "io_part", args: { value } });
    const folder = join(place.home, place.label());
    mkdirSync(folder);
    const parts = ["a", "b"].map((label) => ({ label }));
    const [plain, again, flow, late, cancelled, chord] = await Promise.all([
      ask("work", { value: 1 }),
      ask("work", { value: 2, failures: 1 }),
      ask("flow", { folder, parts }),
      ask("work", { value: 3 }, { countdownMs: 60 }),
      ask("work", { value: 4 }, { countdownMs: 60_000 }),
      ask("canvas", { canvas: { chord: { header: [part(5), part(6)], body: part(7) } } }),
    ]);
    await this.insist(() => this.front.cancel(cancelled.task_id));
    const wanted: readonly [TaskRecord, TaskRecord["state"], unknown][] = [
      [plain, "SUCCESS", { value: 1 }],
      [again, "SUCCESS", { value: 2 }],
      [flow, "SUCCESS", { parts: 2 }],
      [late, "SUCCESS", { value: 3 }],
      [cancelled, "REVOKED", null],
      [chord, "SUCCESS", { value: 7 }],
    ];
    const wrong = await Promise.all(wanted.map((one) => this.#compare(...one)));
    return [...wrong.flat(), ...this.#endedTwice()];
  }

  async #compare(task: TaskRecord, state: TaskRecord["state"], result: unknown): Promise<string[]> {
    const end = await this.insist(() => this.front.wait(task.task_id, { timeoutMs: 15_000 }));
    const isRight = end.state === state && JSON.stringify(end.result) === JSON.stringify(result);
    return isRight
      ? []
      : [`${task.kind} should be ${state} ${JSON.stringify(result)}: ${JSON.stringify(end)}`];
  }

  #endedTwice(): string[] {
    return [...this.ends]
      .filter(([, ends]) => ends.length > 1)
      .map(([id, ends]) => `${id} ended: ${ends.join(", ")}`);
  }
}

/** Every call of every member that a quiet run makes, before and after it took effect. */
async function listFaults(bench: Workbench): Promise<Fault[]> {
  bench.faults.arm(undefined);
  expect(await bench.runMix()).toEqual([]);
  return [...bench.faults.calls].flatMap(([member, calls]) =>
    Array.from({ length: calls }, (_, index) =>
      (["before", "after"] as const).map((when) => ({ member, call: index + 1, when })),
    ).flat(),
  );
}

function sample(faults: readonly Fault[], size: number, random: () => number): readonly Fault[] {
  if (faults.length <= size) return faults;
  const mixed = faults.map((fault) => ({ fault, at: random() })).sort((a, b) => a.at - b.at);
  // Of each member at least one.
  const first = mixed.filter(
    ({ fault }, at) => mixed.findIndex((other) => other.fault.member === fault.member) === at,
  );
  const rest = mixed.filter((one) => !first.includes(one));
  return [...first, ...rest].slice(0, Math.max(size, first.length)).map(({ fault }) => fault);
}

describe.each(["sqlite", "redis", "postgres"] as const)("a fault in the store: %s", (store) => {
  const missing = missingStore(store);
  if (missing !== undefined) {
    it.skip(`everything (${missing})`);
    return;
  }
  let bench: Workbench;
  beforeAll(async () => {
    bench = new Workbench(await Place.open(store));
    await bench.start();
  });
  afterAll(() => bench.close());

  it("at any call of any member: accepted is terminal, nothing ends twice, results are right", async () => {
    const faults = await listFaults(bench);
    const chosen = isWhole ? faults : sample(faults, sampleOf[store], seeded(seed));
    const members = new Set(faults.map(({ member }) => member));
    process.stderr.write(
      `${store}: ${chosen.length} of ${faults.length} faults in ${members.size} members, seed ${seed}\n`,
    );
    const broken: string[] = [];
    let fired = 0;
    for (const fault of chosen) {
      bench.faults.arm(fault);
      const wrong = await bench.runMix().catch((error: Error) => [`threw ${error.stack}`]);
      if (bench.faults.fired) fired += 1;
      for (const one of wrong) broken.push(`${JSON.stringify(fault)}: ${one}`);
      bench.ends.clear();
    }
    bench.faults.arm(undefined);
    expect(broken).toEqual([]);
    // Waiting takes as many calls as it takes, so that the latest of them do not come in every run.
    expect(fired).toBeGreaterThan(chosen.length / 2);
    await until("nothing is left", async () => {
      const queues = ["tasks", "parts", "io_parts"].map((name) => bench.place.queue(name));
      const counts = await Promise.all(
        queues.map((queue) => queue.getJobCountByTypes("active", "waiting", "prioritized")),
      );
      return counts.every((count) => count === 0);
    });
  });
});
