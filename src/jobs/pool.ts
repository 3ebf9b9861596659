/**
 * Child processes that run the handlers: kept warm, first come first served, killed when they hang and replaced when
 * they die or have grown. Knows nothing of queues.
 */
import { type ChildProcess, fork } from "node:child_process";
import { CambiumError, type Failure, fromFailure } from "../errors.ts";
import type { FromChild, RunOrder, ToChild } from "./pool-protocol.ts";
import type { StopOrder } from "./stop-order.ts";
import type { ProgressReport, StepOutcome } from "./task.ts";

export interface PoolOptions {
  /** The program to fork; it must call `runChild`. */
  readonly script: string;
  readonly args: readonly string[];
  /** Flags for Node itself, for example a heap limit. */
  readonly execArgv?: readonly string[];
  /** The whole environment of the children, where secrets stand that must not be arguments; this one's by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** Instead of `env` for the pools of `openShared`, whose kinds of work may need a key that the others must not see. */
  readonly sharedEnv?: NodeJS.ProcessEnv;
  readonly size: number;
  /** One by default: work that only waits can share a process, work that computes cannot. */
  readonly runsPerChild?: number;
  /** A child is replaced after this many jobs … */
  readonly maxJobsPerChild: number;
  /** … or when its resident memory passes this after a job. */
  readonly maxRssBytes: number;
  /** A child that has not ended this long after an abort is killed. */
  readonly abortGraceMs: number;
  /** How it waits for work that seldom comes; by default all children stay. */
  readonly rest?: Rest;
}

/** After `afterMs` without a run one child stays: a small one, which is as good for single jobs. */
export interface Rest {
  readonly afterMs: number;
  /** A child that has grown beyond this is replaced by a new one … */
  readonly maxRssBytes: number;
  /** … that has these flags. */
  readonly execArgv: readonly string[];
}

export interface RunOptions {
  readonly stop: StopOrder;
  /** Kills the child that runs it, with no grace. */
  readonly kill: StopOrder;
  /** A child that reports nothing for this long is killed; the count starts when a child takes the job. */
  readonly silenceLimitMs: number;
  /** A child has taken the job. */
  readonly onStart: () => void;
  readonly onReport: (report: ProgressReport) => void;
}

/** The child process of a run has ended under it. */
export class ChildDeath extends CambiumError {
  /** False when this process ended the child for another reason than this run. */
  readonly isCrash: boolean;

  constructor(how: string, isCrash: boolean) {
    super("unavailable", `The child process that ran this job ended with ${how}.`);
    this.isCrash = isCrash;
  }
}

/** What a closed pool did not run counts as no attempt. */
const withWorker = "its worker, which is shutting down";

interface Run extends RunOptions {
  readonly id: number;
  readonly order: RunOrder;
  readonly resolve: (outcome: StepOutcome) => void;
  readonly reject: (error: CambiumError) => void;
  silence: NodeJS.Timeout | undefined;
  grace: NodeJS.Timeout | undefined;
}

interface Seat {
  readonly child: ChildProcess;
  readonly runs: Map<number, Run>;
  ready: boolean;
  /** After it had loaded everything, before its first job. */
  rssAtStart: number;
  /** After its last job. */
  rssBytes: number;
  jobs: number;
  /** It takes no more runs, and ends with its last one. */
  isLeaving: boolean;
  /** Why this process killed it, and for which run. */
  killed: { readonly run: Run; readonly why: Failure } | undefined;
}

/** After this many children in a row that died before they were ready, the waiting jobs fail. */
const maxFailedStarts = 5;
/** A child is not replaced for memory that it had before its first job, else each job would cost a new child. */
const growthMin = 1.25;

export class ChildPool {
  readonly #options: PoolOptions;
  readonly #seats = new Set<Seat>();
  readonly #waiting: Run[] = [];
  #size: number;
  #runs = 0;
  #started = 0;
  #failedStarts = 0;
  /** Children that were ready and died without a job, since the last job that ended. */
  #idleDeaths = 0;
  #respawn: NodeJS.Timeout | undefined;
  #resting: NodeJS.Timeout | undefined;
  #isAtRest = false;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#size = options.size;
    this.#fill();
  }

  /** How many children there are, or will be in a moment. */
  get size(): number {
    return this.#size;
  }

  /** Process ids of the living children. */
  get pids(): number[] {
    return [...this.#seats].flatMap((seat) => seat.child.pid ?? []);
  }

  /** How many children were started in all. */
  get childrenStarted(): number {
    return this.#started;
  }

  /** One child of the same program that runs so many jobs at a time. */
  openShared(runsPerChild: number): ChildPool {
    const { env, sharedEnv = env } = this.#options;
    const options = { ...this.#options, size: 1, runsPerChild };
    return new ChildPool(sharedEnv === undefined ? options : { ...options, env: sharedEnv });
  }

  /** Children that are too many end after their runs. */
  resize(size: number): void {
    this.#size = size;
    const staying = [...this.#seats].filter((seat) => !seat.isLeaving);
    const idleFirst = staying.sort((a, b) => a.runs.size - b.runs.size);
    for (const seat of idleFirst.slice(0, Math.max(0, staying.length - size))) this.#retire(seat);
    this.#fill();
  }

  /**
   * Runs one handler. Rejects with a `CambiumError`: what the handler threw, the reason of the order to stop, `timeout` for
   * a silent child, `ChildDeath` for one that died.
   */
  run(order: RunOrder, options: RunOptions): Promise<StepOutcome> {
    return new Promise<StepOutcome>((resolve, reject) => {
      this.#runs += 1;
      const timers = { silence: undefined, grace: undefined };
      const run: Run = { ...options, ...timers, id: this.#runs, order, resolve, reject };
      if (this.#isClosed) return reject(new ChildDeath(withWorker, false));
      const reason = abortOf(run);
      if (reason !== undefined) return reject(reason);
      run.stop.onGiven(() => this.#abort(run, run.stop));
      run.kill.onGiven(() => this.#abort(run, run.kill));
      clearTimeout(this.#resting);
      this.#waiting.push(run);
      this.#assign();
      if (this.#isAtRest && this.#waiting.length > 0) this.#wake();
    });
  }

  /** Ends all children and resolves when they are gone; a job that still runs fails as a `ChildDeath`. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#respawn);
    clearTimeout(this.#resting);
    this.#refuseWaiting(new ChildDeath(withWorker, false));
    // A fork that failed has no process that could end.
    const living = [...this.#seats].filter((seat) => seat.child.pid !== undefined);
    const gone = living.map((seat) => new Promise((resolve) => seat.child.once("exit", resolve)));
    for (const seat of [...this.#seats]) {
      if (seat.runs.size === 0) this.#retire(seat);
      else seat.child.kill("SIGKILL");
    }
    await Promise.all(gone);
  }

  #fill(): void {
    const wanted = this.#isAtRest ? 1 : this.#size;
    const isWanted = () => [...this.#seats].filter((seat) => !seat.isLeaving).length < wanted;
    while (!this.#isClosed && this.#respawn === undefined && isWanted()) this.#spawn();
  }

  #spawn(): void {
    const { script, args, execArgv = [], env, rest } = this.#options;
    const child = fork(script, [...args], {
      execArgv: [...(this.#isAtRest && rest !== undefined ? rest.execArgv : execArgv)],
      ...(env === undefined ? {} : { env }),
      // What a handler prints must not mix with what the door writes to its standard output.
      stdio: ["ignore", 2, 2, "ipc"],
    });
    const empty = { ready: false, rssAtStart: 0, rssBytes: 0, jobs: 0, isLeaving: false, killed: undefined };
    const seat: Seat = { child, runs: new Map(), ...empty };
    this.#seats.add(seat);
    this.#started += 1;
    child.on("message", (message: FromChild) => this.#hear(seat, message));
    child.once("exit", (code, signal) => this.#bury(seat, signal ?? `exit code ${code}`));
    child.on("error", (error) => {
      // A fork that failed has no process and never emits `exit`; a failed `send` is followed by one.
      if (child.pid === undefined) this.#bury(seat, error.message);
    });
  }

  #assign(): void {
    const { runsPerChild = 1 } = this.#options;
    for (const seat of this.#seats) {
      if (!seat.ready || seat.isLeaving || seat.killed !== undefined || !seat.child.connected) continue;
      while (seat.runs.size < runsPerChild) {
        const run = this.#waiting.shift();
        if (run === undefined) return;
        seat.runs.set(run.id, run);
        seat.jobs += 1;
        this.#listenForSilence(seat, run);
        run.onStart();
        tell(seat, { type: "run", run: run.id, order: run.order });
      }
    }
  }

  #hear(seat: Seat, message: FromChild): void {
    if (message.type === "ready") {
      this.#failedStarts = 0;
      seat.ready = true;
      seat.rssAtStart = message.rssBytes;
      seat.rssBytes = message.rssBytes;
      this.#assign();
      this.#restLater();
      return;
    }
    const run = seat.runs.get(message.run);
    if (run === undefined) return;
    if (message.type === "report") {
      this.#listenForSilence(seat, run);
      run.onReport(message.report);
      return;
    }
    this.#idleDeaths = 0;
    this.#free(seat, run);
    seat.rssBytes = message.rssBytes;
    if (message.type === "outcome") run.resolve(message.outcome);
    else run.reject(fromFailure(message.failure));
    if (seat.isLeaving || this.#isWorn(seat, message.rssBytes)) this.#retire(seat);
    this.#assign();
  }

  #isWorn(seat: Seat, rssBytes: number): boolean {
    const { maxJobsPerChild, maxRssBytes } = this.#options;
    return seat.jobs >= maxJobsPerChild || rssBytes > Math.max(maxRssBytes, growthMin * seat.rssAtStart);
  }

  #listenForSilence(seat: Seat, run: Run): void {
    clearTimeout(run.silence);
    run.silence = setTimeout(() => {
      const seconds = run.silenceLimitMs / 1000;
      const message = `The job was silent for ${seconds} s and was stopped.`;
      this.#kill(seat, run, { code: "timeout", message });
    }, run.silenceLimitMs);
  }

  #abort(run: Run, order: StopOrder): void {
    const why = order.reason;
    if (why === undefined) return;
    const index = this.#waiting.indexOf(run);
    if (index >= 0) {
      this.#waiting.splice(index, 1);
      run.reject(why);
      return;
    }
    const seat = [...this.#seats].find((candidate) => candidate.runs.get(run.id) === run);
    if (seat === undefined) return;
    const failure = { code: why.code, message: why.message };
    if (order === run.kill) {
      this.#kill(seat, run, failure);
      return;
    }
    tell(seat, { type: "abort", run: run.id, failure });
    run.grace = setTimeout(() => this.#kill(seat, run, failure), this.#options.abortGraceMs);
  }

  #kill(seat: Seat, run: Run, why: Failure): void {
    seat.killed ??= { run, why };
    seat.child.kill("SIGKILL");
  }

  /** Its successor starts at once; it ends when its last run has. */
  #retire(seat: Seat): void {
    seat.isLeaving = true;
    if (seat.runs.size === 0) {
      this.#seats.delete(seat);
      if (seat.child.connected) seat.child.disconnect();
      const impatience = setTimeout(() => seat.child.kill("SIGKILL"), this.#options.abortGraceMs);
      seat.child.once("exit", () => clearTimeout(impatience));
    }
    this.#fill();
  }

  #restLater(): void {
    const { rest } = this.#options;
    clearTimeout(this.#resting);
    if (rest === undefined || this.#isClosed) return;
    this.#resting = setTimeout(() => this.#rest(rest), rest.afterMs);
  }

  #rest({ maxRssBytes }: Rest): void {
    const staying = [...this.#seats].filter((seat) => !seat.isLeaving);
    // The end of a run, or of a start, is the next occasion.
    if (this.#waiting.length > 0 || staying.some(({ ready, runs }) => !ready || runs.size > 0)) return;
    this.#isAtRest = true;
    const [smallest, ...others] = staying.sort((a, b) => a.rssBytes - b.rssBytes);
    for (const seat of others) this.#retire(seat);
    if (smallest === undefined) return;
    const { rssBytes, rssAtStart } = smallest;
    if (rssBytes > Math.max(maxRssBytes, growthMin * rssAtStart)) this.#retire(smallest);
  }

  /** There is more to do than the one child can take. */
  #wake(): void {
    this.#isAtRest = false;
    this.#fill();
  }

  #free(seat: Seat, run: Run): void {
    clearTimeout(run.silence);
    clearTimeout(run.grace);
    seat.runs.delete(run.id);
    this.#restLater();
  }

  #bury(seat: Seat, how: string): void {
    this.#seats.delete(seat);
    if (seat.ready && !seat.isLeaving && seat.runs.size === 0) this.#idleDeaths += 1;
    for (const run of [...seat.runs.values()]) {
      this.#free(seat, run);
      run.reject(this.#deathOf(seat, run, how));
    }
    if (!seat.ready && !seat.isLeaving) this.#failedStarts += 1;
    if (this.#failedStarts >= maxFailedStarts) {
      const why = `The child processes of the worker do not start (${how}); its log says why.`;
      this.#refuseWaiting(new CambiumError("unavailable", why));
    }
    // Each may be killed once by somebody who cleans up; what goes on dying has a reason that stays.
    const deaths = this.#failedStarts + Math.max(0, this.#idleDeaths - this.#size);
    if (deaths === 0) this.#fill();
    else this.#fillLater(deaths);
  }

  #deathOf({ killed }: Seat, run: Run, how: string): CambiumError {
    if (killed?.run === run) return new CambiumError(killed.why.code, killed.why.message);
    return abortOf(run) ?? new ChildDeath(how, killed === undefined && !this.#isClosed);
  }

  #fillLater(deaths: number): void {
    clearTimeout(this.#respawn);
    if (this.#isClosed) return;
    const pauseMs = Math.min(5000, 100 * 2 ** deaths);
    this.#respawn = setTimeout(() => {
      this.#respawn = undefined;
      this.#fill();
    }, pauseMs);
  }

  #refuseWaiting(error: CambiumError): void {
    for (const run of this.#waiting.splice(0)) run.reject(error);
  }
}

const abortOf = ({ kill, stop }: Run): CambiumError | undefined => kill.reason ?? stop.reason;

/** A child that died meanwhile is told nothing: its `exit` event follows and says the rest. */
function tell(seat: Seat, message: ToChild): void {
  if (seat.child.connected) seat.child.send(message, () => {});
}
