/** `cambium tasks`, `task`, `cancel` and `retry`: follows and steers tasks. */
import { type Command, Option } from "commander";
import { CambiumError } from "../errors.ts";
import { type TaskRecord, taskStates } from "../jobs/task.ts";
import { wholeNumber } from "./cli-ask.ts";
import { followTask } from "./cli-index.ts";
import type { Session } from "./cli-session.ts";
import { isTerminal, sayStanding, targetOf, viewTask, viewTaskCut } from "./task-view.ts";
import type { ToolDeps } from "./tool.ts";
import { startRetryingFiles } from "./tools/care.ts";
import { activeStates, findTask, retryWithin, warningOfWorker } from "./tools/tasks.ts";

export function addTaskCommands(program: Command, session: Session): void {
  program
    .command("tasks")
    .description("list tasks, newest first")
    .addOption(new Option("--state <state>", "only these").choices(["active", ...taskStates]))
    .addOption(new Option("--limit <n>", "at most so many").argParser(wholeNumber(1, 1000)).default(20))
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExamples:\n  $ cambium tasks\n  $ cambium tasks --state active --json")
    .action(async ({ state, limit }: { state?: "active" | TaskRecord["state"]; limit: number }) => {
      const { tasks } = await session.deps(program);
      const states = state === "active" ? activeStates : state === undefined ? undefined : [state];
      const found = await tasks.list({ limit, ...(states === undefined ? {} : { states }) });
      const words = found.map((task) => writeLine(task, session)).join("\n");
      session.answer({ tasks: found.map(viewTaskCut) }, words === "" ? "No tasks." : words);
    });
  program
    .command("task")
    .description("show one task")
    .argument("<id>", "as `cambium tasks` shows it")
    .option("--wait", "follow it until it ends; Ctrl-C stops only the waiting")
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExamples:\n  $ cambium task 3f1c… --wait\n  $ cambium task 3f1c… --json")
    .action(async (id: string, { wait }: { wait?: boolean }) => {
      const deps = await session.deps(program);
      const task = await findTask(deps, id);
      answerTask(wait === true ? await followTask(task, deps, session) : task, session);
    });
  program
    .command("cancel")
    .description("ask a task to stop; what it has indexed stays searchable")
    .argument("<id>", "as `cambium tasks` shows it")
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExamples:\n  $ cambium cancel 3f1c…")
    .action(async (id: string) => {
      const deps = await session.deps(program);
      const before = await findTask(deps, id);
      const task = await deps.tasks.cancel(id);
      if (isTerminal(before)) session.note("It had already ended.");
      else if (!isTerminal(task)) session.note("Cancelling: it ends when its running batch is stored.");
      answerTask(task, session);
    });
  addRetryCommand(program, session);
}

function addRetryCommand(program: Command, session: Session): void {
  program
    .command("retry")
    .description(
      "run a failed or cancelled task again, under a new id, or take up the skipped files of a repository",
    )
    .argument("[id]", "as `cambium tasks` shows it")
    .option("--files <repository>", "look again at the files that were skipped or failed there")
    .option("--wait", "follow it until it ends; Ctrl-C stops only the waiting")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nExamples:\n  $ cambium retry 3f1c… --wait\n  $ cambium retry --files flask --wait",
    )
    .action(async (id: string | undefined, { wait, files }: { wait?: boolean; files?: string }) => {
      const deps = await session.deps(program);
      const task = await retryTaskOrFiles(id, files, deps);
      const warning = await warningOfWorker(deps);
      if (warning !== undefined) session.note(`${session.colors.err.yellow("warning")} ${warning}`);
      if (task.task_id === id) session.note("It has not ended yet, so nothing was started.");
      answerTask(wait === true ? await followTask(task, deps, session) : task, session);
    });
}

function retryTaskOrFiles(id: string | undefined, files: string | undefined, deps: ToolDeps) {
  if (id !== undefined && files === undefined) return retryWithin(id, deps);
  if (id === undefined && files !== undefined) return startRetryingFiles(files, deps);
  const text =
    "Name a task, or say --files <repository>: `cambium retry 3f1c…`, `cambium retry --files flask`.";
  throw new CambiumError("invalid_argument", text);
}

function answerTask(task: TaskRecord, session: Session): void {
  session.answer(viewTask(task), writeLine(task, session));
}

function writeLine(task: TaskRecord, { colors: { out } }: Session): string {
  const paint = task.state === "SUCCESS" ? out.green : task.state === "FAILURE" ? out.red : out.yellow;
  const target = targetOf(task);
  return `${task.task_id}  ${paint(task.state.padEnd(8))} ${task.kind}${target === undefined ? "" : ` ${target}`}  ${out.dim(sayStanding(task))}`;
}
