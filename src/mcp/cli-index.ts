/** `cambium index`: starts or joins the task of a folder, and with `--wait` follows it to its end. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { toFailure } from "../errors.ts";
import { type TaskRecord, terminalStates } from "../jobs/task.ts";
import { openProgress } from "./cli-progress.ts";
import type { Session } from "./cli-session.ts";
import { exitCodeOf } from "./failures.ts";
import { isTerminal, sayStanding } from "./task-view.ts";
import type { ToolDeps } from "./tool.ts";
import { startIndexing } from "./tools/repositories.ts";
import { warningOfWorker } from "./tools/tasks.ts";

const waitStepMs = 60_000;
/** So long a store that does not answer is waited for, and so often it is asked again. */
const storePatienceMs = 60_000;
const storeStepMs = 1000;

export function addIndexCommand(program: Command, session: Session): void {
  program
    .command("index")
    .description("index a folder of code in the background; only what changed is read again")
    .argument("<path>", "the repository's folder")
    .option("--wait", "show progress until the task ends; Ctrl-C stops only the waiting")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nExamples:\n  $ cambium index . --wait\n  $ cambium index ~/code/project\n  $ cambium index . --wait --json",
    )
    .action(async (path: string, options: { wait?: boolean }) => {
      const deps = await session.deps(program, existsSync(path) ? "worker" : undefined);
      const { task, joined, root } = await startIndexing(path, deps);
      const warning = await warningOfWorker(deps);
      if (warning !== undefined) session.note(`${session.colors.err.yellow("warning")} ${warning}`);
      if (joined) session.note(`Joined the task that already indexes this folder: ${task.task_id}`);
      const last = options.wait === true ? await followTask(task, deps, session) : task;
      answerTask(last, root, deps, session, options.wait === true);
    });
}

/** Until the task ends or Ctrl-C, which ends only the waiting. Sets the exit code. */
export async function followTask(task: TaskRecord, deps: ToolDeps, session: Session): Promise<TaskRecord> {
  session.takeSignals();
  const { signal } = session.io;
  const progress = openProgress(session.io);
  const onProgress = (newer: TaskRecord) => {
    latest = newer;
    progress.show(newer);
  };
  const goesOn = `Stopped waiting; the task goes on. See it: cambium task ${task.task_id}   End it: cambium cancel ${task.task_id}`;
  let latest = task;
  let goneSince: number | undefined;
  try {
    if (!isTerminal(task)) progress.show(task);
    while (!isTerminal(latest) && !signal.aborted) {
      const timeoutMs = goneSince === undefined ? waitStepMs : storeStepMs;
      try {
        latest = await deps.tasks.wait(task.task_id, { timeoutMs, signal, onProgress });
        goneSince = undefined;
      } catch (error) {
        goneSince ??= performance.now();
        if (toFailure(error).code !== "unavailable") throw error;
        if (performance.now() - goneSince > storePatienceMs) {
          session.note(goesOn);
          throw error;
        }
        progress.show(withoutStore(latest));
        await sleep(storeStepMs, undefined, { signal }).catch(() => {});
      }
    }
  } finally {
    progress.end();
  }
  session.exitCode = exitCodeAfter(latest);
  if (!isTerminal(latest)) session.note(goesOn);
  return latest;
}

/** The task runs elsewhere, and a store that was restarted comes back. */
function withoutStore(task: TaskRecord): TaskRecord {
  const progress = task.progress ?? { phase: "wait", done: 0, total: 0, unit: "files" };
  const waiting_for = "the task store, which does not answer";
  return { ...task, progress: { ...progress, rate: null, eta_seconds: null, waiting_for } };
}

function exitCodeAfter(task: TaskRecord): number {
  if (task.state === "SUCCESS") return 0;
  return task.state === "FAILURE" ? exitCodeOf(task.error?.code ?? "internal") : exitCodeOf("cancelled");
}

export function answerTask(
  task: TaskRecord,
  root: string,
  deps: ToolDeps,
  session: Session,
  waited: boolean,
): void {
  const { task_id, state, error, result } = task;
  const repository = typeof result?.["repository"] === "string" ? result["repository"] : nameOf(root, deps);
  const document = {
    task_id,
    state,
    repository,
    ...(error === null ? {} : { error }),
    ...(waited ? result : {}),
  };
  if (terminalStates.has(state)) {
    const paint = state === "SUCCESS" ? session.colors.out.green : session.colors.out.red;
    const words = `${paint(repository)}: ${sayStanding(task)}`;
    if (state === "SUCCESS")
      session.answer(document, `${words}\nAsk it something: cambium search "…" --repo ${repository}`);
    else {
      session.note(words);
      session.answer(document, "");
    }
    return;
  }
  const follow = waited
    ? ""
    : `\nFollow it: cambium task ${task_id} --wait   Search already works: cambium search "…"`;
  session.answer(document, `${repository}: task ${task_id} is ${state}${follow}`);
}

/** As the index knows it, or as it will most likely be called. A damaged index must not spoil the answer: the task mends it. */
function nameOf(root: string, deps: ToolDeps): string {
  try {
    return deps.index.repositories().find((known) => known.root === root)?.repository ?? basename(root);
  } catch {
    return basename(root);
  }
}
