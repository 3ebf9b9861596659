/**
 * A model's HTTP endpoint for real assistants: it speaks the wire formats of Anthropic's Messages, OpenAI's Responses and
 * Google's generateContent, and a script instead of a model decides the next tool call from the conversation so far.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One tool call of the conversation that has been answered. */
export interface Step {
  readonly tool: string;
  readonly result: string;
}
export type Decision =
  | { readonly call: string; readonly args: Readonly<Record<string, unknown>> }
  | { readonly say: string };
/** Names are those of our tools, without what a client puts before them. */
export type Script = (steps: readonly Step[], offered: readonly string[]) => Decision;

export interface ScriptedModel {
  readonly url: string;
  /** The longest conversation that was seen. */
  steps(): readonly Step[];
  offered(): readonly string[];
  /** Resolves when a call of this tool has been sent to the client. */
  called(tool: string): Promise<void>;
  close(): Promise<void>;
}

type Json = Record<string, unknown>;
interface Wire {
  readonly path: RegExp;
  read(body: Json): { readonly steps: readonly Step[]; readonly offered: readonly string[] };
  /** What the endpoint answers: the parts of a stream, or one document. */
  write(decision: Decision, body: Json, id: string): readonly Json[];
  isStream(path: string, body: Json): boolean;
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
const textOf = (value: unknown): string =>
  typeof value === "string"
    ? value
    : Array.isArray(value)
      ? list(value)
          .map(({ text }) => text ?? "")
          .join("\n")
      : JSON.stringify(value ?? "");
const ours = (name: unknown) => /^mcp_{1,2}cambium_{1,2}(\w+)$/.exec(String(name))?.[1];

/** Pairs calls with their results; calls of the client's own tools are none of ours. */
function pair(
  calls: readonly (readonly [id: unknown, name: unknown])[],
  results: ReadonlyMap<unknown, string>,
) {
  return calls.flatMap(([id, name]) => {
    const tool = ours(name);
    const result = results.get(id);
    return tool === undefined || result === undefined ? [] : [{ tool, result }];
  });
}
const oursOf = (names: readonly unknown[]) => names.flatMap((name) => ours(name) ?? []);

/** Claude Code shows most tools by name only and gives their schemas when its ToolSearch is called. */
const messages: Wire = {
  path: /\/v1\/messages$/,
  isStream: (_path, body) => body["stream"] === true,
  read: (body) => {
    const blocks = list(body["messages"]).flatMap(({ content }) => list(content));
    const calls = blocks.filter(({ type }) => type === "tool_use").map(({ id, name }) => [id, name] as const);
    const results = new Map(
      blocks
        .filter(({ type }) => type === "tool_result")
        .map(({ tool_use_id, content }) => [tool_use_id as unknown, textOf(content)]),
    );
    const tools = list(body["tools"]).map(({ name }) => name);
    const named = tools.includes("ToolSearch")
      ? [...new Set(JSON.stringify(body).match(/mcp__cambium__[a-z_]+/g))]
      : [];
    return { steps: pair(calls, results), offered: oursOf([...new Set([...tools, ...named])]) };
  },
  write: (decision, body, id) => {
    const block = messagesBlock(decision, body, id);
    const stop_reason = block.type === "text" ? "end_turn" : "tool_use";
    const usage = { input_tokens: 1, output_tokens: 1 };
    const message = { id, type: "message", role: "assistant", model: body["model"], usage };
    if (body["stream"] !== true) return [{ ...message, content: [block], stop_reason, stop_sequence: null }];
    const empty = block.type === "text" ? { ...block, text: "" } : { ...block, input: {} };
    const delta =
      block.type === "text"
        ? { type: "text_delta", text: block.text }
        : { type: "input_json_delta", partial_json: JSON.stringify(block.input) };
    return [
      {
        type: "message_start",
        message: { ...message, content: [], stop_reason: null, stop_sequence: null },
      },
      { type: "content_block_start", index: 0, content_block: empty },
      { type: "content_block_delta", index: 0, delta },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage },
      { type: "message_stop" },
    ];
  },
};

function messagesBlock(decision: Decision, body: Json, id: string) {
  if ("say" in decision) return { type: "text", text: decision.say } as const;
  const name = `mcp__cambium__${decision.call}`;
  const tools = list(body["tools"]).map((tool) => tool["name"]);
  const wasLoaded = JSON.stringify(body["messages"]).includes(`"tool_name":"${name}"`);
  const isDeferred = tools.includes("ToolSearch") && !tools.includes(name) && !wasLoaded;
  const call = isDeferred
    ? { name: "ToolSearch", input: { query: `select:${name}`, max_results: 5 } }
    : { name, input: decision.args };
  return { type: "tool_use", id: `toolu_${id}`, ...call } as const;
}

/** Codex gives a server's tools as a namespace. */
const responses: Wire = {
  path: /\/responses$/,
  isStream: () => true,
  read: (body) => {
    const items = list(body["input"]);
    const calls = items
      .filter(({ type }) => type === "function_call")
      .map(({ call_id, namespace, name }) => [call_id, `${namespace}__${name}`] as const);
    const results = new Map(
      items
        .filter(({ type }) => type === "function_call_output")
        .map(({ call_id, output }) => [call_id as unknown, textOf(output)]),
    );
    const offered = list(body["tools"]).flatMap((tool) =>
      list(tool["tools"]).map(({ name }) => `${tool["name"]}__${name}`),
    );
    return { steps: pair(calls, results), offered: oursOf(offered) };
  },
  write: (decision, _body, id) => {
    const item =
      "say" in decision
        ? {
            type: "message",
            id: `msg_${id}`,
            role: "assistant",
            content: [{ type: "output_text", text: decision.say, annotations: [] }],
          }
        : {
            type: "function_call",
            id: `fc_${id}`,
            call_id: `call_${id}`,
            namespace: "mcp__cambium",
            name: decision.call,
            arguments: JSON.stringify(decision.args),
          };
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    return [
      { type: "response.created", response: { id } },
      { type: "response.output_item.done", output_index: 0, item },
      { type: "response.completed", response: { id, output: [item], usage } },
    ];
  },
};

const generate: Wire = {
  path: /:(stream)?generateContent$/i,
  isStream: (path) => path.includes(":stream"),
  read: (body) => {
    const parts = list(body["contents"]).flatMap(({ parts }) => list(parts));
    const calls = parts.flatMap(({ functionCall }) =>
      functionCall === undefined ? [] : [functionCall as Json],
    );
    const answers = parts.flatMap(({ functionResponse }) =>
      functionResponse === undefined ? [] : [functionResponse as Json],
    );
    const results = new Map(
      answers.map(({ response }, at) => [at as unknown, textOf((response as Json)["output"] ?? response)]),
    );
    const offered = list(body["tools"]).flatMap((tool) =>
      list(tool["functionDeclarations"]).map(({ name }) => name),
    );
    // A call and its answer have the same place in the order of calls; not every version gives them ids.
    return {
      steps: pair(
        calls.map(({ name }, at) => [at, name] as const),
        results,
      ),
      offered: oursOf(offered),
    };
  },
  write: (decision) => {
    const part =
      "say" in decision
        ? { text: decision.say }
        : { functionCall: { name: `mcp_cambium_${decision.call}`, args: decision.args } };
    const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
    return [
      {
        candidates: [{ index: 0, content: { role: "model", parts: [part] }, finishReason: "STOP" }],
        usageMetadata,
      },
    ];
  },
};

const wires = [messages, responses, generate];

export async function openScriptedModel(script: Script): Promise<ScriptedModel> {
  let seen: { readonly steps: readonly Step[]; readonly offered: readonly string[] } = {
    steps: [],
    offered: [],
  };
  let count = 0;
  const sent = new Map<string, PromiseWithResolvers>();
  const callOf = (tool: string) => {
    const known = sent.get(tool) ?? withResolvers();
    sent.set(tool, known);
    return known;
  };
  const answer = async (asked: IncomingMessage, response: ServerResponse) => {
    const path = new URL(asked.url ?? "/", "http://localhost").pathname;
    const wire = wires.find((one) => one.path.test(path));
    const text = await readText(asked);
    // Counting tokens and looking for a newer program, among others.
    if (wire === undefined || asked.method !== "POST") return reply(response, 404, {});
    const body = JSON.parse(text) as Json;
    const now = wire.read(body);
    if (now.steps.length >= seen.steps.length && now.offered.length > 0) seen = now;
    // Without our tools it is one of the client's own questions, such as a title for the conversation.
    const decision = now.offered.length === 0 ? { say: "Yes." } : script(now.steps, now.offered);
    count += 1;
    // A client that loses answers would be told the same for ever.
    if (count > 60) throw new Error(`The script comes to no end: ${JSON.stringify(now.steps)}`);
    const parts = wire.write(decision, body, `scripted-${count}`);
    if (wire.isStream(path, body)) stream(response, parts);
    else reply(response, 200, parts[0] ?? {});
    if ("call" in decision) callOf(decision.call).resolve();
  };
  const server = createServer((asked, response) => {
    answer(asked, response).catch((error: unknown) => reply(response, 400, { error: String(error) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    steps: () => seen.steps,
    offered: () => seen.offered,
    called: (tool) => callOf(tool).promise,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  resolve(): void;
}
function withResolvers(): PromiseWithResolvers {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve: () => resolve() };
}

async function readText(asked: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of asked.setEncoding("utf8")) text += part;
  return text;
}

function reply(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

function stream(response: ServerResponse, parts: readonly Json[]): void {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  for (const part of parts) {
    const event = typeof part["type"] === "string" ? `event: ${part["type"]}\n` : "";
    response.write(`${event}data: ${JSON.stringify(part)}\n\n`);
  }
  response.end();
}
