/** The tools that follow and steer tasks: everything a client without MCP's own task support needs. */
import { z } from "zod";
import { CambiumError } from "../../errors.ts";
import { type TaskRecord, type TaskState, taskStates, unknownTask } from "../../jobs/task.ts";
import { sayFailure } from "../failures.ts";
import {
  isTerminal,
  nextCall,
  nextStep,
  percentOf,
  sayStanding,
  targetOf,
  viewTaskBriefly,
  viewTaskCut,
  viewTaskShortly,
} from "../task-view.ts";
import { oneLine } from "../text.ts";
import { answerWith, defineTool, type ToolAnswer, type ToolCall, type ToolDeps } from "../tool.ts";

const taskId = z.string().min(1).max(100);
const example = { task_id: "0f3c…" };
const reading = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
/** A sign of life at least this often, for clients that give up on a silent call. */
const heartbeatMs = 5000;

export const getTaskStatus = defineTool({
  name: "get_task_status",
  title: "Task status",
  description: "State, progress and result of one task, at once. To wait for its end, use wait_for_task.",
  input: z.object({ task_id: taskId }),
  example,
  annotations: reading,
  run: async ({ task_id }, deps) => answerTask(await findTask(deps, task_id)),
});

export const waitForTask = defineTool({
  name: "wait_for_task",
  title: "Wait for a task",
  description:
    "Waits until a task ends or timeout_s is over, then returns it. If it has not ended, call again; giving up never ends the task.",
  input: z.object({
    task_id: taskId,
    timeout_s: z.number().min(1).max(50).default(25),
  }),
  example,
  annotations: reading,
  run: async ({ task_id, timeout_s }, deps, call) => {
    const first = await findTask(deps, task_id);
    if (isTerminal(first)) return answerTask(first);
    return answerTask(await waitWithProgress(first, timeout_s * 1000, deps, call));
  },
});

const shownStates: ReadonlySet<string> = new Set(["active", ...taskStates]);

export const listTasks = defineTool({
  name: "list_tasks",
  title: "List tasks",
  description: "Recent tasks, newest first.",
  input: z.object({
    state: z
      .string()
      .transform((given) => (given === "active" ? given : given.toUpperCase()))
      .refine((given): given is TaskState | "active" => shownStates.has(given), {
        error: `one of ${[...shownStates].join(", ")}`,
      })
      .optional()
      .describe("active (not ended), or a state such as FAILURE."),
    limit: z.int().min(1).max(50).default(10),
  }),
  example: { state: "active" },
  annotations: reading,
  run: async ({ state, limit }, { tasks }) => {
    const states = state === "active" ? activeStates : state === undefined ? undefined : [state];
    const found = await tasks.list({ limit, ...(states === undefined ? {} : { states }) });
    const next =
      found.length === 0
        ? 'No such tasks. Call index_repository {"path":"…"} to start one.'
        : "Call get_task_status or wait_for_task with a task_id.";
    return answerWith({ tasks: found.map(viewTaskBriefly), next });
  },
});

export const cancelTask = defineTool({
  name: "cancel_task",
  title: "Cancel a task",
  description:
    "Asks a task to stop: it ends REVOKED once its running batch is stored. What was indexed stays searchable.",
  input: z.object({ task_id: taskId }),
  example,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  run: async ({ task_id }, deps) => {
    const before = await findTask(deps, task_id);
    const task = await deps.tasks.cancel(task_id);
    if (isTerminal(before)) return answerTask(task, `It had already ended: ${sayStanding(task)}.`);
    if (isTerminal(task)) return answerTask(task);
    return answerTask(
      task,
      `Cancelling: it ends when its running batch is stored. Call wait_for_task ${JSON.stringify({ task_id })} to see it end.`,
    );
  },
});

export const retryTask = defineTool({
  name: "retry_task",
  title: "Retry a task",
  description:
    "Runs a failed or cancelled task again under a new task_id. What was stored is not done twice.",
  input: z.object({ task_id: taskId }),
  example,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async ({ task_id }, deps) => {
    const task = await retryWithin(task_id, deps);
    return answerStarted(
      task,
      deps,
      task.task_id === task_id ? "It has not ended yet, so nothing was started. " : "",
    );
  },
});

export const activeStates = ["PENDING", "STARTED", "PROGRESS", "RETRY"] as const;

export async function findTask({ tasks }: ToolDeps, taskId: string): Promise<TaskRecord> {
  const task = await tasks.find(taskId);
  return task ?? unknownTask(taskId);
}

export async function retryWithin(taskId: string, deps: ToolDeps): Promise<TaskRecord> {
  refuseOutside(await findTask(deps, taskId), deps);
  return deps.tasks.retry(taskId);
}

/** Throws when the folder that a task is about may not be indexed (any more), or has become another one. */
export function refuseOutside(task: TaskRecord, deps: ToolDeps): void {
  const root = targetOf(task);
  const real = root === undefined ? undefined : deps.policy.resolveRepositoryRoot(root);
  if (real !== root) {
    throw new CambiumError(
      "forbidden",
      `${root} now leads to ${real}, which is not what the task was made for. Call index_repository ${JSON.stringify({ path: real })} (\`cambium index\`) if that is meant.`,
    );
  }
}

/** The answer to whoever has just started a task: it is durable even where no worker could be started. */
export async function answerStarted(task: TaskRecord, deps: ToolDeps, before = "") {
  const warning = isTerminal(task) ? undefined : await warningOfWorker(deps);
  const next = `${before}${warning === undefined ? "" : `${warning} `}${nextStep(task)}`;
  return { ...answerWith({ task_id: task.task_id, state: task.state, next }), task };
}

/** Undefined when a worker runs. */
export async function warningOfWorker(deps: ToolDeps): Promise<string | undefined> {
  try {
    await deps.ensureWorker();
    return undefined;
  } catch (error) {
    return `The task is stored, but no worker could be started (${oneLine((error as Error).message)}): run \`cambium worker\` or \`cambium doctor\`.`;
  }
}

function answerTask(task: TaskRecord, next: string = nextCall(task)) {
  const document = () => ({ ...viewTaskCut(task), next });
  return { ...answerWith({ ...viewTaskShortly(task), next }), document };
}

/** What the call that started the task would have answered at its end. */
export function answerEnded(task: TaskRecord): ToolAnswer {
  if (task.error === null) return answerTask(task);
  return { text: `${sayFailure(task.error)}\n${nextCall(task)}`, isError: true };
}

async function waitWithProgress(
  first: TaskRecord,
  timeoutMs: number,
  deps: ToolDeps,
  call: ToolCall,
): Promise<TaskRecord> {
  const { onProgress, signal } = call;
  if (onProgress === undefined) return deps.tasks.wait(first.task_id, { timeoutMs, signal });
  let latest = first;
  let sent = -1;
  const tell = () => {
    // It must grow, and a phase may begin again below what the last one reached.
    sent = Math.min(99.99, Math.max(sent + 0.001, percentOf(latest)));
    onProgress({ done: sent, total: 100, message: sayStanding(latest) });
  };
  const heartbeat = setInterval(tell, heartbeatMs);
  try {
    tell();
    return await deps.tasks.wait(first.task_id, {
      timeoutMs,
      signal,
      onProgress: (task) => {
        latest = task;
        if (percentOf(task) >= sent + 1 && !isTerminal(task)) tell();
      },
    });
  } finally {
    clearInterval(heartbeat);
  }
}
