/** How V8 and the system are set up for the processes that parse: what was measured to be fast, small at rest and in nobody's way. */
import { readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { setFlagsFromString } from "node:v8";

/**
 * All cores parse, so that whatever V8 does beside it takes turns with it. A large young generation, collected in the
 * same thread, and fewer, smaller optimisations took 15 % of the CPU time off prometheus (8.1 s to 6.9 s).
 */
export const childFlags = [
  "--max-old-space-size=1024",
  "--single-threaded-gc",
  "--min-semi-space-size=32",
  "--max-semi-space-size=32",
];
/** Without the large young generation a child that waits for the next saved file takes 60 MB less. */
export const restingChildFlags = ["--max-old-space-size=1024", "--single-threaded-gc"];
const tuning = ["--sparkplug", "--max-inlined-bytecode-size-cumulative=300"];
/** Node 22 no longer knows this one. */
const tuningOfNode20 = ["--interrupt-budget=400000"];

/** Enough to let a question go first, and not so much that on a busy machine nothing would be indexed any more. */
const niceness = 5;

/** Background work goes after whatever somebody waits for: answers, editors, builds. */
function stepBack(): void {
  try {
    setPriority(niceness);
    // Where Linux shares out time by sessions, a priority counts within one; a person's terminal is not ours to slow down.
    if (isSessionOfWorker()) writeFileSync("/proc/self/autogroup", String(niceness));
  } catch {
    // Some systems allow neither; then all go alike.
  }
}

function isSessionOfWorker(): boolean {
  const stat = readFileSync("/proc/self/stat", "latin1");
  const [, parent, , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return session === parent;
}

/** What can be set in the running process; to be called before anything large is loaded. */
export function tuneChild(): void {
  stepBack();
  const isNode20 = process.versions.node.startsWith("20.");
  for (const flag of [...tuning, ...(isNode20 ? tuningOfNode20 : [])]) setFlagsFromString(flag);
}
