/**
 * MCP's extension for tasks over our own task store: a client that declares it is given the task instead of a text
 * about it, and follows it with `tasks/get`. It knows no transport; everybody else uses the tools that take a task id.
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import type { TaskRecord } from "../jobs/task.ts";
import { sayFailure } from "./failures.ts";
import { sayStanding } from "./task-view.ts";
import type { ToolAnswer, ToolDeps } from "./tool.ts";
import type { Offers } from "./tool-selection.ts";

export const tasksExtension = "io.modelcontextprotocol/tasks";

/** A running task is worth a look so often: its progress is written about as often. */
const pollIntervalMs = 1000;

export interface TaskDoor {
  readonly deps: () => Promise<ToolDeps>;
  /** Ended tasks are kept at least so long. */
  readonly taskTtlMs: number;
  /** What the call that made the task would have answered, had it waited for the end. */
  readonly outcome: (task: TaskRecord) => ToolAnswer;
  readonly resultOf: (answer: ToolAnswer) => Record<string, unknown>;
  readonly offers: Offers;
}

/** Tools that start a task: their client is given it to follow, and to cancel. */
const starting = ["index_repository", "retry_task"];

/** Whether a server that shows these tools has tasks to follow, and may have them cancelled. */
export const followsTasks = (offers: Offers): boolean => [...starting, "get_task_status"].some(offers);
const cancelsTasks = (offers: Offers): boolean => [...starting, "cancel_task"].some(offers);

/** Whether this very request says that its client follows tasks: an answer of one request holds for no other. */
export function declaresTasks({ mcpReq }: ServerContext): boolean {
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {};
  const capabilities = envelope[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
  return capabilities?.extensions?.[tasksExtension] !== undefined;
}

/** The answer to a call that started a task; it is stored before this is said. */
export function announceTask(task: TaskRecord, door: TaskDoor): Record<string, unknown> {
  return { resultType: "task", ...viewWire(task, door) };
}

/** `tasks/get`, `tasks/cancel` and `tasks/update`, for the generation of the protocol that has the extension. */
export function serveTasks(server: Server, door: TaskDoor): void {
  const serve = (method: string, answer: (task: TaskRecord, deps: ToolDeps) => Promise<object> | object) => {
    const params = z.looseObject({ taskId: z.string().min(1).max(200) });
    server.setRequestHandler(method, { params, result: z.looseObject({}) }, async ({ taskId }, context) => {
      refuseUndeclared(method, context);
      const deps = await door.deps();
      const task = await deps.tasks.find(taskId);
      if (task === undefined) throw unknownTask(taskId);
      return { ...(await answer(task, deps)) };
    });
  };
  if (followsTasks(door.offers)) serve("tasks/get", (task) => viewWhole(task, door));
  if (!cancelsTasks(door.offers)) return;
  // Asking again, or for a task that has ended, changes nothing: the acknowledgement is the same.
  serve("tasks/cancel", async (task, { tasks }) => {
    await tasks.cancel(task.task_id);
    return {};
  });
  // No task of ours asks its client for anything, so that there is nothing to take.
  serve("tasks/update", () => ({}));
}

function refuseUndeclared(method: string, context: ServerContext): void {
  if (declaresTasks(context)) return;
  // Without an envelope it is the older generation, which has no such method.
  if (context.mcpReq.envelope === undefined)
    throw new ProtocolError(ProtocolErrorCode.MethodNotFound, `Method not found: ${method}`);
  throw new MissingRequiredClientCapabilityError({
    requiredCapabilities: { extensions: { [tasksExtension]: {} } },
  });
}

function unknownTask(taskId: string): ProtocolError {
  const text = `There is no task ${JSON.stringify(taskId.slice(0, 80))}; the tool list_tasks shows those there are.`;
  return new ProtocolError(ProtocolErrorCode.InvalidParams, text);
}

function viewWhole(task: TaskRecord, door: TaskDoor): Record<string, unknown> {
  const whole = viewWire(task, door);
  const status = statusOf(task);
  if (status === "failed") {
    return { ...whole, error: { code: ProtocolErrorCode.InternalError, message: sayEnd(task) } };
  }
  if (status !== "completed") return whole;
  return { ...whole, result: { resultType: "complete", ...door.resultOf(door.outcome(task)) } };
}

function viewWire(task: TaskRecord, { taskTtlMs }: TaskDoor): Record<string, unknown> {
  return {
    taskId: task.task_id,
    status: statusOf(task),
    statusMessage:
      task.state === "FAILURE" && task.error !== null ? sayFailure(task.error) : sayStanding(task),
    createdAt: task.created_at,
    lastUpdatedAt: task.finished_at ?? task.started_at ?? task.created_at,
    ttlMs: lifetimeOf(task, taskTtlMs),
    pollIntervalMs,
  };
}

const sayEnd = (task: TaskRecord) =>
  task.state === "FAILURE" && task.error !== null ? sayFailure(task.error) : sayStanding(task);

/** From its creation; a task that has not ended is kept until it does. */
function lifetimeOf({ created_at, finished_at }: TaskRecord, taskTtlMs: number): number | null {
  return finished_at === null ? null : Date.parse(finished_at) - Date.parse(created_at) + taskTtlMs;
}

/** `failed` is for faults of ours; a task that ended with what its tool would have answered as an error has completed. */
function statusOf({ state, error }: TaskRecord): "working" | "completed" | "failed" | "cancelled" {
  if (state === "REVOKED") return "cancelled";
  if (state === "FAILURE" && error?.code === "internal") return "failed";
  return state === "SUCCESS" || state === "FAILURE" ? "completed" : "working";
}
