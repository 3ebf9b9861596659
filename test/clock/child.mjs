/** One handler for all kinds of the clock's proofs: it does what its arguments say, and notes each begin and end. */
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CambiumError } from "../../dist/errors.js";
import { runChild } from "../../dist/jobs/child.js";
import { kinds } from "./kinds.mjs";

/** One line each, appended in one write, so that lines of several processes never mix. */
function note(args, context, event, more = {}) {
  if (args.log === undefined) return;
  const { taskId, attempt, starts, crashes } = context;
  const line = {
    event,
    label: args.label,
    taskId,
    attempt,
    starts,
    crashes,
    pid: process.pid,
    at: now(),
    ...more,
  };
  appendFileSync(args.log, `${JSON.stringify(line)}\n`);
}
const now = () => performance.timeOrigin + performance.now();

const hog = [];

/**
 * Arguments, all optional: `log`, `label`, `crashes` (dies in so many first runs), `failures` and `code` (fails in so
 * many first attempts), `spinMs` (never yields), `ms`, `gate` (a file to wait for), `climb` (reports up to this),
 * `rests` (by a step of the climb, a file to wait for after it), `hogBytes` (never given back), `bytes` (size of the
 * result), `value` (the result), `tellsPid` (with it), `parts` (of a flow).
 */
async function work(args, context) {
  note(args, context, "begin");
  if (context.crashes < (args.crashes ?? 0)) process.kill(process.pid, "SIGKILL");
  if (context.attempt <= (args.failures ?? 0))
    throw new CambiumError(args.code ?? "unavailable", "As asked.");
  try {
    await takeTime(args, context);
  } catch (error) {
    note(args, context, "aborted", { code: context.signal.reason?.code });
    throw error;
  }
  note(args, context, "end", { previous: context.previous });
  const value = args.bytes === undefined ? (args.value ?? null) : "x".repeat(args.bytes);
  return { result: args.tellsPid ? { value, pid: process.pid } : { value } };
}

async function takeTime(args, context) {
  const until = performance.now() + (args.spinMs ?? 0);
  while (performance.now() < until) Math.random();
  if (args.hogBytes !== undefined) hog.push(Buffer.alloc(args.hogBytes, 1));
  for (let done = 1; done <= (args.climb ?? 0); done += 1) {
    context.report({ phase: "climb", done, total: args.climb, unit: "steps" });
    await sleep(5, undefined, { signal: context.signal });
    await waitFor(args.rests?.[done], context.signal);
  }
  if (args.ms !== undefined) await sleep(args.ms, undefined, { signal: context.signal });
  await waitFor(args.gate, context.signal);
}

async function waitFor(file, signal) {
  while (file !== undefined && !existsSync(file)) await sleep(10, undefined, { signal });
}

/** A task of parts: `parts` arguments for the kind `part`, each of which leaves a file when it is done. */
async function flow(args, context) {
  note(args, context, "begin");
  const missing = args.parts.filter((part) => !existsSync(join(args.folder, part.label)));
  if (missing.length === 0) return { result: { parts: args.parts.length } };
  return {
    waitFor: missing.map((part) => ({
      kind: args.kind ?? "part",
      key: part.label,
      args: { ...part, mark: join(args.folder, part.label) },
    })),
  };
}

async function part(args, context) {
  const outcome = await work(args, context);
  if (args.mark !== undefined) appendFileSync(args.mark, "x");
  return outcome;
}

const handlerOf = ({ kind, role }) => (kind === "flow" ? flow : role === "job" ? part : work);
runChild(new Map(kinds.map((kind) => [kind.kind, handlerOf(kind)])));
