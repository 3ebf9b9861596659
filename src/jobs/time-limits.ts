/** How long a run of each kind may take: as its kind says, or as somebody has set it since. */
import { CambiumError } from "../errors.ts";
import type { TimeLimits } from "./running-worker.ts";
import type { StopOrder } from "./stop-order.ts";
import type { KindSpec } from "./task.ts";

export class TimeLimitBook {
  readonly #kinds: readonly KindSpec[];
  readonly #changed = new Map<string, TimeLimits>();

  constructor(kinds: readonly KindSpec[]) {
    this.#kinds = kinds;
  }

  /** Undefined brings back what the kind says. Throws `invalid_argument`. */
  set(kind: string, softMs: number | undefined, hardMs?: number): void {
    if (!this.#kinds.some((known) => known.kind === kind)) {
      const known = this.#kinds.map((spec) => spec.kind).join(", ");
      throw new CambiumError(
        "invalid_argument",
        `There is no kind ${JSON.stringify(kind)}. Known: ${known}.`,
      );
    }
    if (softMs === undefined) {
      this.#changed.delete(kind);
      return;
    }
    checkLimits(softMs, hardMs);
    this.#changed.set(kind, { soft_ms: softMs, hard_ms: hardMs ?? null });
  }

  of(kind: KindSpec): TimeLimits {
    const given = { soft_ms: kind.softTimeLimitMs, hard_ms: kind.hardTimeLimitMs ?? null };
    return this.#changed.get(kind.kind) ?? given;
  }
}

export function stopLater(order: StopOrder, limitMs: number, what: string): NodeJS.Timeout {
  const text = `The job took longer than its limit of ${limitMs / 1000} s; ${what} was stopped.`;
  return setTimeout(() => order.give(new CambiumError("timeout", text)), limitMs);
}

/** Longer than this no timer of Node waits. */
const timerMaxMs = 2 ** 31 - 1;

function checkLimits(softMs: number, hardMs: number | undefined): void {
  const isTime = (ms: number) => Number.isFinite(ms) && ms > 0 && ms <= timerMaxMs;
  if (isTime(softMs) && (hardMs === undefined || (isTime(hardMs) && hardMs >= softMs))) return;
  throw new CambiumError(
    "invalid_argument",
    "A time limit is a positive number of milliseconds below 24 days, and the hard one is not below the soft one.",
  );
}
