/** REST: a path and its parameters become a call of a tool, and the tool's answer becomes JSON. */
import { readArguments } from "../arguments.ts";
import { firstOf } from "../first-of.ts";
import type { Tool, ToolAnswer } from "../tool.ts";
import { readJsonBody, sendJson } from "./exchange.ts";
import { Refusal } from "./refusal.ts";
import type { RestOffer, RestRoute } from "./rest-routes.ts";
import type { KnownRoute, KnownVisit } from "./route.ts";
import { demandScope, scopeOfTool } from "./scopes.ts";

/** `closing` ends waits when the server stops: they answer with the task as it then is. */
export function openRest({ routes, starting }: RestOffer, closing: AbortSignal): readonly KnownRoute[] {
  const all = routes.map((route) => routeOf(route, closing));
  return starting.size === 0 ? all : [...all, startTask(starting, closing)];
}

function routeOf({ method, path, tool, scope, status }: RestRoute, closing: AbortSignal): KnownRoute {
  return {
    open: false,
    methods: [method],
    path,
    scope,
    answer: async (visit) => {
      if (method !== "GET") await refuseBody(visit);
      const answer = await runTool(tool, { ...readQuery(visit.query), ...visit.params }, visit, closing);
      sendJson(visit.response, status, answer, status === 202 ? locationOf(answer) : {});
    },
  };
}

function startTask(starting: RestOffer["starting"], closing: AbortSignal): KnownRoute {
  return {
    open: false,
    methods: ["POST"],
    path: "/v1/tasks",
    scope: undefined,
    answer: async (visit) => {
      const { kind, args, ...rest } = asObject(await readJsonBody(visit.request));
      const tool = typeof kind === "string" ? starting.get(kind) : undefined;
      const [unknown] = Object.keys(rest);
      if (tool === undefined || unknown !== undefined) {
        const fault =
          tool === undefined ? '"kind" names no kind of task' : `"${unknown?.slice(0, 80)}" is unknown`;
        const [known, one] = [...starting][0] ?? [];
        throw new Refusal(
          400,
          "invalid_argument",
          `${fault}. Kinds: ${[...starting.keys()].join(", ")}. Send ${JSON.stringify({ kind: known, args: one?.example })}.`,
        );
      }
      demandScope(visit.caller.scopes, scopeOfTool(tool));
      const answer = await runTool(tool, args, visit, closing);
      sendJson(visit.response, 202, answer, locationOf(answer));
    },
  };
}

async function runTool(tool: Tool, raw: unknown, visit: KnownVisit, closing: AbortSignal): Promise<object> {
  const { note } = visit;
  note.tool = tool.name;
  const args = readArguments(tool, raw);
  const ending = firstOf(visit.gone, closing);
  try {
    const answer = documentOf(await tool.run(args, await visit.deps(), { signal: ending.signal }));
    const taskId = (answer as { task_id?: unknown }).task_id;
    if (typeof taskId === "string") note.taskId = taskId;
    return answer;
  } finally {
    ending.forget();
  }
}

function documentOf({ document, structured, text }: ToolAnswer): object {
  return document?.() ?? structured ?? { text };
}

function readQuery(query: URLSearchParams): Record<string, unknown> {
  const names = [...query.keys()];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return Object.fromEntries(query);
  throw new Refusal(400, "invalid_argument", `"${twice.slice(0, 80)}" stands there twice. Give it once.`);
}

/** These say all in their path; a body that would be overlooked is refused. */
async function refuseBody({ request }: KnownVisit): Promise<void> {
  const { "content-length": length = "0", "transfer-encoding": encoding } = request.headers;
  if (length === "0" && encoding === undefined) return;
  const body = await readJsonBody(request);
  if (body === undefined || Object.keys(asObject(body)).length === 0) return;
  throw new Refusal(400, "invalid_argument", "This takes no body; leave it out.");
}

function asObject(body: unknown): Record<string, unknown> {
  if (typeof body === "object" && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw new Refusal(400, "invalid_argument", "The body must be one JSON object.");
}

function locationOf(answer: object): Record<string, string> {
  const taskId = (answer as { task_id?: unknown }).task_id;
  return typeof taskId === "string" ? { Location: `/v1/tasks/${encodeURIComponent(taskId)}` } : {};
}
