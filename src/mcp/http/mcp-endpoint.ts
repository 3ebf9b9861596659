/** MCP over Streamable HTTP, both generations of the protocol: each request is served by a server of its own. */
import { type AuthInfo, createMcpHandler, type Server } from "@modelcontextprotocol/server";
import { readForm } from "../message-form.ts";
import { buildServer } from "../server.ts";
import type { Tool, ToolDeps } from "../tool.ts";
import { findTool } from "../tools.ts";
import { readJsonBody, sendJson, sendWebResponse } from "./exchange.ts";
import { type Refusal, toRefusal } from "./refusal.ts";
import type { KnownRoute, KnownVisit } from "./route.ts";
import { demandScope, scopeOfMessage } from "./scopes.ts";

export interface McpEndpointOptions {
  readonly version: string;
  readonly tools: readonly Tool[];
  /** So long ended tasks are kept. */
  readonly taskTtlMs: number;
  /** Adds to each server what tests need. */
  readonly mount?: ((server: Server) => void) | undefined;
  readonly log: (line: string) => void;
  /** Ends waits when the server stops. */
  readonly closing: AbortSignal;
}

export interface McpEndpoint {
  readonly route: KnownRoute;
  close(): Promise<void>;
}

export const mcpPath = "/mcp";

export function openMcpEndpoint({ mount, ...options }: McpEndpointOptions): McpEndpoint {
  const { fetch: serve, close } = createMcpHandler(
    ({ authInfo }) => {
      const server = buildServer({ ...options, deps: depsIn(authInfo) });
      mount?.(server);
      return server;
    },
    { onerror: () => {} },
  );
  return {
    close,
    route: {
      open: false,
      methods: ["POST", "GET", "DELETE"],
      path: mcpPath,
      scope: undefined,
      answer: async (visit) => {
        const { request, response, gone } = visit;
        const isPost = request.method === "POST";
        const body = isPost ? await readMessages(visit) : undefined;
        if (isPost && body === undefined) return;
        const web = new Request(`http://localhost${mcpPath}`, {
          method: request.method ?? "POST",
          headers: headersOf(visit),
          signal: gone,
        });
        const options = { authInfo: authInfoOf(visit), ...(isPost ? { parsedBody: body } : {}) };
        await sendWebResponse(response, await serve(web, options));
      },
    },
  };
}

/** Undefined where it was refused with a reply in JSON-RPC's form. */
async function readMessages(visit: KnownVisit): Promise<unknown> {
  const { request, response, caller, note } = visit;
  let body: unknown;
  try {
    const form = readForm((await readJsonBody(request)) ?? {});
    if ("refusal" in form) {
      note.reason = form.refusal.error.message;
      sendJson(response, 400, form.refusal);
      return undefined;
    }
    body = form.message;
    for (const message of Array.isArray(body) ? body : [body]) {
      describe(message, note);
      const scope = scopeOfMessage(message);
      if (scope !== undefined) demandScope(caller.scopes, scope);
    }
    return body;
  } catch (thrown) {
    const refusal = toRefusal(thrown);
    note.reason = refusal.message;
    sendJson(response, refusal.status, asJsonRpc(refusal, body), refusal.headers);
    return undefined;
  }
}

export function asJsonRpc({ status, code, message }: Refusal, request?: unknown): object {
  const id = (request as { id?: unknown } | undefined)?.id;
  const isEcho = typeof id === "string" || typeof id === "number";
  const number = status === 400 && request === undefined ? -32700 : -32000;
  return { jsonrpc: "2.0", error: { code: number, message: `${code}: ${message}` }, id: isEcho ? id : null };
}

/** For the log and the figures; only names that are ours. */
function describe(message: unknown, note: KnownVisit["note"]): void {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: Record<string, unknown> };
  if (method !== "tools/call") return;
  const tool = findTool(String(params?.["name"]));
  if (tool !== undefined) note.tool = tool.name;
  const taskId = (params?.["arguments"] as { task_id?: unknown } | undefined)?.task_id;
  if (typeof taskId === "string") note.taskId = taskId.slice(0, 100);
}

function headersOf({ request }: KnownVisit): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === "string" && !name.startsWith(":")) headers.set(name, value);
  }
  // The SDK has no business with it.
  headers.delete("authorization");
  return headers;
}

function authInfoOf({ caller, deps }: KnownVisit): AuthInfo {
  return { token: "", clientId: caller.name, scopes: [...caller.scopes], extra: { deps } };
}

function depsIn(authInfo: AuthInfo | undefined): () => Promise<ToolDeps> {
  return authInfo?.extra?.["deps"] as () => Promise<ToolDeps>;
}
