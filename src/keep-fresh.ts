/**
 * Keeps the folders that the watch book names fresh: what a watcher tells becomes tasks of high priority. Only here a
 * watcher of files meets the queue; it runs beside a worker, and looks into no file itself.
 */
import { statSync } from "node:fs";
import { type Gatherer, gatherChanges } from "./indexer/gather-changes.ts";
import { type FolderWatch, type WatchEvent, watchFolders } from "./indexer/watch.ts";
import type { TaskFront } from "./jobs/queue.ts";
import { type JsonObject, type Priority, terminalStates } from "./jobs/task.ts";
import { indexKind, refreshKind } from "./tasks.ts";
import type { WatchBook, WatchReport } from "./watch-book.ts";

export interface FreshnessOptions {
  readonly tasks: TaskFront;
  readonly book: WatchBook;
  readonly log: (level: "info" | "warn", line: string) => void;
  /** How often a folder that cannot be watched is looked at; 10 s by default, and never more than a twentieth of the time. */
  readonly pollMs?: number;
  /** How often a watched folder is looked at all the same, as events can get lost; 15 minutes by default. */
  readonly rescanMs?: number;
  /** How often the book is read; 1 s by default. */
  readonly beatMs?: number;
  readonly foldersMax?: number;
}

export interface FreshnessKeeper {
  /** Whether anybody wants a folder watched, so that the worker must not end. */
  isWanted(): boolean;
  close(): Promise<void>;
}

const pollDefaultMs = 10_000;
const rescanDefaultMs = 15 * 60_000;
const beatDefaultMs = 1000;
const pollShare = 20;
const stepMs = 60_000;

export function keepFresh(options: FreshnessOptions): FreshnessKeeper {
  const kept = new Map<string, FreshFolder>();
  const adjust = () => {
    const others = new Set(options.book.reports("others").map(({ root }) => root));
    const wanted = new Set(options.book.wanted());
    for (const [root, folder] of kept) {
      if (wanted.has(root)) continue;
      folder.close();
      kept.delete(root);
      options.log("info", `no longer watches ${root}`);
    }
    for (const root of wanted)
      if (!kept.has(root) && !others.has(root)) kept.set(root, new FreshFolder(root, options));
    options.book.report([...kept.values()].flatMap((folder) => folder.report() ?? []));
  };
  const beat = () => {
    try {
      adjust();
    } catch (error) {
      options.log("warn", `watching: ${String(error)}`);
    }
  };
  beat();
  const timer = setInterval(beat, options.beatMs ?? beatDefaultMs);
  return {
    isWanted: () => kept.size > 0 || options.book.wanted().length > 0,
    close: async () => {
      clearInterval(timer);
      for (const folder of kept.values()) folder.close();
      kept.clear();
    },
  };
}

/** One repository: watched from its first moment on, brought up to date once, and then with each change. */
class FreshFolder {
  readonly #root: string;
  readonly #options: FreshnessOptions;
  readonly #gatherer: Gatherer;
  readonly #ending = new AbortController();
  #watch: FolderWatch | undefined;
  #notice: string | undefined;
  #polling: NodeJS.Timeout | undefined;
  #lookMs = 0;
  #wasGone = false;

  constructor(root: string, options: FreshnessOptions) {
    this.#root = root;
    this.#options = options;
    this.#gatherer = gatherChanges({ look: (paths) => this.#look(paths) });
    void this.#start();
  }

  /** Undefined until it is watched. */
  report(): WatchReport | undefined {
    if (this.#watch === undefined) return undefined;
    const mode = this.#notice === undefined ? "events" : "polling";
    const notice = this.#notice === undefined ? {} : { notice: this.#notice };
    return { root: this.#root, mode, folders: this.#watch.folders, ...notice };
  }

  close(): void {
    this.#ending.abort();
    clearTimeout(this.#polling);
    this.#watch?.close();
    this.#gatherer.close();
  }

  /** What changed before it was watched is found by one look at everything. */
  async #start(): Promise<void> {
    const { foldersMax, log } = this.#options;
    this.#notice = undefined;
    this.#watch = await watchFolders(this.#root, {
      signal: this.#ending.signal,
      onEvent: (event) => this.#hear(event),
      ...(foldersMax === undefined ? {} : { foldersMax }),
    });
    if (this.#ending.signal.aborted) this.#watch.close();
    if (this.#notice === undefined) log("info", `watches ${this.#root}: ${this.#watch.folders} folders`);
    this.#gatherer.hear({ type: "rules" });
    this.#pollLater();
  }

  #hear(event: WatchEvent): void {
    this.#gatherer.hear(event);
    if (event.type !== "blind") return;
    this.#notice = event.notice;
    this.#wasGone = event.isGone;
    this.#options.log("warn", `${this.#root} is looked at now and then, as ${event.notice}`);
    this.#pollLater();
  }

  #pollLater(): void {
    const { pollMs = pollDefaultMs, rescanMs = rescanDefaultMs } = this.#options;
    clearTimeout(this.#polling);
    if (this.#ending.signal.aborted) return;
    const leastMs = this.#notice === undefined ? rescanMs : pollMs;
    this.#polling = setTimeout(() => this.#poll(), Math.max(leastMs, pollShare * this.#lookMs));
  }

  #poll(): void {
    const isThere = statSync(this.#root, { throwIfNoEntry: false }) !== undefined;
    const isBack = isThere && this.#wasGone;
    this.#wasGone = !isThere;
    if (isBack) void this.#start();
    else if (isThere && this.#gatherer.isIdle) this.#gatherer.hear({ type: "rules" });
    if (!isBack) this.#pollLater();
  }

  async #look(paths: readonly string[] | undefined): Promise<void> {
    const began = performance.now();
    try {
      // A run of everything that goes on would be taken over, and its work lost.
      if (paths === undefined) await this.#waitForIndexing();
      if (this.#ending.signal.aborted) return;
      const args: JsonObject = { root: this.#root, ...(paths === undefined ? {} : { paths }) };
      const priority: Priority = this.#notice === undefined ? 9 : 3;
      const { task } = await this.#options.tasks.enqueue({ kind: refreshKind, args, priority });
      await this.#waitFor(task.task_id);
    } catch (error) {
      if (!this.#ending.signal.aborted)
        this.#options.log("warn", `${this.#root} is not brought up to date: ${String(error)}`);
    }
    this.#lookMs = performance.now() - began;
  }

  async #waitForIndexing(): Promise<void> {
    const states = ["PENDING", "STARTED", "PROGRESS", "RETRY"] as const;
    for (;;) {
      const active = await this.#options.tasks.list({ states, limit: 10_000 });
      const mine = active.find(({ kind, args }) => kind === indexKind && args["root"] === this.#root);
      if (mine === undefined || this.#ending.signal.aborted) return;
      await this.#waitFor(mine.task_id);
    }
  }

  /** A task that has succeeded may have left the store. */
  async #waitFor(taskId: string): Promise<void> {
    const { tasks } = this.#options;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      if ((await tasks.find(taskId)) === undefined) return;
      try {
        const task = await tasks.wait(taskId, { timeoutMs: stepMs, signal });
        if (terminalStates.has(task.state)) return;
      } catch (error) {
        if ((await tasks.find(taskId)) === undefined) return;
        throw error;
      }
    }
  }
}
