/** The built program as a user runs it, with a data folder of its own that is cleaned up with its processes. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { until as waitUntil } from "../fixtures/until.ts";

export const program = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "dist", "main.js");

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  /** CAMBIUM_HOME of everything that is started here. */
  readonly home: string;
  /** A scratch folder for repositories. */
  readonly scratch: string;
  readonly env: NodeJS.ProcessEnv;
  run(
    args: readonly string[],
    options?: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
  ): Promise<Run>;
  /** Runs with `--json` and returns the document. Throws what stderr says when the exit code is not 0. */
  json(args: readonly string[], options?: { readonly cwd?: string }): Promise<Record<string, unknown>>;
  start(
    args: readonly string[],
    options?: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
  ): ChildProcess;
  /** Ids of the live processes of this place whose command line holds the words, in the order they began. */
  processes(words: string): number[];
  write(path: string, content: string | Buffer): string;
  dispose(): void;
}

export function openPlace(settings: NodeJS.ProcessEnv = {}): Place {
  const top = mkdtempSync(join(tmpdir(), "cambium-test-"));
  const home = join(top, "home");
  const scratch = join(top, "scratch");
  mkdirSync(scratch);
  const env = { ...process.env, CAMBIUM_HOME: home, NO_COLOR: "1", ...settings };
  const place: Place = {
    home,
    scratch,
    env,
    run: (args, options) => collect(spawnProgram(args, { ...env, ...options?.env }, options?.cwd ?? scratch)),
    json: async (args, options) => {
      const { status, stdout, stderr } = await place.run([...args, "--json"], options);
      if (status !== 0) throw new Error(`cambium ${args.join(" ")} ended ${status}: ${stderr}${stdout}`);
      return JSON.parse(stdout) as Record<string, unknown>;
    },
    start: (args, options) => spawnProgram(args, { ...env, ...options?.env }, options?.cwd ?? scratch),
    processes: (words) => findProcesses(home, words),
    write: (path, content) => {
      const target = join(scratch, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
      return target;
    },
    dispose: () => {
      for (const pid of findProcesses(home, "")) kill(pid);
      rmSync(top, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
  return place;
}

function spawnProgram(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): ChildProcess {
  return spawn(process.execPath, [program, ...args], { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
}

export function collect(child: ChildProcess): Promise<Run> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** Linux: by the environment that a process was started with. */
function findProcesses(home: string, words: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, "latin1").includes(`CAMBIUM_HOME=${home}\0`)) return false;
        if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"))) return false;
        return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").includes(words);
      } catch {
        return false;
      }
    })
    .map(Number)
    .sort((a, b) => a - b);
}

export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself in the meantime.
  }
}

/** Asks until the condition holds, for as long as a whole program may take. */
export const until = <T>(what: string, condition: () => Promise<T | false> | T | false, limitMs = 60_000) =>
  waitUntil(what, condition, limitMs);
