/** What clients are shown, frozen; and what they get when a call fails, on both generations of the protocol. */
import { Client } from "@modelcontextprotocol/client";
import { InMemoryTransport, type JSONRPCMessage } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { CambiumError } from "../errors.ts";
import { instructions } from "./instructions.ts";
import { buildServer, describeTool } from "./server.ts";
import type { ToolDeps } from "./tool.ts";
import { tools } from "./tools.ts";

async function connect(deps: () => Promise<ToolDeps>) {
  const [mine, theirs] = InMemoryTransport.createLinkedPair();
  const logged: string[] = [];
  const opened = { count: 0 };
  const server = buildServer({
    version: "1.2.3",
    taskTtlMs: 1000,
    deps: () => {
      opened.count += 1;
      return deps();
    },
    log: (line) => logged.push(line),
  });
  await server.connect(theirs);
  const client = new Client({ name: "test", version: "1" });
  await client.connect(mine);
  return { client, logged, opened };
}

const closed = () => Promise.reject(new CambiumError("unavailable", "The store is locked."));

describe("what clients see", () => {
  it("the tools, word for word", async () => {
    await expect(`${JSON.stringify(tools.map(describeTool), null, 2)}\n`).toMatchFileSnapshot(
      "../../test/snapshots/mcp-tools.snap",
    );
  });

  it("the instructions, the resources and the prompts, word for word", async () => {
    const { client } = await connect(closed);
    const shown = {
      instructions: client.getInstructions()?.split("\n"),
      // Those of an index come from the store, which is closed here.
      resources: (await client.listResources()).resources,
      templates: (await client.listResourceTemplates()).resourceTemplates,
      prompts: (await client.listPrompts()).prompts,
    };
    await expect(`${JSON.stringify(shown, null, 2)}\n`).toMatchFileSnapshot(
      "../../test/snapshots/mcp-offers.snap",
    );
  });

  it("names, sizes and hints are within what clients take", () => {
    for (const tool of tools) {
      expect(tool.name).toMatch(/^[a-z]+(_[a-z]+)+$/);
      expect(tool.description.length, tool.name).toBeLessThan(500);
      expect(Object.keys(tool.annotations).sort()).toEqual([
        "destructiveHint",
        "idempotentHint",
        "openWorldHint",
        "readOnlyHint",
      ]);
    }
    expect(new Set(tools.map((tool) => tool.name)).size).toBe(tools.length);
    expect(Buffer.byteLength(instructions)).toBeLessThan(2048);
  });

  it("lists are answered without opening a store", async () => {
    const { client, opened } = await connect(closed);
    expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(tools.map((tool) => tool.name));
    expect(client.getInstructions()).toBe(instructions);
    expect(client.getServerVersion()).toMatchObject({ name: "cambium", version: "1.2.3" });
    expect(opened.count).toBe(0);
  });
});

describe("a call that fails", () => {
  it("is a result that says what to do, and is tried anew the next time", async () => {
    const { client, opened, logged } = await connect(closed);
    for (const count of [1, 2]) {
      const answer = await client.callTool({ name: "list_tasks", arguments: {} });
      expect(answer).toEqual({
        isError: true,
        content: [
          {
            type: "text",
            text: "unavailable: The store is locked.\nThis passes: make the same call again in a few seconds.",
          },
        ],
      });
      expect(opened.count).toBe(count);
    }
    expect(logged).toEqual([]);
  });

  it("a wrong argument is answered before any store is opened", async () => {
    const { client, opened } = await connect(closed);
    const answer = await client.callTool({ name: "get_task_status", arguments: { nope: 1 } });
    expect(answer.isError).toBe(true);
    expect(JSON.stringify(answer.content)).toContain("Call get_task_status");
    expect(opened.count).toBe(0);
  });

  it("a fault of ours is logged with its stack, which the client does not see", async () => {
    const { client, logged } = await connect(() => Promise.reject(new TypeError("x is undefined")));
    const answer = await client.callTool({ name: "list_tasks", arguments: {} });
    expect(JSON.stringify(answer.content)).not.toContain("server.test");
    expect(logged.join("\n")).toMatch(/list_tasks: internal: x is undefined\n.*server\.test/s);
  });

  it("an unknown tool names the known ones", async () => {
    const { client } = await connect(closed);
    await expect(client.callTool({ name: "grep", arguments: {} })).rejects.toThrow(
      /no tool "grep".*search_code/,
    );
  });
});

it("messages are plain JSON-RPC", async () => {
  const [mine, theirs] = InMemoryTransport.createLinkedPair();
  await buildServer({ version: "1", taskTtlMs: 1000, deps: closed, log: () => {} }).connect(theirs);
  const answers: JSONRPCMessage[] = [];
  const answered = new Promise<void>((resolve) => {
    mine.onmessage = (message) => {
      answers.push(message);
      resolve();
    };
  });
  await mine.start();
  const params = {
    protocolVersion: "2024-11-05",
    capabilities: {},
    clientInfo: { name: "old", version: "1" },
  };
  await mine.send({ jsonrpc: "2.0", id: 1, method: "initialize", params });
  await answered;
  expect(answers).toMatchObject([
    { id: 1, result: { protocolVersion: "2024-11-05", serverInfo: { name: "cambium" } } },
  ]);
});
