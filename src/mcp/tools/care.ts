/** Starts the tasks of upkeep: cleaning the index, verifying a repository, looking at its skipped files again. */
import { CambiumError } from "../../errors.ts";
import type { TaskRecord } from "../../jobs/task.ts";
import { chooseExactly } from "../repository-choice.ts";
import type { ToolDeps } from "../tool.ts";
import { activeIndexTasks, startIndexing } from "./repositories.ts";

/** Makes or joins the task that cleans the whole index. */
export async function startCleanUp({ tasks }: ToolDeps): Promise<TaskRecord> {
  return (await tasks.enqueue({ kind: "cleanup", args: {}, deduplicationKey: "all" })).task;
}

/** Refuses with `conflict` while the repository is being indexed, as its rows change then. */
export async function startVerifying(named: string, deps: ToolDeps): Promise<TaskRecord> {
  const { root, repository } = chooseExactly(deps.index, named, deps.cwd);
  const [running] = await activeIndexTasks(deps, root);
  if (running !== undefined) {
    throw new CambiumError(
      "conflict",
      `${repository} is being indexed by task ${running.task_id}. Wait for its end (\`cambium task ${running.task_id} --wait\`), then verify it.`,
    );
  }
  const request = { kind: "verify", args: { root }, deduplicationKey: root };
  return (await deps.tasks.enqueue(request)).task;
}

/** Has the skipped and failed files of a repository looked at again, after a running task of it. */
export async function startRetryingFiles(named: string, deps: ToolDeps): Promise<TaskRecord> {
  const { root } = chooseExactly(deps.index, named, deps.cwd);
  return (await startIndexing(root, deps, true)).task;
}
