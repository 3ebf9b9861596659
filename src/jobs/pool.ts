/**
 * Child processes that run the handlers: kept warm, one job each, first come first served, killed when they hang
 * and replaced when they die or have grown. Knows nothing of queues.
 */
import { type ChildProcess, fork } from "node:child_process";
import { CambiumError, type Failure } from "../errors.ts";
import type { FromChild, RunOrder, ToChild } from "./pool-protocol.ts";
import type { ProgressReport, StepOutcome } from "./task.ts";

export interface PoolOptions {
  /** The program to fork; it must call `runChild`. */
  readonly script: string;
  readonly args: readonly string[];
  /** Flags for Node itself, for example a heap limit. */
  readonly execArgv?: readonly string[];
  readonly size: number;
  /** A child is replaced after this many jobs … */
  readonly maxJobsPerChild: number;
  /** … or when its resident memory passes this after a job. */
  readonly maxRssBytes: number;
  /** A child that has not ended this long after an abort is killed. */
  readonly abortGraceMs: number;
}

export interface RunOptions {
  /** Its reason must be a `CambiumError`. */
  readonly signal: AbortSignal;
  /** A child that reports nothing for this long is killed; the count starts when a child takes the job. */
  readonly silenceLimitMs: number;
  /** A child has taken the job. */
  readonly onStart: () => void;
  readonly onReport: (report: ProgressReport) => void;
}

interface Run extends RunOptions {
  readonly order: RunOrder;
  readonly resolve: (outcome: StepOutcome) => void;
  readonly reject: (error: CambiumError) => void;
}

interface Seat {
  readonly child: ChildProcess;
  ready: boolean;
  jobs: number;
  run: Run | undefined;
  /** Why it was killed, if this process did it. */
  killedFor: Failure | undefined;
  silence: NodeJS.Timeout | undefined;
  grace: NodeJS.Timeout | undefined;
}

/** After this many children in a row that died before they were ready, the waiting jobs fail. */
const maxFailedStarts = 5;

export class ChildPool {
  readonly #options: PoolOptions;
  readonly #seats = new Set<Seat>();
  readonly #waiting: Run[] = [];
  #failedStarts = 0;
  #respawn: NodeJS.Timeout | undefined;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#fill();
  }

  /** How many jobs run at the same time. */
  get size(): number {
    return this.#options.size;
  }

  /** Process ids of the living children. */
  get pids(): number[] {
    return [...this.#seats].flatMap((seat) => seat.child.pid ?? []);
  }

  /**
   * Runs one handler. Rejects with a `CambiumError`: what the handler threw, the reason of the abort, `timeout` for
   * a silent child, `unavailable` for one that died.
   */
  run(order: RunOrder, options: RunOptions): Promise<StepOutcome> {
    return new Promise<StepOutcome>((resolve, reject) => {
      const run: Run = { ...options, order, resolve, reject };
      if (this.#isClosed) return reject(new CambiumError("unavailable", "The worker is shutting down."));
      if (run.signal.aborted) return reject(reasonOf(run.signal));
      run.signal.addEventListener("abort", () => this.#abort(run), { once: true });
      this.#waiting.push(run);
      this.#assign();
    });
  }

  /** Ends all children and resolves when they are gone; a job that still runs fails as `unavailable`. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#respawn);
    this.#refuseWaiting("The worker is shutting down.");
    // A fork that failed has no process that could end.
    const living = [...this.#seats].filter((seat) => seat.child.pid !== undefined);
    const gone = living.map((seat) => new Promise((resolve) => seat.child.once("exit", resolve)));
    for (const seat of [...this.#seats]) {
      if (seat.run === undefined) this.#dismiss(seat);
      else seat.child.kill("SIGKILL");
    }
    await Promise.all(gone);
  }

  #fill(): void {
    while (!this.#isClosed && this.#respawn === undefined && this.#seats.size < this.#options.size)
      this.#spawn();
  }

  #spawn(): void {
    const child = fork(this.#options.script, [...this.#options.args], {
      serialization: "advanced",
      execArgv: [...(this.#options.execArgv ?? [])],
      // What a handler prints must not mix with what the door writes to its standard output.
      stdio: ["ignore", 2, 2, "ipc"],
    });
    const empty = { run: undefined, killedFor: undefined, silence: undefined, grace: undefined };
    const seat: Seat = { child, ready: false, jobs: 0, ...empty };
    this.#seats.add(seat);
    child.on("message", (message: FromChild) => this.#hear(seat, message));
    child.once("exit", (code, signal) => this.#bury(seat, signal ?? `exit code ${code}`));
    child.on("error", (error) => {
      // A fork that failed has no process and never emits `exit`; a failed `send` is followed by one.
      if (child.pid === undefined) this.#bury(seat, error.message);
    });
  }

  #assign(): void {
    for (const seat of this.#seats) {
      if (this.#waiting.length === 0) return;
      if (!seat.ready || seat.run !== undefined || !seat.child.connected) continue;
      const run = this.#waiting.shift();
      if (run === undefined) return;
      seat.run = run;
      seat.jobs += 1;
      this.#listenForSilence(seat, run);
      run.onStart();
      tell(seat, { type: "run", order: run.order });
    }
  }

  #hear(seat: Seat, message: FromChild): void {
    if (message.type === "ready") {
      this.#failedStarts = 0;
      seat.ready = true;
      this.#assign();
      return;
    }
    const run = seat.run;
    if (run === undefined) return;
    if (message.type === "report") {
      this.#listenForSilence(seat, run);
      run.onReport(message.report);
      return;
    }
    this.#free(seat);
    if (seat.jobs >= this.#options.maxJobsPerChild || message.rssBytes > this.#options.maxRssBytes)
      this.#dismiss(seat);
    if (message.type === "outcome") run.resolve(message.outcome);
    else run.reject(new CambiumError(message.failure.code, message.failure.message));
    this.#assign();
  }

  #listenForSilence(seat: Seat, run: Run): void {
    clearTimeout(seat.silence);
    seat.silence = setTimeout(() => {
      const seconds = run.silenceLimitMs / 1000;
      this.#kill(seat, { code: "timeout", message: `The job was silent for ${seconds} s and was stopped.` });
    }, run.silenceLimitMs);
  }

  #abort(run: Run): void {
    const index = this.#waiting.indexOf(run);
    if (index >= 0) {
      this.#waiting.splice(index, 1);
      run.reject(reasonOf(run.signal));
      return;
    }
    const seat = [...this.#seats].find((candidate) => candidate.run === run);
    if (seat === undefined) return;
    const { code, message } = reasonOf(run.signal);
    tell(seat, { type: "abort", failure: { code, message } });
    seat.grace = setTimeout(() => this.#kill(seat, { code, message }), this.#options.abortGraceMs);
  }

  #kill(seat: Seat, why: Failure): void {
    seat.killedFor = why;
    seat.child.kill("SIGKILL");
  }

  /** Asks an idle child to end; it is no longer counted, so that its successor starts at once. */
  #dismiss(seat: Seat): void {
    this.#seats.delete(seat);
    if (seat.child.connected) seat.child.disconnect();
    const impatience = setTimeout(() => seat.child.kill("SIGKILL"), this.#options.abortGraceMs);
    seat.child.once("exit", () => clearTimeout(impatience));
    this.#fill();
  }

  #free(seat: Seat): void {
    clearTimeout(seat.silence);
    clearTimeout(seat.grace);
    seat.run = undefined;
  }

  #bury(seat: Seat, how: string): void {
    this.#seats.delete(seat);
    const run = seat.run;
    this.#free(seat);
    const why = seat.killedFor ?? deathOf(run, how);
    run?.reject(new CambiumError(why.code, why.message));
    if (!seat.ready) this.#failedStarts += 1;
    if (this.#failedStarts >= maxFailedStarts) {
      this.#refuseWaiting(`The child processes of the worker do not start (${how}); its log says why.`);
    }
    if (this.#failedStarts === 0) this.#fill();
    else this.#fillLater();
  }

  #fillLater(): void {
    clearTimeout(this.#respawn);
    const pauseMs = Math.min(5000, 100 * 2 ** this.#failedStarts);
    this.#respawn = setTimeout(() => {
      this.#respawn = undefined;
      this.#fill();
    }, pauseMs);
  }

  #refuseWaiting(message: string): void {
    for (const run of this.#waiting.splice(0)) run.reject(new CambiumError("unavailable", message));
  }
}

function deathOf(run: Run | undefined, how: string): Failure {
  if (run?.signal.aborted) return reasonOf(run.signal);
  return { code: "unavailable", message: `The child process that ran this job ended with ${how}.` };
}

function reasonOf(signal: AbortSignal): CambiumError {
  const reason: unknown = signal.reason;
  return reason instanceof CambiumError
    ? reason
    : new CambiumError("cancelled", "The job was aborted.", reason);
}

/** A child that died meanwhile is told nothing: its `exit` event follows and says the rest. */
function tell(seat: Seat, message: ToChild): void {
  if (seat.child.connected) seat.child.send(message, () => {});
}
