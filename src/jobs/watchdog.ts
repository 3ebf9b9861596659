/** Notices that a queue has work for this worker, which has free hands and yet takes nothing. */

export interface QueueFacts {
  /** Ready jobs that nothing keeps back (no pause, no rate limit). */
  readonly takeable: number;
  readonly hasFreeHands: boolean;
  /** When this worker last took a job of it. */
  readonly takenAt: number;
  readonly now: number;
}

/** `recycle`: take the queue up through new connections; `stop`: that has not helped either. */
export type Verdict = "well" | "recycle" | "stop";

export class Watchdog {
  readonly #limitMs: number;
  readonly #watched = new Map<string, { stuckSince: number | undefined; recycledAt: number | undefined }>();

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  judge(queue: string, { takeable, hasFreeHands, takenAt, now }: QueueFacts): Verdict {
    const watched = this.#watched.get(queue) ?? { stuckSince: undefined, recycledAt: undefined };
    this.#watched.set(queue, watched);
    const hasTaken = watched.stuckSince !== undefined && takenAt > watched.stuckSince;
    if (takeable === 0 || !hasFreeHands || hasTaken) {
      watched.stuckSince = undefined;
      if (takeable === 0 || hasTaken) watched.recycledAt = undefined;
      return "well";
    }
    watched.stuckSince ??= now;
    if (now - watched.stuckSince < this.#limitMs) return "well";
    watched.stuckSince = now;
    if (watched.recycledAt !== undefined) return "stop";
    watched.recycledAt = now;
    return "recycle";
  }
}
