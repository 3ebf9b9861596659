/** What happens to one request, from the gate to the log: Host and Origin, route, token, limits, scope, answer. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { describeForLog } from "../failures.ts";
import type { ToolDeps } from "../tool.ts";
import { sendJson, setCommonHeaders } from "./exchange.ts";
import { checkOrigins } from "./gate.ts";
import type { Limits } from "./limits.ts";
import { asJsonRpc, mcpPath } from "./mcp-endpoint.ts";
import { Refusal, toRefusal } from "./refusal.ts";
import { findRoute, type RequestNote, type Route, type Visit } from "./route.ts";
import { demandScope } from "./scopes.ts";
import type { Tenant } from "./tenants.ts";
import type { Caller, Tokens } from "./tokens.ts";

export type LogLevel = "error" | "warn" | "info" | "debug";
export type Log = (level: LogLevel, entry: Readonly<Record<string, unknown>>) => void;

export interface AnsweringOptions {
  readonly hosts: readonly string[];
  readonly routes: readonly Route[];
  readonly tokens: Tokens;
  readonly limits: Limits;
  readonly deps: (tenant: Tenant) => Promise<ToolDeps>;
  readonly closing: AbortSignal;
  readonly log: Log;
  readonly onServed: (served: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly seconds: number;
    readonly tool?: string;
  }) => void;
}

/** Never rejects. */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  options: AnsweringOptions,
): Promise<void> {
  const note: RequestNote = { route: "none" };
  const began = performance.now();
  response.once("close", () => finish(request, response, note, began, options));
  // A socket that breaks while it is written to: its request is over, and nobody is left to be told.
  response.on("error", () => {});
  setCommonHeaders(response);
  try {
    await route(request, response, note, options);
  } catch (thrown) {
    refuse(thrown, request, response, note, options);
  }
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  note: RequestNote,
  options: AnsweringOptions,
): Promise<void> {
  const { routes, limits, closing } = options;
  checkOrigins(request, options.hosts);
  const target = request.url ?? "";
  if (!target.startsWith("/"))
    throw new Refusal(400, "invalid_argument", "The target of a request must be a path.");
  const [path = "", query = ""] = splitOnce(target, "?");
  const visitOf = (params: Visit["params"]): Visit => ({
    request,
    response,
    query: new URLSearchParams(query),
    params,
    gone: goneSignal(response),
    note,
  });
  const open = routes.find((one) => one.open && one.path === path);
  const caller = open === undefined ? admit(request, options) : undefined;
  if (caller !== undefined) note.caller = caller.name;
  const found = findRoute(routes, request.method ?? "", path);
  note.route = found.route.path;
  note.isProbe = found.route.open;
  if (found.route.open) return found.route.answer(visitOf(found.params));
  if (caller === undefined) return;
  if (closing.aborted)
    throw new Refusal(503, "unavailable", "The server is about to stop.", {
      Connection: "close",
      "Retry-After": "1",
    });
  const leave = limits.enter(caller.name);
  response.once("close", leave);
  if (found.route.scope !== undefined) demandScope(caller.scopes, found.route.scope);
  await found.route.answer({ ...visitOf(found.params), caller, deps: () => options.deps(caller) });
}

function admit(request: IncomingMessage, { tokens, limits }: AnsweringOptions): Caller {
  const { authorization } = request.headers;
  const caller = tokens.find(authorization);
  if (caller !== undefined) return caller;
  limits.countStranger(request.socket.remoteAddress ?? "");
  const fault = authorization === undefined ? "A token is missing" : "The token is not known here";
  throw new Refusal(
    401,
    "forbidden",
    `${fault}. Send "Authorization: Bearer …" with CAMBIUM_TOKEN, or a token of tokens.json in the data folder.`,
    {
      "WWW-Authenticate": `Bearer realm="cambium"${authorization === undefined ? "" : ', error="invalid_token"'}`,
    },
  );
}

function refuse(
  thrown: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  note: RequestNote,
  { log }: AnsweringOptions,
): void {
  const refusal = toRefusal(thrown);
  note.reason = refusal.message;
  if (refusal.status >= 500 && !(thrown instanceof Refusal))
    log("error", {
      message: describeForLog(thrown),
      route: note.route,
      ...(note.taskId === undefined ? {} : { task_id: note.taskId }),
    });
  const { status, code, message, headers } = refusal;
  const isMcp = (request.url ?? "").split("?")[0] === mcpPath;
  const body = isMcp ? asJsonRpc(refusal, {}) : { error: { code, message } };
  if (response.headersSent) response.destroy();
  else sendJson(response, status, body, { ...headers, ...(request.complete ? {} : { Connection: "close" }) });
}

function finish(
  request: IncomingMessage,
  response: ServerResponse,
  note: RequestNote,
  began: number,
  { log, onServed }: AnsweringOptions,
): void {
  const seconds = (performance.now() - began) / 1000;
  // As proxies write it down: the caller went before the reply was there.
  const status = response.headersSent ? response.statusCode : 499;
  const { route: pattern, tool, taskId, caller, reason } = note;
  const method = knownMethods.has(request.method ?? "") ? String(request.method) : "other";
  onServed({ method, route: pattern, status, seconds, ...(tool === undefined ? {} : { tool }) });
  log(levelOf(status, note), {
    message: "request",
    method,
    route: pattern,
    status,
    ms: Math.round(seconds * 10_000) / 10,
    token: caller,
    tool,
    task_id: taskId,
    reason,
  });
}

const knownMethods: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "DELETE",
  "PUT",
  "PATCH",
  "OPTIONS",
]);
const changes: ReadonlySet<string> = new Set([
  "index_repository",
  "cancel_task",
  "retry_task",
  "remove_repository",
]);

function levelOf(status: number, { tool, isProbe }: RequestNote): LogLevel {
  if (isProbe === true) return "debug";
  if (status >= 500) return "warn";
  return status >= 400 || (tool !== undefined && changes.has(tool)) ? "info" : "debug";
}

function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function splitOnce(text: string, mark: string): readonly string[] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
