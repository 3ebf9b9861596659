/** The schedules of a run with chaos: what they are, and what must hold of their runs in the end. */
import type { ScheduleTimes } from "../../src/jobs/schedules.ts";
import { until } from "../fixtures/until.ts";
import type { Note, Place } from "./place.ts";

/** One of each sort, as fast as they may be; the last one's runs are tasks that join each other. */
const schedules: readonly { readonly times: ScheduleTimes; readonly key?: string }[] = [
  { times: { everyMs: 1000 } },
  { times: { cron: "* * * * * *" } },
  { times: { everyMs: 1000 }, key: "joined" },
];
const idOf = (index: number) => `chaos-${index}`;
const labelOf = (index: number) => `scheduled-${index}`;
export const isScheduled = (label: string) => label.startsWith("scheduled-");

export class ChaosSchedules {
  readonly #place: Place;
  #beganAt = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  async start(): Promise<void> {
    this.#beganAt = Date.now();
    for (const [index, { times, key }] of schedules.entries()) {
      await this.#place.front.schedules.upsert(idOf(index), times, {
        kind: "work",
        args: { log: this.#place.log, label: labelOf(index), ms: 5 },
        // Before what waits, as else there would be few runs.
        priority: 9,
        ...(key === undefined ? {} : { deduplicationKey: key }),
      });
    }
  }

  /** Each must still go on; then they are removed. Answers what is broken, in words, and the tasks of all runs. */
  async stop(): Promise<{ readonly broken: string[]; readonly tasks: string[] }> {
    const now = Date.now();
    const broken: string[] = [];
    const end = async (index: number) => {
      await until(`schedule ${index} goes on`, () => this.#begins(index).some(({ at }) => at > now)).catch(
        (error: Error) => broken.push(error.message),
      );
      await this.#place.front.schedules.remove(idOf(index));
    };
    await Promise.all([...schedules.keys()].map(end));
    const slots = (Date.now() - this.#beganAt) / 1000 + 2;
    const tasks: string[] = [];
    for (const index of schedules.keys()) {
      const own = new Set(this.#begins(index).map(({ taskId }) => taskId));
      if (own.size > slots) broken.push(`schedule ${index} ran ${own.size} times in ${slots} s`);
      tasks.push(...own);
    }
    return { broken, tasks };
  }

  #begins(index: number): Note[] {
    return this.#place.notes(labelOf(index), "begin");
  }
}
