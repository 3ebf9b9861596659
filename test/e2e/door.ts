/** A real MCP client on a server of its own: calls a tool and gives back its structure, or its text. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { type Place, program } from "./cambium.ts";

export interface Door {
  readonly client: Client;
  readonly pid: number | null;
  /** Throws the tool's own words when it answers with an error. */
  call(tool: string, args: Record<string, unknown>): Promise<Record<string, unknown>>;
  text(tool: string, args: Record<string, unknown>): Promise<string>;
  /** The task once it has ended, however long a busy machine takes for it. */
  ended(taskId: unknown): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export async function connect(place: Place, cwd: string): Promise<Door> {
  const client = new Client({ name: "test", version: "1" });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, "mcp"],
    env: place.env as Record<string, string>,
    cwd,
    stderr: "ignore",
  });
  await client.connect(transport);
  const ask = async (tool: string, args: Record<string, unknown>) => {
    const answer = await client.callTool({ name: tool, arguments: args });
    const text = (answer.content as { text?: string }[]).map((part) => part.text ?? "").join("\n");
    if (answer.isError) throw new Error(text);
    return { text, structured: answer.structuredContent as Record<string, unknown> | undefined };
  };
  const call = async (tool: string, args: Record<string, unknown>) =>
    (await ask(tool, args)).structured ?? {};
  return {
    client,
    pid: transport.pid,
    call,
    text: async (tool, args) => (await ask(tool, args)).text,
    async ended(task_id) {
      for (;;) {
        const task = await call("wait_for_task", { task_id, timeout_s: 50 });
        if (!["PENDING", "STARTED", "PROGRESS", "RETRY"].includes(String(task["state"]))) return task;
      }
    },
    close: () => client.close(),
  };
}
