/**
 * An order to stop, with its reason. Each job has two, which almost never are given: two AbortControllers would cost
 * more than everything else that the pool does for a short job.
 */
import type { CambiumError } from "../errors.ts";

export class StopOrder {
  #reason: CambiumError | undefined;
  #listeners: (() => void)[] | undefined;

  /** Undefined until it is given. */
  get reason(): CambiumError | undefined {
    return this.#reason;
  }

  /** The first one counts. */
  give(reason: CambiumError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    for (const listener of this.#listeners ?? []) listener();
    this.#listeners = undefined;
  }

  /** Never calls the listener of an order that was given before. */
  onGiven(listener: () => void): void {
    this.#listeners ??= [];
    this.#listeners.push(listener);
  }
}
