/** Waiting for a task: woken by the queue's events, with a slow beat below them in case one is missed. */
import { loadQueueEvents, type QueueConnection, taskQueueName } from "./connection.ts";
import { type TaskRecord, terminalStates } from "./task.ts";

/** Tells who listens that something about a task has changed, not what. */
export interface TaskChanges {
  /** Returns the function that ends the subscription. */
  subscribe(taskId: string, listener: () => void): () => void;
  close(): Promise<void>;
}

const eventNames = [
  "active",
  "progress",
  "completed",
  "failed",
  "delayed",
  "waiting",
  "waiting-children",
  "stalled",
  "removed",
] as const;

export function watchTasks(through: QueueConnection): TaskChanges {
  const { QueueEvents } = loadQueueEvents();
  const events = new QueueEvents(taskQueueName, { connection: through.connection }, through.backend);
  events.on("error", () => {});
  const listeners = new Map<string, Set<() => void>>();
  for (const name of eventNames) {
    events.on(name, ({ jobId }: { jobId: string }) => {
      for (const listener of listeners.get(jobId) ?? []) listener();
    });
  }
  const subscribe = (taskId: string, listener: () => void) => {
    const mine = listeners.get(taskId) ?? new Set();
    listeners.set(taskId, mine.add(listener));
    return () => {
      mine.delete(listener);
      if (mine.size === 0) listeners.delete(taskId);
    };
  };
  return { subscribe, close: () => events.close() };
}

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (task: TaskRecord) => void;
  readonly look: () => Promise<TaskRecord>;
  readonly changes: TaskChanges;
  /** Called on each beat while the task is unfinished. */
  readonly onBeat: () => Promise<void>;
}

/** Bounds how late a missed event (the store restarted, the stream was trimmed) is noticed. */
const beatMs = 250;

/** Resolves with the task as it is when it has ended, the time is over or the signal aborts. */
export async function waitForTask(first: TaskRecord, options: WaitOptions): Promise<TaskRecord> {
  const deadline = performance.now() + options.timeoutMs;
  const bell = openBell(options.signal);
  const unsubscribe = options.changes.subscribe(first.task_id, bell.ring);
  let task = first;
  try {
    for (;;) {
      const newer = await options.look();
      if (hasChanged(task, newer)) options.onProgress?.(newer);
      task = newer;
      const leftMs = deadline - performance.now();
      if (terminalStates.has(task.state) || leftMs <= 0 || options.signal?.aborted === true) return task;
      await options.onBeat();
      await bell.wait(Math.min(beatMs, leftMs));
    }
  } finally {
    unsubscribe();
    bell.close();
  }
}

function hasChanged(before: TaskRecord, after: TaskRecord): boolean {
  const shown = ({ state, progress, attempts }: TaskRecord) => JSON.stringify([state, progress, attempts]);
  return shown(before) !== shown(after);
}

/** A ring while nobody waits is kept for the next wait, so that none is lost. */
function openBell(signal: AbortSignal | undefined) {
  let rung = false;
  let wake: (() => void) | undefined;
  const ring = () => {
    rung = true;
    wake?.();
  };
  signal?.addEventListener("abort", ring);
  const wait = async (timeoutMs: number) => {
    if (!rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wake = undefined;
    }
    rung = false;
  };
  return { ring, wait, close: () => signal?.removeEventListener("abort", ring) };
}
