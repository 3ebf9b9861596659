/** The REST twins of the tools: which path is which tool, and what it answers. The OpenAPI document is made from this. */
import { z } from "zod";
import { taskStates } from "../../jobs/task.ts";
import { viewTaskCut } from "../task-view.ts";
import { answerWith, defineTool, type Tool } from "../tool.ts";
import { indexKind } from "../tools/repositories.ts";
import { activeStates } from "../tools/tasks.ts";
import { findTool, tools } from "../tools.ts";
import type { AnswerName } from "./rest-answers.ts";
import type { Method } from "./route.ts";
import { type Scope, scopeOfTool } from "./scopes.ts";

export interface RestRoute {
  readonly method: Method;
  readonly path: string;
  readonly tool: Tool;
  readonly scope: Scope;
  readonly status: 200 | 202;
  /** Its schema in `rest-answers.ts`. */
  readonly answer: AnswerName;
}

/** What REST offers: the twins of the tools that a server shows. */
export interface RestOffer {
  readonly routes: readonly RestRoute[];
  /** By the `kind` of `POST /v1/tasks`. */
  readonly starting: ReadonlyMap<string, Tool>;
}

/** What assistants are not shown, programs are not offered either. */
export function offerRest(shown: readonly Tool[]): RestOffer {
  const names = new Set(shown.map(({ name }) => name));
  const isShown = ({ name }: Tool) => names.has(name === listTaskRecords.name ? "list_tasks" : name);
  return {
    routes: restRoutes.filter(({ tool }) => isShown(tool)),
    starting: new Map([...startingTools].filter(([, tool]) => isShown(tool))),
  };
}

/** `list_tasks` for programs: whole records, and more of them. */
const listTaskRecords = defineTool({
  name: "list_task_records",
  title: "List tasks",
  description: "Tasks, newest first.",
  input: z.object({
    state: z.enum(["active", ...taskStates]).optional(),
    limit: z.int().min(1).max(1000).default(50),
  }),
  example: { state: "active" },
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async ({ state, limit }, { tasks }) => {
    const states = state === "active" ? activeStates : state === undefined ? undefined : [state];
    const found = await tasks.list({ limit, ...(states === undefined ? {} : { states }) });
    return answerWith({ tasks: found.map(viewTaskCut) });
  },
});

/** `POST /v1/tasks` names one of these as its `kind`. */
const startingTools: ReadonlyMap<string, Tool> = new Map([[indexKind, named("index_repository")]]);

const get = (path: string, tool: Tool, answer: AnswerName): RestRoute => ({
  method: "GET",
  path,
  tool,
  scope: scopeOfTool(tool),
  status: 200,
  answer,
});

export const restRoutes: readonly RestRoute[] = [
  get("/v1/tasks", listTaskRecords, "Tasks"),
  get("/v1/tasks/{task_id}", named("get_task_status"), "Task"),
  get("/v1/tasks/{task_id}/wait", named("wait_for_task"), "Task"),
  { ...get("/v1/tasks/{task_id}", named("cancel_task"), "Task"), method: "DELETE" },
  { ...get("/v1/tasks/{task_id}/retry", named("retry_task"), "StartedTask"), method: "POST", status: 202 },
  get("/v1/search", named("search_code"), "SearchAnswer"),
  get("/v1/symbols", named("find_symbol"), "Definitions"),
  get("/v1/references", named("find_references"), "References"),
  get("/v1/outline", named("get_outline"), "Outline"),
  get("/v1/repositories", named("list_repositories"), "Repositories"),
  { ...get("/v1/repositories/{repository}", named("remove_repository"), "Removed"), method: "DELETE" },
];

function named(name: string): Tool {
  const tool = findTool(name);
  if (tool !== undefined) return tool;
  throw new Error(`There is no tool ${name} among ${tools.map((one) => one.name).join(", ")}.`);
}
