/** A task in words and as JSON, the same for every door: what it is, how far it is, and what to do next. */
import { type JsonObject, type Progress, type TaskRecord, terminalStates } from "../jobs/task.ts";
import { cutText, grouped, oneLine, plural } from "./text.ts";

export function isTerminal(task: TaskRecord): boolean {
  return terminalStates.has(task.state);
}

/** The record without nothing left out: keys in a fixed order, `args.root` as the path that was asked for. */
export function viewTask(task: TaskRecord) {
  return {
    task_id: task.task_id,
    kind: task.kind,
    state: task.state,
    args: task.args,
    progress: task.progress,
    attempts: task.attempts,
    error: task.error,
    result: task.result,
    created_at: task.created_at,
    started_at: task.started_at,
    finished_at: task.finished_at,
  };
}

/** For a model that follows a task: what is null or known to it is left out, as each look costs tokens. */
export function viewTaskShortly(task: TaskRecord) {
  const { progress, error, result, attempts } = task;
  const path = targetOf(task);
  return {
    task_id: task.task_id,
    kind: task.kind,
    state: task.state,
    ...(path === undefined ? {} : { path }),
    ...(attempts > 1 ? { attempts } : {}),
    ...(progress === null || isTerminal(task) ? {} : { progress: withoutNulls(progress) }),
    ...(error === null ? {} : { error }),
    ...(result === null ? {} : { result: cutLarge(result) }),
  };
}

const withoutNulls = (progress: Progress) =>
  Object.fromEntries(Object.entries(progress).filter(([, value]) => value !== null));

const largeBytes = 16 * 1024;
const startLength = 1000;

/** For lists and models: a canvas may have arguments of megabytes, of which `cambium task <id> --json` shows all. */
export function viewTaskCut(task: TaskRecord) {
  return { ...viewTask(task), args: cutLarge(task.args), result: cutLarge(task.result) };
}

function cutLarge(value: JsonObject | null): JsonObject | null {
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  return bytes <= largeBytes ? value : { bytes, start: cutText(text, startLength) };
}

/** For lists: one short line of progress instead of the record. */
export function viewTaskBriefly(task: TaskRecord) {
  return {
    task_id: task.task_id,
    kind: task.kind,
    state: task.state,
    ...(targetOf(task) === undefined ? {} : { path: targetOf(task) }),
    progress: sayStanding(task),
    created_at: task.created_at,
    finished_at: task.finished_at,
  };
}

/** The folder an index task is about. */
export function targetOf(task: TaskRecord): string | undefined {
  const root = task.args["root"];
  return typeof root === "string" ? root : undefined;
}

/** One line on where the task stands. */
export function sayStanding(task: TaskRecord): string {
  switch (task.state) {
    case "SUCCESS":
      return saySummary(task);
    case "FAILURE":
      return `failed: ${task.error === null ? "no reason was recorded" : oneLine(`${task.error.code}: ${task.error.message}`, 400)}`;
    case "REVOKED":
      return "cancelled";
    case "RETRY":
      return `waits to try again after attempt ${task.attempts}${sayObstacle(task.progress)}`;
    default:
      if (task.progress !== null) return sayProgress(task.progress);
      return task.state === "PENDING" ? "waiting for a worker" : "starting";
  }
}

/** A task that has not ended has no `error`: why its last attempt failed stands in its progress. */
function sayObstacle(progress: Progress | null): string {
  const reason = progress?.waiting_for ?? null;
  return reason === null ? "" : `: ${oneLine(reason)}`;
}

export function sayProgress(progress: Progress): string {
  const { phase, done, total, unit, rate, eta_seconds: eta, waiting_for: waitingFor } = progress;
  // While files are still being found, done and total are the same and say nothing about the end.
  const known = total > 0 && total !== done;
  const counts = known
    ? `${grouped(done)}/${grouped(total)} ${unit} (${Math.floor((100 * done) / total)} %)`
    : `${grouped(done)} ${unit}`;
  const speed = rate === null ? "" : `, ${sayRate(rate)} ${unit}/s`;
  const end = eta === null || !known ? "" : `, about ${sayDuration(eta)} left`;
  return `${phase}: ${counts}${speed}${end}${waitingFor === null ? "" : `, waiting for ${waitingFor}`}`;
}

export function sayRate(rate: number): string {
  return rate >= 10 ? grouped(Math.round(rate)) : rate.toFixed(1);
}

export function sayDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

function saySummary({ result }: TaskRecord): string {
  const count = (key: string) => (typeof result?.[key] === "number" ? (result[key] as number) : undefined);
  const parts = [
    [count("files"), "file"],
    [count("symbols"), "symbol"],
    [count("references"), "reference"],
  ] as const;
  const counted = parts.flatMap(([value, noun]) => (value === undefined ? [] : [plural(value, noun)]));
  const skipped = count("files_skipped");
  const reused = count("reused");
  const seconds = count("seconds");
  // A schedule's run, which only starts or joins the task that does the work.
  if (typeof result?.["joined"] === "boolean" && typeof result["task_id"] === "string")
    return `${result["joined"] ? "joined" : "started"} task ${oneLine(result["task_id"])}`;
  const verified = sayVerified(result) ?? sayCleaned(result);
  if (verified !== undefined) return verified;
  return [
    counted.length === 0 ? "done" : `done: ${counted.join(", ")}`,
    ...(skipped ? [`${grouped(skipped)} skipped`] : []),
    ...(reused ? [`${grouped(reused)} reused`] : []),
    ...(seconds === undefined ? [] : [`in ${seconds.toFixed(1)} s`]),
    ...sayRefused(result?.["ignore_rules_refused"]),
  ].join(", ");
}

function sayVerified(result: JsonObject | null): string | undefined {
  if (typeof result?.["equal"] !== "boolean") return undefined;
  const count = (key: string) => Number(result[key] ?? 0);
  const stale =
    count("stale") === 0
      ? ""
      : `; ${plural(count("stale"), "file")} changed since and will be read by the next run`;
  return result["equal"]
    ? `equal: ${plural(count("files"), "file")} have the rows of a fresh index${stale}`
    : `${plural(count("differences_total"), "difference")} found and repaired${stale}`;
}

function sayCleaned(result: JsonObject | null): string | undefined {
  if (!Array.isArray(result?.["dropped"])) return undefined;
  const count = (key: string) => Number(result[key] ?? 0);
  const mib = (key: string) => `${(count(key) / 2 ** 20).toFixed(1)} MiB`;
  const damaged = Array.isArray(result["damaged"]) ? result["damaged"].length : 0;
  return [
    `done: ${plural(result["dropped"].length, "snapshot")} dropped`,
    `${plural(count("blobs_deleted"), "blob")} deleted`,
    ...(count("vectors_deleted") > 0 ? [`${plural(count("vectors_deleted"), "vector")} deleted`] : []),
    `${mib("bytes_before")} before, ${mib("bytes")} now`,
    ...(damaged === 0 ? [] : [`${plural(damaged, "index file")} damaged: index what it holds again`]),
    ...(result["over_quota"] === true ? ["still above the quota: remove a repository or raise it"] : []),
  ].join(", ");
}

/** Rules that hold nothing back: whoever wrote them has to know. */
function sayRefused(places: unknown): string[] {
  if (!Array.isArray(places) || places.length === 0) return [];
  const listed = oneLine(places.map(String).join(", "), 300);
  return [`but these ignore rules were not used, as they are too long or have too many wildcards: ${listed}`];
}

/** What a model should call next. */
export function nextStep(task: TaskRecord): string {
  const id = JSON.stringify({ task_id: task.task_id });
  switch (task.state) {
    case "SUCCESS": {
      const repository = task.result?.["repository"];
      const args = typeof repository === "string" ? { query: "…", repository } : { query: "…" };
      return `${sayStanding(task)}. Call search_code ${JSON.stringify(args)}.`;
    }
    case "FAILURE":
      return `It ${sayStanding(task)} Mend the cause, then call retry_task ${id}.`;
    case "REVOKED":
      return `It was cancelled; what was indexed before stays searchable. Call retry_task ${id} if it is wanted after all.`;
    default:
      return `${sayStanding(task)}. Call wait_for_task ${id}; search_code already answers from what is indexed.`;
  }
}

/** The same for whoever has the task's id and state before its eyes. */
export function nextCall(task: TaskRecord): string {
  switch (task.state) {
    case "SUCCESS":
      return "Call search_code or get_outline.";
    case "FAILURE":
      return "Mend the cause, then call retry_task.";
    case "REVOKED":
      return "What was indexed before stays searchable; retry_task runs it again.";
    case "RETRY":
      return `It ${sayStanding(task)}. Call wait_for_task.`;
    default:
      return `${task.progress === null ? `It is ${sayStanding(task)}. ` : ""}Call wait_for_task; search_code already answers.`;
  }
}

/**
 * How much of the task is done, from 0 to 100, for a caller's progress bar. Phases follow each other and each
 * counts from 0: only the indexing phase has an end that is known and worth showing.
 */
export function percentOf(task: TaskRecord): number {
  if (isTerminal(task)) return 100;
  const { progress } = task;
  if (progress === null || progress.phase === "scan" || progress.total <= 0) return 0;
  return progress.phase === "publish" ? 99 : Math.min(99, (99 * progress.done) / progress.total);
}
