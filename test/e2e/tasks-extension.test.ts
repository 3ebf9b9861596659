/** MCP's task extension on the built program: followed to its end, over the death of the server that gave the task. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyPackages } from "../faults/corpus.ts";
import { openPlace, type Place, program, until } from "./cambium.ts";

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number };
}

let place: Place;
let repository: string;
beforeAll(() => {
  place = openPlace();
  repository = copyPackages(`${place.scratch}/packages`);
});
afterAll(() => place.dispose());

/** A client of the stateless generation that says in each request that it follows tasks. */
function connect(flags: readonly string[] = [], cwd = repository) {
  const child: ChildProcess = spawn(process.execPath, [program, "mcp", ...flags], {
    cwd,
    env: place.env,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const waiting = new Map<number, (reply: Reply) => void>();
  const notified: Reply[] = [];
  if (child.stdout === null || child.stdin === null) throw new Error("no pipes");
  const { stdin } = child;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const reply = JSON.parse(line) as Reply;
    if (reply.id === undefined) notified.push(reply);
    else waiting.get(reply.id)?.(reply);
  });
  let id = 0;
  const send = (method: string, params: Record<string, unknown>, progressToken?: string) => {
    id += 1;
    const mine = id;
    const reply = new Promise<Reply>((resolve) => waiting.set(mine, resolve));
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": { extensions: { "io.modelcontextprotocol/tasks": {} } },
      ...(progressToken === undefined ? {} : { progressToken }),
    };
    stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: mine, method, params: { ...params, _meta } })}\n`);
    return { id: mine, reply };
  };
  return {
    child,
    notified,
    send,
    ask: (method: string, params: Record<string, unknown>) => send(method, params).reply,
    notify: (method: string, params: object) =>
      void stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method, params })}\n`),
    end: async () => {
      stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

describe("a task of the extension", () => {
  it("goes on when its server is killed, and another server tells its end", async () => {
    const first = connect();
    const { result } = await first.ask("tools/call", { name: "index_repository", arguments: { path: "." } });
    expect(result).toMatchObject({ resultType: "task", status: "working" });
    const taskId = String(result?.["taskId"]);
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    const second = connect();
    const done = await until("the task to complete", async () => {
      const { result: now } = await second.ask("tasks/get", { taskId });
      return now?.["status"] === "completed" ? now : undefined;
    });
    expect(done).toMatchObject({
      result: {
        resultType: "complete",
        structuredContent: { task_id: taskId, state: "SUCCESS", result: { repository: "packages" } },
      },
    });
    expect((await second.ask("tasks/cancel", { taskId })).error).toBeUndefined();
    expect((await second.ask("tasks/get", { taskId })).result?.["status"]).toBe("completed");
    await second.end();
  });

  it("a cancelled wait ends the wait, with progress before it, and leaves the task", async () => {
    // Not indexed yet: the task lasts longer than it takes to ask for its end.
    const client = connect([], copyPackages(`${place.scratch}/others`));
    const { result } = await client.ask("tools/call", { name: "index_repository", arguments: { path: "." } });
    const task_id = String(result?.["taskId"]);
    const wait = client.send(
      "tools/call",
      { name: "wait_for_task", arguments: { task_id, timeout_s: 50 } },
      "token",
    );
    await until("progress", () =>
      client.notified.some(
        ({ method, params }) => method === "notifications/progress" && params?.["progressToken"] === "token",
      ),
    );
    client.notify("notifications/cancelled", { requestId: wait.id });
    const { result: after } = await client.ask("tasks/get", { taskId: task_id });
    expect(["working", "completed"]).toContain(after?.["status"]);
    await client.end();
  });

  it("is not offered by a server that only reads", async () => {
    const client = connect(["--read-only"]);
    const { result } = await client.ask("tools/list", {});
    const names = ((result?.["tools"] ?? []) as { name: string }[]).map(({ name }) => name);
    expect(names).toContain("get_task_status");
    expect(names).not.toContain("index_repository");
    const called = await client.ask("tools/call", { name: "index_repository", arguments: { path: "." } });
    expect(called.error?.code).toBe(-32602);
    await client.end();
  });

  it("a wrong choice of tools is told at the start", async () => {
    const { status, stderr } = await place.run(["mcp", "--tools", "grep"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/no tool "grep".*search_code/);
  });
});
