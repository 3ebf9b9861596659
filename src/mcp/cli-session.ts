/** One run of the command line: where it writes, what it was asked for, and the stores it opened. */

import type { Command } from "commander";
import pc from "picocolors";
import { toFailure } from "../errors.ts";
import type { DoctorCheck } from "./doctor.ts";
import { describeForLog, exitCodeOf, wordings } from "./failures.ts";
import type { InitPlaces } from "./init.ts";
import type { ToolDeps } from "./tool.ts";

/** A terminal says so by `isTTY`. */
export type CliStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

export interface CliIo {
  readonly stdout: CliStream;
  readonly stderr: CliStream;
  /** True where the environment says NO_COLOR. */
  readonly noColor: boolean;
  /** Aborts at Ctrl-C: a waiting command stops waiting and says that the task goes on. */
  readonly signal: AbortSignal;
}

/** Settings given as flags (`--home`, `--max-file-bytes` …), by the name of the setting. */
export type SettingFlags = Readonly<Record<string, string>>;

/** What `cambium worker` is told beside the settings. */
export interface WorkerFlags {
  /** The only ones to serve; all by default. */
  readonly queues?: readonly string[];
  readonly autoscale?: { readonly max: number; readonly min: number };
  readonly maxTasksPerChild?: number;
  readonly maxMemoryPerChildBytes?: number;
  /** Unique among the living workers; made of the host and the process by default. */
  readonly name?: string;
}

/** What the composition root gives: everything that mcp/ may not import. */
export interface CliRoot {
  readonly version: string;
  /** `settings` of config.ts: each becomes a flag of every command, named after its variable, but those with `noFlag`. */
  readonly settings: Readonly<
    Record<
      string,
      { readonly env: string; readonly about: string; readonly noFlag?: true; readonly isSwitch?: true }
    >
  >;
  /** Opens the stores; called at most once, and only by commands that need them. `ahead` starts what will be needed. */
  open(flags: SettingFlags, ahead?: "worker"): Promise<ToolDeps>;
  serveMcp(flags: SettingFlags): Promise<void>;
  /** Until a signal ends it; `onReady` is called when it listens. */
  serveHttp(
    flags: SettingFlags,
    options: { readonly host: string; readonly port: number },
    onReady: (door: { readonly url: string; readonly port: number }) => void,
  ): Promise<void>;
  runWorker(flags: SettingFlags, options: WorkerFlags): Promise<void>;
  /** Where clients keep their settings, and what they are to start. */
  initPlaces(flags: SettingFlags): InitPlaces | Promise<InitPlaces>;
  doctorChecks(flags: SettingFlags): Promise<readonly DoctorCheck[]>;
}

type Colors = ReturnType<typeof pc.createColors>;

export interface Session {
  readonly io: CliIo;
  readonly root: CliRoot;
  readonly colors: { readonly out: Colors; readonly err: Colors };
  exitCode: number;
  /** The settings among the options of the program. */
  flags(program: Command): SettingFlags;
  deps(program: Command, ahead?: "worker"): Promise<ToolDeps>;
  /** The one answer of the command: the document with `--json`, else the words. */
  answer(document: object, words: string): void;
  /** Progress and warnings: never on stdout. */
  note(line: string): void;
  /** From here on the command itself ends well at Ctrl-C. */
  takeSignals(): void;
  ownsSignals(): boolean;
  /** Says what went wrong and returns the exit code. */
  fail(thrown: unknown): number;
  close(): Promise<void>;
}

/** `CAMBIUM_MAX_FILE_BYTES` is the flag `max-file-bytes`. */
export function flagOf(env: string): string {
  return env
    .replace(/^CAMBIUM_/, "")
    .toLowerCase()
    .replaceAll("_", "-");
}

/** How long the end of a command may take. */
const closeLimitMs = 2000;

export function openSession(argv: readonly string[], io: CliIo, root: CliRoot): Session {
  const json = argv.includes("--json");
  const colorsFor = (stream: CliStream) => pc.createColors(stream.isTTY === true && !io.noColor);
  const colors = { out: colorsFor(io.stdout), err: colorsFor(io.stderr) };
  let opened: Promise<ToolDeps> | undefined;
  let signalsTaken = false;
  const note = (line: string) => void io.stderr.write(`${line}\n`);
  const session: Session = {
    io,
    root,
    colors,
    exitCode: 0,
    flags: (program) => readFlags(program, root),
    deps: (program, ahead) => {
      opened ??= root.open(session.flags(program), ahead);
      return opened;
    },
    answer: (document, words) =>
      void io.stdout.write(json ? `${JSON.stringify(document)}\n` : words === "" ? "" : `${words}\n`),
    note,
    takeSignals: () => {
      signalsTaken = true;
    },
    ownsSignals: () => signalsTaken,
    fail: (thrown) => {
      const failure = toFailure(thrown);
      const { advice } = wordings[failure.code];
      note(
        `${colors.err.red("error")} ${failure.code === "internal" ? describeForLog(thrown) : failure.message}`,
      );
      if (advice !== "" && failure.code !== "cancelled") note(advice);
      if (json)
        io.stdout.write(`${JSON.stringify({ error: { code: failure.code, message: failure.message } })}\n`);
      return exitCodeOf(failure.code);
    },
    close: async () => {
      if (opened !== undefined) await closeWithin(closeLimitMs, opened, note);
    },
  };
  return session;
}

function readFlags(program: Command, root: CliRoot): SettingFlags {
  const given = Object.entries(root.settings).flatMap(([name, { env }]) => {
    const option = program.options.find((candidate) => candidate.long === `--${flagOf(env)}`);
    const value: unknown = option === undefined ? undefined : program.getOptionValue(option.attributeName());
    if (value === true) return [[name, "true"] as const];
    return typeof value === "string" ? [[name, value] as const] : [];
  });
  return Object.fromEntries(given);
}

/** A store that does not open or close in time is left to the system: it is made to survive kill -9. */
async function closeWithin(
  limitMs: number,
  opened: Promise<ToolDeps>,
  note: (line: string) => void,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  const closing = opened.then(
    (deps) => deps.close(),
    () => {},
  );
  try {
    await Promise.race([closing, limit]);
  } catch (error) {
    note(`warning: closing failed: ${(error as Error).message}`);
  } finally {
    clearTimeout(timer);
  }
}
