/** Gathers what a watcher tells into as few looks at the repository as keep it fresh; it looks at nothing itself. */
import type { WatchEvent } from "./watch.ts";

export interface GatherOptions {
  /** Looks at these paths, or at everything. The next look waits for its end. */
  readonly look: (paths: readonly string[] | undefined) => Promise<void>;
  /** A look begins so long after the last event … */
  readonly quietMs?: number;
  /** … but no later than this after the first one. */
  readonly patienceMs?: number;
  /** Git writes its index for its own sake too: so long it must have been left alone. */
  readonly settleMs?: number;
  /** A path that keeps changing is looked at no more often than this. */
  readonly calmMs?: number;
}

export interface Gatherer {
  hear(event: WatchEvent): void;
  /** Whether nothing is waiting to be looked at, and no look goes on. */
  readonly isIdle: boolean;
  close(): void;
}

/** With more, a scan of everything costs less, and its names need not be sent around. */
const pathsMax = 200;
/** The system drops events without a word once 16,384 wait. */
const eventsMax = 4000;
/** A lock that a dead git has left holds nothing up for longer. */
const busyMaxMs = 5000;
/** So many looks at the same path, less than `calmMs` apart, show that a program writes to it and not a person. */
const looksMax = 5;

export function gatherChanges(options: GatherOptions): Gatherer {
  return new ChangeGatherer(options);
}

class ChangeGatherer implements Gatherer {
  readonly #options: Required<GatherOptions>;
  #paths = new Set<string>();
  #isWhole = false;
  #events = 0;
  /** When the first of what waits was heard; of `performance.now()`. */
  #since: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;
  /** In the middle of a switch of branches a look would be in vain; of `performance.now()`. */
  #busyUntil = 0;
  #isLooking = false;
  #isClosed = false;
  readonly #looks = new Map<string, { count: number; at: number }>();

  constructor(options: GatherOptions) {
    this.#options = { quietMs: 40, patienceMs: 500, settleMs: 2000, calmMs: 3000, ...options };
  }

  get isIdle(): boolean {
    return !this.#isLooking && this.#since === undefined && this.#settling === undefined;
  }

  hear(event: WatchEvent): void {
    if (this.#isClosed) return;
    if (event.type === "index") this.#settle();
    else if (event.type === "busy" || event.type === "calm") this.#wait(event.type === "busy");
    else this.#take(event);
  }

  #wait(isBusy: boolean): void {
    this.#busyUntil = isBusy ? performance.now() + busyMaxMs : 0;
    if (this.#since !== undefined) this.#arm(this.#quietMs());
  }

  #take(event: WatchEvent): void {
    this.#events += 1;
    const isNameable = event.type === "path" && !event.path.includes("\ufffd");
    if (isNameable && this.#events <= eventsMax) this.#paths.add(event.path);
    else this.#isWhole = true;
    if (this.#paths.size > pathsMax) this.#isWhole = true;
    this.#since ??= performance.now();
    this.#arm(this.#quietMs());
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#settling);
  }

  /** Alone, a path that keeps changing waits longer; with others it goes along. */
  #quietMs(): number {
    const { quietMs, calmMs } = this.#options;
    if (this.#isWhole) return quietMs;
    const now = performance.now();
    const waits = [...this.#paths].map((path) => {
      const look = this.#looks.get(path);
      return look === undefined || look.count < looksMax ? 0 : look.at + calmMs - now;
    });
    return Math.max(quietMs, Math.min(...waits));
  }

  #settle(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      this.#isWhole = true;
      this.#since ??= performance.now();
      this.#arm(0);
    }, this.#options.settleMs);
  }

  #arm(waitMs: number): void {
    if (this.#isLooking || this.#isClosed) return;
    clearTimeout(this.#timer);
    const latest = (this.#since ?? 0) + Math.max(this.#options.patienceMs, waitMs);
    const now = performance.now();
    const lookAt = Math.max(this.#busyUntil, Math.min(now + waitMs, latest));
    this.#timer = setTimeout(() => void this.#look(), lookAt - now);
  }

  async #look(): Promise<void> {
    const paths = this.#isWhole ? undefined : withoutInner([...this.#paths]);
    this.#note();
    if (this.#isWhole) {
      clearTimeout(this.#settling);
      this.#settling = undefined;
    }
    this.#paths = new Set();
    this.#isWhole = false;
    this.#events = 0;
    this.#since = undefined;
    this.#isLooking = true;
    try {
      await this.#options.look(paths);
    } finally {
      this.#isLooking = false;
      if (this.#since !== undefined) this.#arm(this.#quietMs());
    }
  }

  #note(): void {
    const now = performance.now();
    for (const [path, look] of this.#looks)
      if (now - look.at > 2 * this.#options.calmMs) this.#looks.delete(path);
    for (const path of this.#paths) {
      this.#looks.set(path, { count: (this.#looks.get(path)?.count ?? 0) + 1, at: now });
    }
  }
}

/** A folder that was touched is looked at with all that is in it. */
function withoutInner(paths: readonly string[]): string[] {
  const all = new Set(paths);
  const isInner = (path: string) => {
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1))
      if (all.has(path.slice(0, slash))) return true;
    return false;
  };
  return paths.filter((path) => !isInner(path)).sort();
}
