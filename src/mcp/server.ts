/** The tools over MCP, for either generation of the protocol: lists them, calls them, reports progress, and has the one catch. */
import {
  type Tool as ListedTool,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { toFailure } from "../errors.ts";
import { inputSchemaOf, readArguments } from "./arguments.ts";
import { describeForLog, hideHomeDeep, sayFailure } from "./failures.ts";
import { firstOf } from "./first-of.ts";
import { instructions } from "./instructions.ts";
import type { Tool, ToolAnswer, ToolCall, ToolDeps } from "./tool.ts";
import { findTool, tools } from "./tools.ts";

export interface ServerOptions {
  readonly version: string;
  /** Asked at each call of a tool, never for lists. */
  readonly deps: () => Promise<ToolDeps>;
  readonly log: (line: string) => void;
  /** Ends the waiting of calls when the door closes, so that they answer with what there is. */
  readonly closing?: AbortSignal;
  /** Called after the tools were listed: the moment to get ready for the first call. */
  readonly onListed?: () => void;
}

/** The list changes only with the version of the program. */
const listTtlMs = 3_600_000;

/** One server for one connection; all state is behind `deps`. */
export function buildServer(options: ServerOptions): Server {
  const server = new Server(
    { name: "cambium", title: "Cambium", version: options.version },
    {
      capabilities: { tools: {} },
      instructions,
      cacheHints: { "tools/list": { ttlMs: listTtlMs, cacheScope: "public" } },
    },
  );
  server.setRequestHandler("tools/list", () => {
    if (options.onListed !== undefined) setImmediate(options.onListed);
    return { tools: tools.map(describeTool) };
  });
  server.setRequestHandler("tools/call", async (request, context) => {
    const tool = findTool(request.params.name);
    if (tool === undefined) throw unknownTool(request.params.name);
    const call = callOf(context);
    const { closing } = options;
    if (closing === undefined) return answerCall(tool, request.params.arguments, options, call);
    const ending = firstOf(call.signal, closing);
    const answer = answerCall(tool, request.params.arguments, options, { ...call, signal: ending.signal });
    return answer.finally(ending.forget);
  });
  return server;
}

export function describeTool(tool: Tool): ListedTool {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: inputSchemaOf(tool) as ListedTool["inputSchema"],
    annotations: { title: tool.title, ...tool.annotations },
  };
}

/** Every way a call can fail ends here, as a result that the model can read. */
async function answerCall(tool: Tool, raw: unknown, options: ServerOptions, call: ToolCall) {
  try {
    const args = readArguments(tool, raw);
    return resultOf(await tool.run(args, await options.deps(), call));
  } catch (thrown) {
    const failure = toFailure(thrown);
    if (failure.code === "internal" || failure.code === "corrupt")
      options.log(`${tool.name}: ${describeForLog(thrown)}`);
    // No structuredContent: some clients would show that and drop the text.
    return { content: [{ type: "text" as const, text: sayFailure(failure) }], isError: true };
  }
}

function resultOf(answer: ToolAnswer) {
  if (answer.structured === undefined) return { content: [{ type: "text" as const, text: answer.text }] };
  const structuredContent = hideHomeDeep({ ...answer.structured });
  return { content: [{ type: "text" as const, text: JSON.stringify(structuredContent) }], structuredContent };
}

function callOf(context: ServerContext): ToolCall {
  const { signal, _meta, notify } = context.mcpReq;
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return { signal };
  const onProgress: NonNullable<ToolCall["onProgress"]> = ({ done, total, message }) => {
    const params = { progressToken, progress: done, total, message };
    // A client that has gone needs no progress; its call ends through the signal.
    void Promise.resolve(notify({ method: "notifications/progress", params })).catch(() => {});
  };
  return { signal, onProgress };
}

function unknownTool(name: string): ProtocolError {
  const known = tools.map((tool) => tool.name).join(", ");
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `There is no tool "${name.slice(0, 80)}". Tools: ${known}.`,
  );
}
