/** Starting the one detached worker of a data folder: any door may do it, and the registry lets only one live. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { CambiumError } from "../errors.ts";
import type { WorkerRegistry } from "./worker-registry.ts";

export interface DetachedCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment; this process's by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** The worker's output goes to this file; its folder is made if it is missing. */
  readonly logFile: string;
}

/** Longer than a worker needs from its start to its entry in the registry, on a busy machine. */
const startMs = 10_000;
const maxLogBytes = 4 * 1024 * 1024;

/**
 * Returns a function that starts a worker if none is alive. Call it after enqueueing, and about once a second while
 * waiting. Two doors that call it at once may start two processes, of which the registry refuses the second.
 * It throws `unavailable` when no process can be started.
 */
export function workerEnsurer(registry: WorkerRegistry, command: DetachedCommand): () => Promise<void> {
  let starting: { readonly child: ChildProcess; readonly at: number } | undefined;
  return async () => {
    const { child, at } = starting ?? {};
    const isStarting = child !== undefined && child.exitCode === null && child.signalCode === null;
    // On a full disk it fails again and again: not every second, as long as somebody waits.
    const hasFailed = (child?.exitCode ?? 0) !== 0;
    if ((isStarting || hasFailed) && at !== undefined && performance.now() < at + startMs) return;
    if ((await registry.alive()).length > 0) return;
    starting = { child: await spawnDetached(command), at: performance.now() };
  };
}

const askedMs = 1000;

/**
 * Returns a function that says what is missing while no worker is alive: on a store that several machines share,
 * people start the workers.
 */
export function missingWorker(registry: WorkerRegistry): () => Promise<string | undefined> {
  let isServed = true;
  let askedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() > askedAt + askedMs) {
      askedAt = performance.now();
      isServed = (await registry.alive()).length > 0;
    }
    return isServed ? undefined : 'a worker; start one with "cambium worker"';
  };
}

async function spawnDetached({ program, args, env, logFile }: DetachedCommand): Promise<ChildProcess> {
  const log = openLog(logFile);
  try {
    // Its own session: closing the terminal or the editor that opened this door must not end it.
    const child = spawn(program, [...args], {
      detached: true,
      stdio: ["ignore", log, log],
      ...(env === undefined ? {} : { env }),
      windowsHide: true,
    });
    await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    child.on("error", () => {});
    child.unref();
    return child;
  } catch (error) {
    const reason = (error as Error).message;
    throw new CambiumError("unavailable", `The background worker could not be started (${reason}).`, error);
  } finally {
    closeSync(log);
  }
}

function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxLogBytes) renameSync(path, `${path}.old`);
  return openSync(path, "a", 0o600);
}
