/** Rates as people write them (`10/s`, `100/m`, `1000/h`), and the smooth limit of a queue that keeps them. */
import { CambiumError } from "../errors.ts";

/** What BullMQ keeps for a queue: at most `max` claims in any window of `duration` ms, over all workers. */
export interface QueueLimit {
  readonly max: number;
  readonly duration: number;
}

const unitMs = { s: 1000, m: 60_000, h: 3_600_000 } as const;
type Unit = keyof typeof unitMs;

/** A shorter window than this would cost more looks at the store than it lets jobs through. */
const windowMinMs = 10;

/**
 * One job a window, so that they are spread evenly instead of coming in bursts; only above 100 a second there are more
 * of them in one. Never more than was asked for, at most a few per cent less. Undefined for `none`: no limit.
 */
export function parseRate(text: string): QueueLimit | undefined {
  const wanted = text.trim().toLowerCase();
  if (wanted === "none" || wanted === "0") return undefined;
  const [, digits = "", unit = "s"] = /^(\d{1,6})\/([smh])$/.exec(wanted) ?? [];
  const count = Number(digits);
  if (count === 0) {
    throw new CambiumError(
      "invalid_argument",
      `${JSON.stringify(text)} is no rate. Write how many jobs in which time, for example 10/s, 100/m or 1000/h; "none" takes the limit away.`,
    );
  }
  const gapMs = unitMs[unit as Unit] / count;
  const max = Math.ceil(windowMinMs / gapMs);
  return { max, duration: Math.ceil(max * gapMs) };
}

/** The rate that `parseRate` reads as this limit. */
export function writeRate(limit: QueueLimit): string {
  for (const unit of ["s", "m", "h"] as const) {
    const rate = `${Math.round((limit.max * unitMs[unit]) / limit.duration)}/${unit}`;
    const again = rate.startsWith("0/") ? undefined : parseRate(rate);
    if (again?.max === limit.max && again.duration === limit.duration) return rate;
  }
  return `${limit.max} in ${limit.duration} ms`;
}
