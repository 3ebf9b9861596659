/** How much one caller may ask: so many requests a second, so many at a time, and so many open streams. */
import { tooMany } from "./refusal.ts";

export interface LimitOptions {
  /** Requests a second of one token, over any longer time; twice as many may come at once. */
  readonly ratePerSecond: number;
  /** Requests of one token that are being answered. */
  readonly concurrency: number;
  /** Of these, streams of events: each reads the store. */
  readonly streams: number;
}

export interface Limits {
  /** Takes a place until the returned function is called (more than once does nothing). Throws a refusal with 429. */
  enter(caller: string): () => void;
  enterStream(caller: string): () => void;
  /** Called for each token that was not known. Throws a refusal with 429. */
  countStranger(address: string): void;
}

/** Guessing a token of 256 bits is hopeless at any rate: this keeps a broken client from filling the log. */
const strangers = { ratePerSecond: 5, burst: 20 };
const bucketsMax = 1000;

export function openLimits({ ratePerSecond, concurrency, streams }: LimitOptions): Limits {
  const requests = new Buckets(ratePerSecond, 2 * ratePerSecond);
  const unknown = new Buckets(strangers.ratePerSecond, strangers.burst);
  const busy = new Places(concurrency, "requests that are being answered");
  const open = new Places(streams, "open streams");
  const pay = (buckets: Buckets, key: string, what: string) => {
    const waitSeconds = buckets.take(key);
    if (waitSeconds > 0) throw tooMany(`Too many ${what}. Wait and try again.`, waitSeconds);
  };
  return {
    enter: (caller) => {
      pay(requests, caller, `requests a second (the limit is ${ratePerSecond})`);
      return busy.take(caller);
    },
    enterStream: (caller) => open.take(caller),
    countStranger: (address) => pay(unknown, address, "requests without a token that is known here"),
  };
}

/** Token buckets; the longest unused one goes when there are too many. */
class Buckets {
  readonly #buckets = new Map<string, { level: number; at: number }>();
  readonly #rate: number;
  readonly #burst: number;

  constructor(rate: number, burst: number) {
    this.#rate = rate;
    this.#burst = burst;
  }

  /** 0, or the seconds until there is something to take. */
  take(key: string): number {
    const now = performance.now();
    const { level, at } = this.#buckets.get(key) ?? { level: this.#burst, at: now };
    const filled = Math.min(this.#burst, level + (this.#rate * (now - at)) / 1000);
    this.#buckets.delete(key);
    this.#buckets.set(key, { level: filled >= 1 ? filled - 1 : filled, at: now });
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= bucketsMax) break;
      this.#buckets.delete(oldest);
    }
    return filled >= 1 ? 0 : (1 - filled) / this.#rate;
  }
}

class Places {
  readonly #taken = new Map<string, number>();
  readonly #max: number;
  readonly #what: string;

  constructor(max: number, what: string) {
    this.#max = max;
    this.#what = what;
  }

  take(key: string): () => void {
    const count = this.#taken.get(key) ?? 0;
    if (count >= this.#max)
      throw tooMany(`Too many ${this.#what} (the limit is ${this.#max}). Wait until one ends.`);
    this.#taken.set(key, count + 1);
    let isGiven = true;
    return () => {
      if (!isGiven) return;
      isGiven = false;
      const left = (this.#taken.get(key) ?? 1) - 1;
      if (left === 0) this.#taken.delete(key);
      else this.#taken.set(key, left);
    };
  }
}
