/** How each door says each failure: the exit code of the command line, the status over HTTP, and what MCP clients are told to do next. */
import { homedir } from "node:os";
import { type ErrorCode, type Failure, toFailure } from "../errors.ts";

interface Wording {
  /** As in sysexits: 2 the caller's mistake, 70 our fault, 75 try again later, 130 interrupted. */
  readonly exitCode: 2 | 70 | 75 | 130;
  /** 499 is what proxies write down for a caller that has gone: nobody reads it. */
  readonly httpStatus: 400 | 403 | 404 | 409 | 429 | 499 | 500 | 503 | 504;
  /** Follows the message, which itself says what is wrong; empty where that is enough. */
  readonly advice: string;
}

export const wordings = {
  invalid_argument: { exitCode: 2, httpStatus: 400, advice: "" },
  not_found: { exitCode: 2, httpStatus: 404, advice: "" },
  conflict: { exitCode: 2, httpStatus: 409, advice: "" },
  forbidden: {
    exitCode: 2,
    httpStatus: 403,
    advice: "Do not try to get around this; ask the person if it is needed.",
  },
  cancelled: {
    exitCode: 130,
    httpStatus: 499,
    advice: "It was cancelled on request. Start it again only if it is still wanted.",
  },
  unavailable: {
    exitCode: 75,
    httpStatus: 503,
    advice: "This passes: make the same call again in a few seconds.",
  },
  timeout: {
    exitCode: 75,
    httpStatus: 504,
    advice: "Make the same call again; narrow it if it times out again.",
  },
  exhausted: {
    exitCode: 75,
    httpStatus: 429,
    advice: "Something is full (disk, memory or open files): free some of it, then make the same call again.",
  },
  corrupt: {
    exitCode: 70,
    httpStatus: 500,
    advice: "Run `cambium doctor` to see what is damaged.",
  },
  internal: {
    exitCode: 70,
    httpStatus: 500,
    advice: "This is a fault in Cambium. Run `cambium doctor`, and report it if it comes again.",
  },
} as const satisfies Record<ErrorCode, Wording>;

/** The text of a failed call: its code, what is wrong, and what to do, without the home folder's name. */
export function sayFailure(failure: Failure): string {
  const { advice } = wordings[failure.code];
  return hideHome(`${failure.code}: ${failure.message}${advice === "" ? "" : `\n${advice}`}`);
}

export function exitCodeOf(code: ErrorCode): number {
  return wordings[code].exitCode;
}

/** For a log: the stack only where the fault is ours. */
export function describeForLog(thrown: unknown): string {
  const failure = toFailure(thrown);
  const stack = failure.code === "internal" && thrown instanceof Error ? `\n${thrown.stack ?? ""}` : "";
  return `${failure.code}: ${failure.message}${stack}`;
}

const home = homedir();

/** The home folder as `~`, which every path argument understands. */
export function hideHome(text: string): string {
  if (home.length < 2 || !text.includes(home)) return text;
  return text
    .split(home)
    .reduce(
      (before, after) => `${before}${/^[\w.-]/.test(after) || /[\w.~/-]$/.test(before) ? home : "~"}${after}`,
    );
}

/** `hideHome` in every string of a JSON value. */
export function hideHomeDeep<Value>(value: Value): Value {
  if (typeof value === "string") return hideHome(value) as Value;
  if (Array.isArray(value)) return value.map(hideHomeDeep) as Value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hideHomeDeep(inner)])) as Value;
}
