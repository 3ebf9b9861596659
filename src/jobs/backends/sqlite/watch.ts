/** Waiting for changes of the queue file: at once for those of this process, by one shared poll for all others. */

/** Reading `PRAGMA data_version` takes 3 µs, so that the timer itself is what the poll costs. */
const idlePollMs = 25;
const busyPollMs = 5;
/** The poll is fast for so long after another process has written. */
const busyForMs = 300;

/** Either the awaited value, or when (ms since 1970) to look again without a change. */
export type Look<Value> = { readonly found: Value } | { readonly again?: number };

interface Waiter {
  readonly queue: string;
  check(): void;
}

export class Watch {
  readonly #readVersion: () => number;
  readonly #waiters = new Set<Waiter>();
  #version = Number.NaN;
  #busyUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(readVersion: () => number) {
    this.#readVersion = readVersion;
  }

  /**
   * Resolves with what `look` finds, or with null at the deadline, on abort and when the file is closed.
   * `look` is called now and after every change that may concern the queue.
   */
  wait<Value>(
    queue: string,
    look: () => Look<Value>,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Value | null> {
    return new Promise<Value | null>((resolve, reject) => {
      const deadline = performance.now() + timeoutMs;
      let timer: NodeJS.Timeout | undefined;
      const end = (settle: () => void) => {
        this.#waiters.delete(waiter);
        clearTimeout(timer);
        signal.removeEventListener("abort", waiter.check);
        settle();
      };
      const waiter: Waiter = {
        queue,
        check: () => {
          const left = deadline - performance.now();
          if (signal.aborted || this.#closed) return end(() => resolve(null));
          try {
            const seen = look();
            if ("found" in seen) return end(() => resolve(seen.found));
            if (left <= 0) return end(() => resolve(null));
            clearTimeout(timer);
            const dueMs = seen.again === undefined ? left : Math.min(left, seen.again - Date.now());
            timer = setTimeout(waiter.check, Math.min(Math.max(1, Math.ceil(dueMs)), 2 ** 30));
          } catch (error) {
            // A busy file is looked at again by the next poll.
            if (!/^SQLITE_BUSY/.test((error as { code?: string }).code ?? "")) end(() => reject(error));
            else if (left <= 0) end(() => resolve(null));
            else timer = setTimeout(waiter.check, busyPollMs);
          }
        },
      };
      this.#waiters.add(waiter);
      signal.addEventListener("abort", waiter.check);
      this.#poll();
      waiter.check();
    });
  }

  /** After a commit of this process. */
  announce(queues: readonly string[]): void {
    if (queues.length > 0)
      for (const waiter of [...this.#waiters]) if (queues.includes(waiter.queue)) waiter.check();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const waiter of [...this.#waiters]) waiter.check();
  }

  #poll(): void {
    if (this.#timer !== undefined || this.#closed) return;
    const tick = () => {
      this.#timer = undefined;
      if (this.#waiters.size === 0 || this.#closed) return;
      const before = this.#version;
      try {
        this.#version = this.#readVersion();
      } catch {
        // Read again by the next tick.
      }
      const now = performance.now();
      if (this.#version !== before) {
        this.#busyUntil = now + busyForMs;
        for (const waiter of [...this.#waiters]) waiter.check();
      }
      if (this.#waiters.size > 0)
        this.#timer = setTimeout(tick, now < this.#busyUntil ? busyPollMs : idlePollMs);
    };
    this.#timer = setTimeout(tick, busyPollMs);
  }
}
