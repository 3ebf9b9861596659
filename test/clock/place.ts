/** One store of the clock for the proofs: a front, workers and doors as real processes, and what the handlers noted. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Queue } from "bullmq";
import type { Canvas } from "../../src/jobs/canvas.ts";
import { type Control, openControl } from "../../src/jobs/control.ts";
import type { FrontOptions } from "../../src/jobs/front.ts";
import { type ClockFront, type EnqueueRequest, openTaskFront } from "../../src/jobs/queue.ts";
import type { Json, JsonObject, TaskRecord } from "../../src/jobs/task.ts";
import type { FreshStore } from "../fixtures/stores.ts";
import { until } from "../fixtures/until.ts";
import { kinds } from "./kinds.mjs";
import { openTestStore, type StoreName, type TestStore } from "./test-store.ts";

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** What the handler wrote down; `at` is in ms since 1970, and the same clock in all processes. */
export interface Note {
  readonly event: "begin" | "end" | "aborted";
  readonly label: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly starts: number;
  readonly crashes: number;
  readonly pid: number;
  readonly at: number;
  readonly previous?: readonly Json[];
  readonly code?: string;
}

export interface ProofWorker {
  readonly process: ChildProcess;
  readonly id: string;
  readonly log: () => string;
  /** Resolves with the exit code, or the signal. */
  readonly ended: Promise<number | string | null>;
}

/** Short, so that a death or a stop is noticed within a test; long enough for two busy cores. */
export const leaseMs = 3000;

/** Child processes of each worker, unless a test says otherwise. */
export const childrenEach = 3;

export class Place {
  readonly home = mkdtempSync(join(tmpdir(), "cambium-clock-"));
  readonly log = join(this.home, "notes");
  readonly workers: ProofWorker[] = [];
  readonly #store: TestStore;
  readonly #opened: { close(): Promise<unknown> }[] = [];
  #labels = 0;
  #front: ClockFront | undefined;

  private constructor(store: TestStore) {
    this.#store = store;
  }

  /** By default a fresh one in the server that all tests share. */
  static async open(name: StoreName, given?: FreshStore): Promise<Place> {
    return new Place(await openTestStore(name, given));
  }

  get url(): string {
    return this.#store.url;
  }

  /** The store as this process sees it. */
  get store() {
    return this.#store.store;
  }

  get front(): ClockFront {
    this.#front ??= this.openFront();
    return this.#front;
  }

  openFront(options: Partial<FrontOptions> = {}): ClockFront {
    return this.keep(openTaskFront({ connection: this.store, kinds, ...options }));
  }

  /** Closed with the place. */
  keep<Kept extends { close(): Promise<unknown> }>(kept: Kept): Kept {
    this.#opened.push(kept);
    return kept;
  }

  /** BullMQ's own view of a queue, past our front. */
  queue(name: string) {
    const queue = new Queue(name, { connection: this.store.connection }, this.store.backend);
    queue.on("error", () => {});
    return this.keep(queue);
  }

  control(): Control {
    const { store } = this;
    return this.keep(openControl({ connection: store, registry: store.workers, kinds }));
  }

  /** Submits and waits for the end. */
  async compose(canvas: Canvas): Promise<TaskRecord> {
    return this.ended((await this.front.submit(canvas)).task.task_id);
  }

  label(): string {
    this.#labels += 1;
    return `label-${this.#labels}`;
  }

  /** A file that a handler waits for, and the function that makes it. */
  gate(): { readonly gate: string; readonly open: () => void } {
    const gate = join(this.home, `gate-${this.label()}`);
    return { gate, open: () => writeFileSync(gate, "") };
  }

  /** Enqueues work that notes what it does under its label. */
  async ask(
    kind: string,
    args: JsonObject = {},
    more: Partial<EnqueueRequest> = {},
  ): Promise<{ readonly task: TaskRecord; readonly label: string }> {
    const label = String(args["label"] ?? this.label());
    const request = { kind, args: { log: this.log, ...args, label }, ...more };
    return { task: (await this.front.enqueue(request)).task, label };
  }

  ended(taskId: string, timeoutMs = 120_000): Promise<TaskRecord> {
    return this.front.wait(taskId, { timeoutMs });
  }

  async run(kind: string, args: JsonObject = {}, more: Partial<EnqueueRequest> = {}) {
    const { task, label } = await this.ask(kind, args, more);
    return { task: await this.ended(task.task_id), label };
  }

  notes(label: string, event?: Note["event"]): Note[] {
    return this.#notesWith(`"label":${JSON.stringify(label)}`).filter(
      (note) => event === undefined || note.event === event,
    );
  }

  notesOf(event: Note["event"]): Note[] {
    return this.#notesWith(`"event":"${event}"`);
  }

  #notesWith(piece: string): Note[] {
    // Until a first handler has begun there is no log.
    if (!existsSync(this.log)) return [];
    return readFileSync(this.log, "utf8")
      .split("\n")
      .filter((line) => line.includes(piece))
      .map((line) => JSON.parse(line) as Note);
  }

  async begun(label: string, times = 1): Promise<Note> {
    return until(`${label} begins ${times} times`, () => this.notes(label, "begin")[times - 1]);
  }

  async start(options: JsonObject = {}): Promise<ProofWorker> {
    const { worker, answer } = await this.tryStart(options);
    if (!answer.startsWith("ready ")) throw new Error(`The worker did not start: ${answer}\n${worker.log()}`);
    return worker;
  }

  async startAll(count: number, options: JsonObject = {}): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.start(options)));
  }

  /** `answer` is `ready <id>`, or `refused` with the reason. */
  async tryStart(options: JsonObject = {}): Promise<{ worker: ProofWorker; answer: string }> {
    const args = [
      script("worker.mjs"),
      this.url,
      JSON.stringify({ leaseMs, pool: { size: childrenEach }, ...options }),
    ];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let log = "";
    child.stderr.on("data", (chunk: Buffer) => {
      log += chunk.toString();
    });
    const ended = new Promise<number | string | null>((resolve) => {
      child.once("exit", (code, signal) => resolve(signal ?? code));
    });
    const spoken = new Promise<string>((resolve) => createInterface(child.stdout).once("line", resolve));
    const answer = await Promise.race([spoken, ended.then((how) => `ended ${how}`)]);
    const worker = { process: child, id: answer.replace("ready ", ""), log: () => log, ended };
    this.workers.push(worker);
    return { worker, answer };
  }

  /**
   * Stops the process, but never in the middle of a commit: on an embedded store everybody would wait for it until it
   * goes on.
   */
  async freeze(worker: ProofWorker): Promise<void> {
    const probe = this.queue("probe");
    for (;;) {
      worker.process.kill("SIGSTOP");
      const written = probe.add("probe", {}).then(() => true);
      const soon = new Promise<false>((resolve) => setTimeout(() => resolve(false), 1500));
      if (await Promise.race([written, soon])) return;
      worker.process.kill("SIGCONT");
      await written;
    }
  }

  /** The answers of calls that another process makes at once, in the order of their arrival. */
  elsewhere(...calls: Json[][]): Promise<Json[]> {
    return this.startElsewhere(...calls).answers;
  }

  /** `answers` resolves at the end of the process, however it ends. */
  startElsewhere(...calls: Json[][]): { readonly process: ChildProcess; readonly answers: Promise<Json[]> } {
    const args = [script("producer.mjs"), this.url, JSON.stringify(calls)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const read = async () => {
      const answers: Json[] = [];
      for await (const line of createInterface(child.stdout)) {
        const said: { answer?: Json; failure?: Json } = JSON.parse(line);
        answers.push(said.answer ?? { failure: said.failure ?? null });
      }
      return answers;
    };
    return { process: child, answers: read() };
  }

  async close(): Promise<void> {
    for (const worker of this.workers) worker.process.kill("SIGKILL");
    await Promise.all(this.workers.map((worker) => worker.ended));
    await Promise.all(this.#opened.map((opened) => opened.close().catch(() => {})));
    await this.#store.close();
    rmSync(this.home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** A place for one test, closed after it. */
export async function openPlaceFor(
  store: StoreName,
  run: (place: Place) => Promise<void>,
  given?: FreshStore,
): Promise<void> {
  const place = await Place.open(store, given);
  try {
    await run(place);
  } finally {
    await place.close();
  }
}
