/** What a route is, and which one a request means. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ToolDeps } from "../tool.ts";
import { Refusal } from "./refusal.ts";
import type { Scope } from "./scopes.ts";
import type { Caller } from "./tokens.ts";

/** What is written to the log and counted when a request is over. */
export interface RequestNote {
  route: string;
  caller?: string;
  tool?: string;
  taskId?: string;
  /** Why it was refused. */
  reason?: string;
  /** Of a route that needs no token: asked every few seconds. */
  isProbe?: boolean;
}

/** A request that has come through the gate. */
export interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly params: Readonly<Record<string, string>>;
  /** Aborts when the other side has gone. */
  readonly gone: AbortSignal;
  readonly note: RequestNote;
}

/** A visit with a token that is known. */
export interface KnownVisit extends Visit {
  readonly caller: Caller;
  /** Those of the caller's tenant. */
  readonly deps: () => Promise<ToolDeps>;
}

export type Method = "GET" | "POST" | "DELETE";

interface Place {
  readonly methods: readonly Method[];
  /** Such as `/v1/tasks/{task_id}`. */
  readonly path: string;
}

/** Needs no token. */
export interface OpenRoute extends Place {
  readonly open: true;
  answer(visit: Visit): Promise<void> | void;
}

export interface KnownRoute extends Place {
  readonly open: false;
  /** Undefined where that depends on the body. */
  readonly scope: Scope | undefined;
  answer(visit: KnownVisit): Promise<void> | void;
}

export type Route = OpenRoute | KnownRoute;

/** Throws a refusal with 400, 404 or 405. */
export function findRoute<One extends Route>(
  routes: readonly One[],
  method: string,
  path: string,
): { readonly route: One; readonly params: Readonly<Record<string, string>> } {
  const fitting = routes.flatMap((route) => {
    const params = matchPath(route.path, path);
    return params === undefined ? [] : [{ route, params }];
  });
  // HEAD is GET without its body, which Node leaves out.
  const wanted = method === "HEAD" ? "GET" : method;
  const found = fitting.find(({ route }) => (route.methods as readonly string[]).includes(wanted));
  if (found !== undefined) return found;
  if (fitting.length === 0) {
    throw new Refusal(404, "not_found", "There is nothing here. GET /v1/openapi.json lists what there is.");
  }
  const allow = [...new Set(fitting.flatMap(({ route }) => route.methods))].join(", ");
  throw new Refusal(405, "invalid_argument", `Allowed here: ${allow}.`, { Allow: allow });
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith("{") && value !== "") params[part.slice(1, -1)] = decode(value);
    else if (part !== value) return undefined;
  }
  return params;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, "invalid_argument", "The path is not percent-encoded as it must be.");
  }
}
