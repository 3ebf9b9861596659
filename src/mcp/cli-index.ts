/** `cambium index`: starts or joins the task of a folder, and with `--wait` follows it to its end. */
import { basename } from "node:path";
import type { Command } from "commander";
import { type TaskRecord, terminalStates } from "../jobs/task.ts";
import { openProgress } from "./cli-progress.ts";
import type { Session } from "./cli-session.ts";
import { exitCodeOf } from "./failures.ts";
import { isTerminal, sayStanding } from "./task-view.ts";
import type { ToolDeps } from "./tool.ts";
import { startIndexing } from "./tools/repositories.ts";
import { warningOfWorker } from "./tools/tasks.ts";

const waitStepMs = 60_000;

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
      const deps = await session.deps(program);
      const { task, joined, root } = await startIndexing(path, deps);
      const warning = await warningOfWorker(deps);
      if (warning !== undefined) session.note(`${session.colors.err.yellow("warning")} ${warning}`);
      if (joined) session.note(`Joined the task that already indexes this folder: ${task.task_id}`);
      const last = options.wait === true ? await followTask(task, deps, session) : task;
      answerIndex(last, root, deps, session, options.wait === true);
    });
}

/** Until the task ends or Ctrl-C, which ends only the waiting. Sets the exit code. */
export async function followTask(task: TaskRecord, deps: ToolDeps, session: Session): Promise<TaskRecord> {
  session.takeSignals();
  const { signal } = session.io;
  const progress = openProgress(session.io);
  let latest = task;
  try {
    if (!isTerminal(task)) progress.show(task);
    while (!isTerminal(latest) && !signal.aborted) {
      latest = await deps.tasks.wait(task.task_id, {
        timeoutMs: waitStepMs,
        signal,
        onProgress: progress.show,
      });
    }
  } finally {
    progress.end();
  }
  session.exitCode = exitCodeAfter(latest);
  if (!isTerminal(latest)) {
    session.note(
      `Stopped waiting; the task goes on. See it: cambium task ${task.task_id}   End it: cambium cancel ${task.task_id}`,
    );
  }
  return latest;
}

function exitCodeAfter(task: TaskRecord): number {
  if (task.state === "SUCCESS") return 0;
  return task.state === "FAILURE" ? exitCodeOf(task.error?.code ?? "internal") : exitCodeOf("cancelled");
}

function answerIndex(
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
