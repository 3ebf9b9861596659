/** What `cambium inspect` and `cambium control` share: whom to ask, how long, and who did not answer. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { CambiumError } from "../errors.ts";
import type { Answers, AskOptions } from "../jobs/control.ts";
import type { Session } from "./cli-session.ts";
import { exitCodeOf } from "./failures.ts";

export interface AskFlags {
  readonly workers?: readonly string[];
  readonly timeout: number;
}

const longestSeconds = 60;

/** `--destination` is what Celery calls it. */
export function addAskFlags(command: Command): Command {
  return command
    .addOption(
      new Option("-d, --workers <a,b>", "only these, by name; default: all that are alive").argParser(
        namesIn,
      ),
    )
    .addOption(
      new Option("--timeout <seconds>", "how long an answer may take")
        .argParser(seconds(0.01, longestSeconds))
        .default(1),
    )
    .option("--json", "print one JSON document");
}

/** What a command answers: the document of `--json`, and the words. */
export type StoreAnswer = readonly [document: object, words: string];

/**
 * A command that asks only the store, which may take as long as it needs unless it is told otherwise. Call it after
 * the command's own arguments and options; `answer` gets those as commander gives them.
 */
export function answerFromStore<Given extends unknown[]>(
  command: Command,
  session: Session,
  answer: (...given: Given) => Promise<StoreAnswer>,
): Command {
  const about = "how long the store may take; default: as it needs";
  return command
    .addOption(new Option("--timeout <seconds>", about).argParser(seconds(0.01, 3600)))
    .option("--json", "print one JSON document")
    .action(async (...given) => {
      const { timeout } = command.opts<{ timeout?: number }>();
      session.answer(...(await inTime(timeout, answer(...(given as unknown as Given)))));
    });
}

async function inTime<Value>(limitSeconds: number | undefined, work: Promise<Value>): Promise<Value> {
  if (limitSeconds === undefined) return work;
  const clock = new AbortController();
  const late = sleep(limitSeconds * 1000, undefined, { signal: clock.signal }).then(() => {
    throw new CambiumError("timeout", `The task store did not answer within ${limitSeconds} s.`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => {});
    clock.abort();
  }
}

export const askOptionsOf = ({ workers, timeout }: AskFlags): AskOptions => ({
  timeoutMs: timeout * 1000,
  ...(workers === undefined ? {} : { workers }),
});

/** Names who did not answer, or refused, and sets the exit code for it. */
export function noteSilence({ silent, refusals }: Answers, { timeout }: AskFlags, session: Session): void {
  for (const [name, failure] of Object.entries(refusals)) {
    session.note(`${session.colors.err.red(name)} refused: ${failure.message}`);
    session.exitCode = exitCodeOf(failure.code);
  }
  if (silent.length === 0) return;
  session.note(
    `${session.colors.err.yellow("no answer")} within ${timeout} s from: ${silent.join(", ")}. Ask again; a worker that stays silent is hung or stopped, and its jobs move on to others when its lease is over.`,
  );
  session.exitCode = exitCodeOf("unavailable");
}

/** Answers and refusals in one object, by worker. */
export function byWorker({ answers, refusals }: Answers): Record<string, unknown> {
  const refused = Object.entries(refusals).map(([name, error]) => [name, { error }] as const);
  return { ...answers, ...Object.fromEntries(refused) };
}

export function namesIn(list: string): readonly string[] {
  const names = list.split(",").map((name) => name.trim());
  if (!names.includes("")) return names;
  throw new InvalidArgumentError("It must be names with commas between them.");
}

export function seconds(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number of seconds from ${min} to ${max}.`);
  };
}

/** `8,2`: at most eight and at least two children; `8` alone means at least one. */
export function rangeIn(text: string): { readonly max: number; readonly min: number } {
  const [, max = "0", min = "1"] = /^(\d{1,3})(?:,(\d{1,3}))?$/.exec(text.replaceAll(" ", "")) ?? [];
  const range = { max: Number(max), min: Number(min) };
  if (range.min >= 1 && range.max >= range.min) return range;
  throw new InvalidArgumentError("It must be the most and the fewest processes, for example 8,2.");
}
