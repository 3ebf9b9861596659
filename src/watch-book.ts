/**
 * Who wants which folder kept fresh: one small file in the data folder for each process that asks, and one for each
 * worker that watches. What a process asked for ends with it, so that nothing is watched for nobody.
 */
import { randomUUID } from "node:crypto";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isDead, ownIdentity, ownOwner, parseOwner } from "./jobs/process-identity.ts";

/** How a folder is kept fresh: by the system's events, or by looking at everything now and then, with the reason. */
export interface WatchReport {
  readonly root: string;
  readonly mode: "events" | "polling";
  readonly folders: number;
  readonly notice?: string;
}

export interface WatchBook {
  /** Asks for a folder to be kept fresh while this process lives; idempotent. `root` is a real path. */
  keep(root: string): void;
  release(root: string): void;
  /** What living processes ask for. */
  wanted(): string[];
  /** What this worker watches. */
  report(reports: readonly WatchReport[]): void;
  /** What living workers watch; only those of others with `others`. */
  reports(whose?: "others"): WatchReport[];
  /** Withdraws what this process asked for and told. */
  close(): void;
}

interface Entry {
  readonly owner: string;
  readonly wants?: readonly string[];
  readonly watches?: readonly WatchReport[];
}

/** Of a process in another container nobody here knows whether it lives: it says so by the time of its file. */
const breathMs = 10_000;
const silentAfterMs = 60_000;

export function openWatchBook(home: string): WatchBook {
  return new FileBook(join(home, "watches"));
}

class FileBook implements WatchBook {
  readonly #folder: string;
  readonly #path: string;
  readonly #wants = new Set<string>();
  #watches: readonly WatchReport[] = [];
  #breath: NodeJS.Timeout | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, `${process.pid}-${randomUUID().slice(0, 8)}.json`);
  }

  keep(root: string): void {
    if (this.#wants.has(root)) return;
    this.#wants.add(root);
    this.#write();
  }

  release(root: string): void {
    if (this.#wants.delete(root)) this.#write();
  }

  wanted(): string[] {
    return [...new Set(this.#entries().flatMap(({ entry }) => entry.wants ?? []))].sort();
  }

  report(reports: readonly WatchReport[]): void {
    if (JSON.stringify(reports) === JSON.stringify(this.#watches)) return;
    this.#watches = reports;
    this.#write();
  }

  reports(whose?: "others"): WatchReport[] {
    const entries = this.#entries().filter(({ path }) => whose === undefined || path !== this.#path);
    return entries.flatMap(({ entry }) => entry.watches ?? []);
  }

  close(): void {
    clearInterval(this.#breath);
    this.#wants.clear();
    this.#watches = [];
    rmSync(this.#path, { force: true });
  }

  #write(): void {
    if (this.#wants.size === 0 && this.#watches.length === 0) {
      rmSync(this.#path, { force: true });
      return;
    }
    const entry: Entry = { owner: ownOwner, wants: [...this.#wants], watches: this.#watches };
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    // A reader sees all of it or nothing.
    writeFileSync(`${this.#path}.new`, JSON.stringify(entry), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
    this.#breath ??= setInterval(() => this.#breathe(), breathMs).unref();
  }

  #breathe(): void {
    const now = new Date();
    try {
      utimesSync(this.#path, now, now);
    } catch {
      // Nothing is wanted any more, or the data folder is gone.
    }
  }

  /** Of living processes; what the dead have left is removed. */
  #entries(): { readonly path: string; readonly entry: Entry }[] {
    return namesIn(this.#folder).flatMap((name) => {
      const path = join(this.#folder, name);
      const entry = readEntry(path);
      if (entry === undefined) return [];
      if (!isGone(path, entry)) return [{ path, entry }];
      rmSync(path, { force: true });
      return [];
    });
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
}

function readEntry(path: string): Entry | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Entry;
  } catch {
    return undefined;
  }
}

function isGone(path: string, { owner }: Entry): boolean {
  const identity = parseOwner(owner);
  if (identity.host === ownIdentity.host) return isDead(identity);
  const writtenAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - writtenAt > silentAfterMs;
}

/** So soon a worker that crashed is followed by another one. */
const ensureMs = 5000;

/** The asking side: who wants a folder fresh sees to it that a worker lives to keep it so. */
export function openFreshness(home: string, ensureWorker: () => Promise<void>) {
  const book = openWatchBook(home);
  const ensure = () => void ensureWorker().catch(() => {});
  let beat: NodeJS.Timeout | undefined;
  return {
    keep: (root: string) => {
      book.keep(root);
      ensure();
      beat ??= setInterval(ensure, ensureMs).unref();
    },
    kept: () => book.reports(),
    close: () => {
      clearInterval(beat);
      book.close();
    },
  };
}
