/** What a token may do: which scope a tool, and a message of MCP, asks for. */
import type { Tool } from "../tool.ts";
import { findTool } from "../tools.ts";
import { Refusal } from "./refusal.ts";

/** `read` looks at code and tasks, `index` starts and steers tasks, `admin` does what cannot be undone. None holds another. */
export const scopes = ["read", "index", "admin"] as const;
export type Scope = (typeof scopes)[number];

const indexTools: ReadonlySet<string> = new Set(["index_repository", "cancel_task", "retry_task"]);

/** A tool that nobody has thought of here asks for the most. */
export function scopeOfTool(tool: Tool): Scope {
  if (tool.annotations.readOnlyHint) return "read";
  return indexTools.has(tool.name) ? "index" : "admin";
}

const steering: ReadonlySet<string> = new Set(["tasks/cancel", "tasks/update"]);
/** What says nothing of code and tasks, and is the same for everybody. */
const open =
  /^(initialize|ping|server\/discover|notifications\/.*|(tools|prompts|resources\/templates)\/list|prompts\/get|logging\/setLevel)$/;

/** Undefined for what any token may, and for a tool that does not exist, which the server itself answers. */
export function scopeOfMessage(message: unknown): Scope | undefined {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: { name?: unknown } | null };
  if (typeof method !== "string" || open.test(method)) return undefined;
  if (method === "tools/call") {
    const tool = findTool(String(params?.name));
    return tool === undefined ? undefined : scopeOfTool(tool);
  }
  return steering.has(method) ? "index" : "read";
}

/** Throws a refusal with 403. */
export function demandScope(held: readonly Scope[], scope: Scope): void {
  if (held.includes(scope)) return;
  throw new Refusal(
    403,
    "forbidden",
    `This token lacks the scope "${scope}". Use one that has it: tokens and their scopes are in tokens.json of the data folder.`,
    { "WWW-Authenticate": `Bearer error="insufficient_scope", scope="${scope}"` },
  );
}
