/** The arithmetic of the one progress record: it never goes back, and it knows its rate and when it will end. */
import type { Progress, ProgressReport } from "./task.ts";

/** The record as it is stored with the task's job, with what is needed to continue it in another process. */
export interface StoredProgress extends Progress {
  /** In the order of their first appearance; the last is the current one. */
  readonly phases: readonly string[];
  /** When the phase began (ms since 1970), and how much was done then. */
  readonly since: number;
  readonly first: number;
  readonly at: number;
}

/** Until then the plain average since the phase began is the better guess. */
const smoothingMs = 15_000;

/**
 * The record after a report, or undefined if the report is of an earlier phase or changes nothing.
 * `done` never falls within a phase, and never passes `total`.
 */
export function advance(
  before: StoredProgress | undefined,
  report: ProgressReport,
  now: number,
): StoredProgress | undefined {
  if (before === undefined || !before.phases.includes(report.phase)) return begin(before, report, now);
  if (before.phase !== report.phase) return undefined;
  const done = Math.min(Math.max(before.done, report.done), Math.max(report.total, before.done));
  const total = Math.max(report.total, done);
  const waiting_for = report.waiting_for ?? null;
  if (done === before.done && total === before.total && before.waiting_for === waiting_for) return undefined;
  const rate = smoothRate(before, done, now);
  const at = done > before.done ? now : before.at;
  return {
    ...before,
    done,
    total,
    unit: report.unit,
    rate,
    eta_seconds: eta(total - done, rate),
    waiting_for,
    at,
  };
}

/** The record of a task that stands still for a reason that people should see. */
export function standStill(
  before: StoredProgress | undefined,
  waitingFor: string,
  now: number,
): StoredProgress {
  // A task that has not reported yet is in no phase of its own.
  const record = before ?? begin(undefined, { phase: "wait", done: 0, total: 0, unit: "files" }, now);
  return { ...record, waiting_for: waitingFor, eta_seconds: null };
}

/** What the doors show of it. */
export function shownProgress(stored: unknown): Progress | null {
  const record = storedProgress(stored);
  if (record === undefined) return null;
  const { phase, done, total, unit, rate, eta_seconds, waiting_for } = record;
  return { phase, done, total, unit, rate, eta_seconds, waiting_for };
}

/** BullMQ gives 0 for a job that never reported. */
export function storedProgress(value: unknown): StoredProgress | undefined {
  return typeof value === "object" && value !== null && "phases" in value
    ? (value as StoredProgress)
    : undefined;
}

function begin(before: StoredProgress | undefined, report: ProgressReport, now: number): StoredProgress {
  return {
    phase: report.phase,
    done: report.done,
    total: Math.max(report.total, report.done),
    unit: report.unit,
    rate: null,
    eta_seconds: null,
    waiting_for: report.waiting_for ?? null,
    phases: [...(before?.phases ?? []), report.phase],
    since: now,
    first: report.done,
    at: now,
  };
}

function smoothRate(before: StoredProgress, done: number, now: number): number | null {
  const elapsedMs = now - before.since;
  if (done === before.first || elapsedMs <= 0) return null;
  if (before.rate === null || elapsedMs < smoothingMs)
    return round((1000 * (done - before.first)) / elapsedMs);
  const stepMs = now - before.at;
  if (done === before.done || stepMs <= 0) return before.rate;
  const weight = 1 - Math.exp(-stepMs / smoothingMs);
  return round(before.rate + weight * ((1000 * (done - before.done)) / stepMs - before.rate));
}

const round = (value: number) => Math.round(value * 100) / 100;

function eta(left: number, rate: number | null): number | null {
  return rate === null || rate <= 0 ? null : Math.ceil(left / rate);
}
