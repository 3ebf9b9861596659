/** How many child processes the work asks for: up at once, down one by one once it has been calm. */
import { CambiumError } from "../errors.ts";
import type { AutoscaleRange } from "./running-worker.ts";

export interface Load {
  readonly size: number;
  readonly busy: number;
  /** Jobs that nobody runs yet, claimed or not. */
  readonly waiting: number;
}

/** A child costs a quarter of a second to start: it is kept through short pauses. */
const calmMs = 10_000;

export class Autoscaler {
  readonly range: AutoscaleRange;
  #neededAt: number;

  /** Throws `invalid_argument` for a range that is none. */
  constructor(range: AutoscaleRange, now: number) {
    const { max, min } = range;
    if (!Number.isInteger(max) || !Number.isInteger(min) || min < 1 || max < min || max > 1000) {
      throw new CambiumError(
        "invalid_argument",
        `The range ${max},${min} is refused. Give the most and then the fewest child processes, for example 8,2.`,
      );
    }
    this.range = range;
    this.#neededAt = now;
  }

  /** The size that it should have now. */
  next({ size, busy, waiting }: Load, now: number): number {
    const { max, min } = this.range;
    const isFull = busy >= size;
    if (isFull) this.#neededAt = now;
    if (isFull && waiting > 0) return clamp(size + waiting, min, max);
    if (now - this.#neededAt < calmMs) return clamp(size, min, max);
    this.#neededAt = now;
    return clamp(size - 1, min, max);
  }
}

const clamp = (value: number, min: number, max: number) => Math.min(max, Math.max(min, value));
