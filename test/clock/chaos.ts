/**
 * Mixed tasks while processes are killed at random, and what must hold in the end: what was accepted has ended, nothing
 * ended twice, and no more was done again than the kills can explain.
 */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { QueueEvents } from "bullmq";
import type { EnqueueRequest } from "../../src/jobs/queue.ts";
import { type JsonObject, terminalStates } from "../../src/jobs/task.ts";
import { seeded } from "../fixtures/seeded.mjs";
import { until } from "../fixtures/until.ts";
import { ChaosSchedules, isScheduled } from "./chaos-schedules.ts";
import type { Place, ProofWorker } from "./place.ts";

export interface ChaosPlan {
  readonly tasks: number;
  readonly kills: number;
  readonly processes: number;
  readonly seed: number;
  /** Of each worker. */
  readonly concurrency?: number;
  /** Kills the store and brings it back, where it is a process. */
  readonly killStore?: () => Promise<void>;
}

export interface ChaosReport {
  readonly seed: number;
  readonly seconds: number;
  /** With the runs of schedules that began. */
  readonly accepted: number;
  readonly scheduled: number;
  readonly succeeded: number;
  readonly quarantined: number;
  readonly kills: Readonly<Record<string, number>>;
  readonly reruns: number;
  readonly allowedReruns: number;
  /** Ended, but the store's stream of events has never told so. */
  readonly unheard: number;
  /** Broken promises, in words, the first ones; empty when all held. */
  readonly broken: readonly string[];
}

type Victim = "worker" | "child" | "producer" | "store";

export async function runChaos(place: Place, plan: ChaosPlan): Promise<ChaosReport> {
  return new Chaos(place, plan).run();
}

class Chaos {
  readonly #place: Place;
  readonly #plan: ChaosPlan;
  readonly #random: () => number;
  readonly #accepted: string[] = [];
  /** As events told them. */
  readonly #ends = new Map<string, string[]>();
  /** As records told them where no event had for a while. */
  readonly #lookedUp = new Map<string, string>();
  readonly #expected = new Map<string, number>();
  readonly #kills: Record<Victim, number> = { worker: 0, child: 0, producer: 0, store: 0 };
  readonly #alive: ProofWorker[] = [];
  #asked = 0;
  #isOver = false;

  constructor(place: Place, plan: ChaosPlan) {
    this.#place = place;
    this.#plan = plan;
    this.#random = seeded(plan.seed);
  }

  async run(): Promise<ChaosReport> {
    const began = performance.now();
    for (const queue of ["tasks", "parts", "io_parts"]) await this.#listen(queue);
    for (let count = 0; count < this.#plan.processes; count += 1) await this.#startWorker();
    const schedules = new ChaosSchedules(this.#place);
    await schedules.start();
    await Promise.all([this.#produce(), this.#killAround()]);
    const runs = await schedules.stop();
    this.#accepted.push(...runs.tasks);
    await this.#settle();
    const broken = [...runs.broken, ...(await this.#judge())];
    const states = this.#accepted.map((id) => this.#endOf(id));
    return {
      seed: this.#plan.seed,
      seconds: Math.round((performance.now() - began) / 1000),
      accepted: this.#accepted.length,
      scheduled: runs.tasks.length,
      succeeded: states.filter((state) => state === "completed").length,
      quarantined: states.filter((state) => state === "failed").length,
      kills: this.#kills,
      ...this.#countReruns(),
      unheard: [...this.#lookedUp.keys()].filter((id) => !this.#ends.has(id)).length,
      broken: broken.slice(0, 20),
    };
  }

  /** The ends of jobs as the store tells them, from the beginning. */
  async #listen(name: string): Promise<void> {
    const { connection, backend } = this.#place.store;
    const events = this.#place.keep(new QueueEvents(name, { connection, lastEventId: "0" }, backend));
    events.on("error", () => {});
    for (const end of ["completed", "failed"] as const) {
      events.on(end, ({ jobId }: { jobId: string }) => {
        this.#ends.set(jobId, [...(this.#ends.get(jobId) ?? []), end]);
      });
    }
    await events.waitUntilReady();
  }

  async #startWorker(): Promise<void> {
    const pool = { size: this.#concurrency };
    while (!this.#isOver) {
      try {
        this.#alive.push(await this.#place.start({ pool, ioConcurrency: this.#concurrency }));
        return;
      } catch {
        // The store is away at the moment.
        await sleep(200);
      }
    }
  }

  get #concurrency(): number {
    return this.#plan.concurrency ?? 2;
  }

  /** From this process, and a tenth from processes of their own, some of which are killed. */
  async #produce(): Promise<void> {
    const loop = async (share: number) => {
      for (let count = 0; count < share; count += 1) {
        await this.#ask(this.#makeRequest());
        if (count % 50 === 49 && this.#random() < 0.5) await this.#askElsewhere();
      }
    };
    await Promise.all([1, 2, 3, 4].map(() => loop(Math.ceil(this.#plan.tasks / 4))));
  }

  async #ask(request: EnqueueRequest): Promise<void> {
    try {
      this.#accepted.push((await this.#place.front.enqueue(request)).task.task_id);
    } catch (error) {
      // Not accepted, as the store is away; who asks would try again.
      if (this.#plan.killStore === undefined) throw error;
      await sleep(100);
    }
  }

  async #askElsewhere(): Promise<void> {
    const calls = Array.from({ length: 5 }, () => ["enqueue", this.#makeRequest() as unknown as JsonObject]);
    const { process, answers } = this.#place.startElsewhere(...calls);
    if (this.#random() < 0.5 && this.#killed < this.#plan.kills) {
      await Promise.race([answers, sleep(this.#random() * 500)]);
      if (process.exitCode === null && process.kill("SIGKILL")) this.#kills.producer += 1;
    }
    for (const answer of (await answers) as { task?: { task_id: string } }[])
      if (answer.task !== undefined) this.#accepted.push(answer.task.task_id);
  }

  get #killed(): number {
    return Object.values(this.#kills).reduce((sum, count) => sum + count, 0);
  }

  #makeRequest(): EnqueueRequest {
    this.#asked += 1;
    const label = `chaos-${this.#asked}`;
    const args = { log: this.#place.log, label, ms: Math.floor(this.#random() * 20) };
    const dice = this.#random();
    if (dice < 0.05) return { kind: "flow", args: this.#makeFlow(label) };
    if (dice < 0.1) return { kind: "canvas", args: { canvas: this.#makeChord(label) } };
    const failures = dice < 0.2 ? 1 + Math.floor(this.#random() * 2) : 0;
    this.#expected.set(label, failures + 1);
    const more = dice > 0.9 ? { countdownMs: Math.floor(this.#random() * 500) } : {};
    return { kind: "work", args: { ...args, failures }, ...more };
  }

  #part(label: string): JsonObject & { label: string } {
    this.#expected.set(label, 1);
    return { log: this.#place.log, label, ms: Math.floor(this.#random() * 20) };
  }

  #makeFlow(label: string): JsonObject {
    const folder = join(this.#place.home, label);
    mkdirSync(folder);
    return {
      folder,
      kind: this.#random() < 0.5 ? "io_part" : "part",
      parts: [1, 2, 3].map((number) => this.#part(`${label}-${number}`)),
    };
  }

  #makeChord(label: string): JsonObject {
    const run = (name: string) => ({ kind: "io_part", args: this.#part(`${label}-${name}`) });
    return { chord: { header: [run("a"), run("b"), run("c")], body: run("body") } };
  }

  async #killAround(): Promise<void> {
    while (this.#killed < this.#plan.kills) {
      await sleep(50 + this.#random() * 400);
      const dice = this.#random();
      if (dice < 0.05 && this.#plan.killStore !== undefined) {
        await this.#plan.killStore();
        this.#kills.store += 1;
      } else if (dice < 0.5) await this.#killWorker();
      else this.#killChild();
    }
  }

  async #killWorker(): Promise<void> {
    const at = Math.floor(this.#random() * this.#alive.length);
    const [victim] = this.#alive.splice(at, 1);
    if (victim?.process.kill("SIGKILL")) this.#kills.worker += 1;
    await victim?.ended;
    await this.#startWorker();
  }

  #killChild(): void {
    const parents = this.#alive.map(({ process }) => process.pid ?? 0);
    const children = childrenOf(parents);
    const victim = children[Math.floor(this.#random() * children.length)];
    if (victim === undefined) return;
    try {
      process.kill(victim, "SIGKILL");
      this.#kills.child += 1;
    } catch {
      // It has ended since it was seen.
    }
  }

  /** Until everything has ended; who stopped making progress for half a minute is stuck. */
  async #settle(): Promise<void> {
    const open = () => this.#accepted.filter((id) => this.#endOf(id) === undefined);
    let least = open().length;
    let movedAt = performance.now();
    while (least > 0 && performance.now() - movedAt < 30_000) {
      await sleep(50);
      if (performance.now() - movedAt > 5000) await this.#lookFor(open());
      const now = open().length;
      if (now < least) movedAt = performance.now();
      least = Math.min(least, now);
    }
    this.#isOver = true;
  }

  /** What no event has told, its record may tell. */
  async #lookFor(ids: readonly string[]): Promise<void> {
    const noted = new Set(this.#place.notesOf("end").map(({ taskId }) => taskId));
    for (const id of ids) {
      const task = await this.#place.front.find(id);
      // Only the newest records of what ended are kept; then the handler has noted its end.
      const hasEnded = task === undefined ? noted.has(id) : terminalStates.has(task.state);
      if (!hasEnded) continue;
      const isFailed = task?.state === "FAILURE" || task?.state === "REVOKED";
      this.#lookedUp.set(id, isFailed ? "failed" : "completed");
    }
  }

  #endOf(id: string): string | undefined {
    return this.#ends.get(id)?.[0] ?? this.#lookedUp.get(id);
  }

  async #judge(): Promise<string[]> {
    const broken: string[] = [];
    for (const id of this.#accepted) {
      if (this.#endOf(id) !== undefined) continue;
      const task = await this.#place.front.find(id);
      broken.push(`the accepted task ${id} has not ended: ${JSON.stringify(task ?? "unknown")}`);
    }
    for (const [id, ends] of this.#ends)
      if (ends.length > 1) broken.push(`${id} ended ${ends.length} times: ${ends.join(", ")}`);
    for (const id of this.#accepted.filter((one) => this.#endOf(one) === "failed")) {
      const task = await this.#place.front.find(id);
      const message = String(task?.error?.message);
      if (task !== undefined && !/quarantined/.test(message)) broken.push(`${id} failed: ${message}`);
    }
    const { reruns, allowedReruns } = this.#countReruns();
    if (reruns > allowedReruns)
      broken.push(`${reruns} runs more than needed; the kills explain ${allowedReruns}`);
    const queues = ["tasks", "parts", "io_parts"].map((name) => this.#place.queue(name));
    await until("nothing is left", async () => {
      const counts = await Promise.all(
        queues.map((queue) =>
          queue.getJobCountByTypes("active", "waiting", "prioritized", "waiting-children"),
        ),
      );
      return counts.every((count) => count === 0);
    }).catch((error: Error) => broken.push(error.message));
    return broken;
  }

  /** Runs beyond what the work itself asks for. A kill of the store costs what all workers hold at that moment. */
  #countReruns(): { readonly reruns: number; readonly allowedReruns: number } {
    const begins = new Map<string, number>();
    for (const { label, taskId } of this.#place.notesOf("begin")) {
      // All runs of a schedule have the same label, and each is due to run once.
      const what = isScheduled(label) ? taskId : label;
      begins.set(what, (begins.get(what) ?? 0) + 1);
    }
    let reruns = 0;
    for (const [what, count] of begins) reruns += Math.max(0, count - (this.#expected.get(what) ?? 1));
    const { worker, child, store } = this.#kills;
    // Each worker holds so many of both sorts of kinds in each of its queues.
    const held = this.#concurrency * 4;
    return { reruns, allowedReruns: held * (worker + child + store * this.#plan.processes) };
  }
}

function childrenOf(parents: readonly number[]): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const [, parent] = readFileSync(`/proc/${name}/stat`, "utf8")
        .replace(/^.*\) /, "")
        .split(" ");
      return parents.includes(Number(parent)) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}
