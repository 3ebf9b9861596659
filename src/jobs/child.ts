/** The inside of a child process: serves the runs that its worker orders, and ends when that worker is gone. */
import { CambiumError, toFailure } from "../errors.ts";
import {
  type FromChild,
  type RunEnd,
  type RunOrder,
  reportIntervalMs,
  type ToChild,
} from "./pool-protocol.ts";
import type { Handler, JobContext, ProgressReport } from "./task.ts";

/** Serves runs until the worker disconnects. Call it once, in a process made by `fork`. */
export function runChild(handlers: ReadonlyMap<string, Handler>): void {
  const parent = process.ppid;
  const running = new Map<number, AbortController>();
  // A terminal sends Ctrl-C to the whole group; only the worker decides when a child ends.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => {});
  process.on("disconnect", () => process.exit(0));
  process.on("message", (message: ToChild) => {
    const { run } = message;
    if (message.type === "abort") {
      running.get(run)?.abort(new CambiumError(message.failure.code, message.failure.message));
      return;
    }
    const controller = new AbortController();
    running.set(run, controller);
    const reports = throttleReports(run, parent);
    void serve(handlers, message.order, controller.signal, reports).then((end) => {
      running.delete(run);
      say({ ...end, run, rssBytes: process.memoryUsage.rss() });
    });
  });
  say({ type: "ready", rssBytes: process.memoryUsage.rss() });
}

async function serve(
  handlers: ReadonlyMap<string, Handler>,
  order: RunOrder,
  signal: AbortSignal,
  reports: ReturnType<typeof throttleReports>,
): Promise<RunEnd> {
  try {
    const handler = handlers.get(order.kind);
    if (handler === undefined)
      throw new CambiumError("internal", `No handler is known for the kind "${order.kind}".`);
    const { kind: _kind, args, ...numbers } = order;
    const context: JobContext = { ...numbers, signal, report: reports.add };
    return { type: "outcome", outcome: await handler(args, context) };
  } catch (thrown) {
    // Code that is interrupted often throws an error of its own; the reason of the abort is what matters.
    return { type: "failure", failure: toFailure(signal.aborted ? signal.reason : thrown) };
  } finally {
    reports.flush();
  }
}

/** Sends the first report at once and then the newest of each interval, also from within a long synchronous run. */
function throttleReports(run: number, parent: number) {
  let sentAt = Number.NEGATIVE_INFINITY;
  let held: ProgressReport | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (held === undefined) return;
    say({ type: "report", run, report: held });
    held = undefined;
    sentAt = performance.now();
  };
  const add = (report: ProgressReport) => {
    // A busy loop never sees the `disconnect` event, but it sees that it was orphaned.
    if (process.ppid !== parent) process.exit(0);
    held = report;
    const wait = sentAt + reportIntervalMs - performance.now();
    if (wait <= 0) flush();
    else timer ??= setTimeout(flush, wait);
  };
  return { add, flush };
}

/** A closed channel means that the worker is gone, and with it everybody who could want the answer. */
function say(message: FromChild): void {
  if (!process.connected) process.exit(0);
  process.send?.(message, undefined, undefined, (error) => {
    if (error !== null) process.exit(0);
  });
}
