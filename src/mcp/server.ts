/**
 * The server over MCP, for either generation of the protocol and any transport: tools, tasks, resources and prompts,
 * progress, and the one catch.
 */
import {
  type CallToolResult,
  type Tool as ListedTool,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { toFailure } from "../errors.ts";
import type { TaskRecord } from "../jobs/task.ts";
import { readArguments, shownSchemaOf } from "./arguments.ts";
import { complete } from "./completions.ts";
import { describeForLog, hideHomeDeep, sayFailure } from "./failures.ts";
import { firstOf } from "./first-of.ts";
import { icons } from "./icon.ts";
import { writeInstructions } from "./instructions.ts";
import { getPrompt, listPrompts } from "./prompts.ts";
import { listResources, listTemplates, readResource } from "./resources.ts";
import {
  announceTask,
  declaresTasks,
  followsTasks,
  serveTasks,
  type TaskDoor,
  tasksExtension,
} from "./task-extension.ts";
import { isTerminal } from "./task-view.ts";
import type { Tool, ToolAnswer, ToolCall, ToolDeps } from "./tool.ts";
import { offersOf } from "./tool-selection.ts";
import { answerEnded } from "./tools/tasks.ts";
import { tools } from "./tools.ts";

export interface ServerOptions {
  readonly version: string;
  /** All of them by default. */
  readonly tools?: readonly Tool[];
  /** So long ended tasks are kept. */
  readonly taskTtlMs: number;
  /** Asked at each call of a tool, never for lists. */
  readonly deps: () => Promise<ToolDeps>;
  readonly log: (line: string) => void;
  /** Ends the waiting of calls when the door closes, so that they answer with what there is. */
  readonly closing?: AbortSignal;
  /** Called after the tools were listed: the moment to get ready for the first call. */
  readonly onListed?: () => void;
}

/** These change only with the version of the program. */
const lasting = { ttlMs: 3_600_000, cacheScope: "public" } as const;
/** What is indexed and what runs changes at any moment, and is nobody else's business. */
const passing = { ttlMs: 0, cacheScope: "private" } as const;

/** Checked by schemas of ours, what is wrong is the caller's fault (-32602); by the SDK's own it would be one of ours. */
const resourceParams = z.looseObject({ uri: z.string().max(8192) });
const promptParams = z.looseObject({
  name: z.string(),
  arguments: z.record(z.string(), z.string()).optional(),
});
const completionParams = z.looseObject({ argument: z.looseObject({ name: z.string(), value: z.string() }) });

/** One server for one connection; all state is behind `deps`. */
export function buildServer(options: ServerOptions): Server {
  const offers = offersOf(options.tools ?? tools);
  const server = new Server(
    { name: "cambium", title: "Cambium", version: options.version, icons },
    {
      capabilities: {
        tools: {},
        resources: {},
        prompts: {},
        completions: {},
        extensions: followsTasks(offers) ? { [tasksExtension]: {} } : {},
      },
      instructions: writeInstructions(offers),
      cacheHints: {
        "tools/list": lasting,
        "prompts/list": lasting,
        "resources/templates/list": lasting,
        "resources/list": passing,
        "resources/read": passing,
      },
    },
  );
  serveTools(server, options);
  serveTasks(server, taskDoor(options));
  server.setRequestHandler("resources/list", async () => ({
    resources: await listResources(options.deps, offers),
  }));
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: listTemplates(offers) }));
  server.setRequestHandler("resources/read", { params: resourceParams }, ({ uri }) =>
    readResource(uri, options.deps, offers),
  );
  server.setRequestHandler("prompts/list", () => ({ prompts: listPrompts(offers) }));
  server.setRequestHandler("completion/complete", { params: completionParams }, (params) =>
    complete(params, options.deps, offers),
  );
  server.setRequestHandler("prompts/get", { params: promptParams }, ({ name, arguments: given }) =>
    getPrompt(name, given, offers),
  );
  return server;
}

function serveTools(server: Server, options: ServerOptions): void {
  const shown = options.tools ?? tools;
  server.setRequestHandler("tools/list", () => {
    if (options.onListed !== undefined) setImmediate(options.onListed);
    return { tools: shown.map(describeTool) };
  });
  server.setRequestHandler("tools/call", async (request, context) => {
    const tool = shown.find(({ name }) => name === request.params.name);
    if (tool === undefined) throw unknownTool(request.params.name, shown);
    const answer = await answerUntilClosing(tool, request.params.arguments, options, callOf(context));
    const isFollowed = answer.task !== undefined && !isTerminal(answer.task) && declaresTasks(context);
    return isFollowed ? (announceTask(answer.task, taskDoor(options)) as CallToolResult) : answer.result;
  });
}

function taskDoor({ deps, taskTtlMs, tools: shown = tools }: ServerOptions): TaskDoor {
  return { deps, taskTtlMs, outcome: answerEnded, resultOf, offers: offersOf(shown) };
}

export function describeTool(tool: Tool): ListedTool {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: shownSchemaOf(tool) as ListedTool["inputSchema"],
    annotations: { ...tool.annotations },
  };
}

/** The door may close meanwhile: then waits end, and answer with what there is. */
async function answerUntilClosing(tool: Tool, raw: unknown, options: ServerOptions, call: ToolCall) {
  const { closing } = options;
  if (closing === undefined) return answerCall(tool, raw, options, call);
  const ending = firstOf(call.signal, closing);
  return answerCall(tool, raw, options, { ...call, signal: ending.signal }).finally(ending.forget);
}

interface CallOutcome {
  readonly result: CallToolResult;
  readonly task?: TaskRecord | undefined;
}

/** Every way a call can fail ends here, as a result that the model can read. */
async function answerCall(
  tool: Tool,
  raw: unknown,
  options: ServerOptions,
  call: ToolCall,
): Promise<CallOutcome> {
  try {
    const args = readArguments(tool, raw);
    const answer = await tool.run(args, await options.deps(), call);
    return { result: resultOf(answer), task: answer.task };
  } catch (thrown) {
    const failure = toFailure(thrown);
    const isOurs = failure.code === "internal" || failure.code === "corrupt";
    // A store that is closed under a call when the door closes is no fault.
    if (isOurs && options.closing?.aborted !== true) options.log(`${tool.name}: ${describeForLog(thrown)}`);
    return { result: failedResult(sayFailure(failure)) };
  }
}

/** No structuredContent: some clients would show that and drop the text. */
function failedResult(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

function resultOf(answer: ToolAnswer): CallToolResult {
  if (answer.isError === true) return failedResult(answer.text);
  if (answer.structured === undefined) return { content: [{ type: "text", text: answer.text }] };
  const structuredContent = hideHomeDeep({ ...answer.structured });
  return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent };
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

function unknownTool(name: string, shown: readonly Tool[]): ProtocolError {
  const known = shown.map((tool) => tool.name).join(", ");
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `There is no tool "${name.slice(0, 80)}". Tools: ${known}.`,
  );
}
