/** MCP's task extension on a real task store, message by message: who is given a task, and what becomes of it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InMemoryTransport, type JSONRPCMessage } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteIndex } from "../indexer/stores/sqlite/open-index.ts";
import { openSqliteBackend } from "../jobs/backends/sqlite/open.ts";
import { openControl } from "../jobs/control.ts";
import { openTaskFront } from "../jobs/queue.ts";
import type { TaskRecord } from "../jobs/task.ts";
import { kinds } from "../tasks.ts";
import { openPathPolicy } from "./policy.ts";
import { buildServer } from "./server.ts";
import { tasksExtension } from "./task-extension.ts";
import type { Tool, ToolDeps } from "./tool.ts";
import { everyTool, selectTools } from "./tool-selection.ts";

interface Reply {
  readonly result?: Record<string, unknown> & { readonly taskId?: string };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

let top: string;
let deps: ToolDeps;
/** Replaces what the store says of a task, as no worker runs here. */
let told: Partial<TaskRecord>;
let dispose: () => Promise<void>;

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "cambium-tasks-")));
  const cwd = join(top, "shop");
  mkdirSync(cwd);
  const backend = openSqliteBackend(join(top, "tasks.db"));
  const index = openSqliteIndex(join(top, "index"));
  const front = openTaskFront({ connection: backend, kinds });
  const control = openControl({ connection: backend, registry: backend.workers, kinds });
  told = {};
  const find = async (id: string) => {
    const found = await front.find(id);
    return found === undefined ? undefined : { ...found, ...told };
  };
  const tasks = new Proxy(front, {
    get: (target, key) => {
      if (key === "find") return find;
      const member: unknown = Reflect.get(target, key);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  const policy = openPathPolicy({
    cwd,
    userHome: join(top, "u"),
    dataHome: join(top, "d"),
    roots: [],
    otherwise: "workplaces",
  });
  dispose = async () => {
    await front.close();
    await control.close();
    await backend.close();
    index.close();
  };
  deps = {
    freshness: { keep: () => {}, kept: () => [] },
    tasks,
    control,
    index,
    policy,
    ensureWorker: async () => {},
    cwd,
    close: async () => {},
  };
});
afterEach(async () => {
  await dispose();
  rmSync(top, { recursive: true, force: true });
});

/** A connection that speaks plain JSON-RPC; `declares` says in each request whether tasks are followed. */
async function open(tools?: readonly Tool[]) {
  const [mine, theirs] = InMemoryTransport.createLinkedPair();
  const all = { version: "1", taskTtlMs: 5000, deps: async () => deps, log: () => {} };
  const options = tools === undefined ? all : { ...all, tools };
  const handle = serveStdio(() => buildServer(options), { transport: theirs });
  const waiting = new Map<unknown, (reply: Reply) => void>();
  mine.onmessage = (message: JSONRPCMessage) => {
    if (!("id" in message)) return;
    waiting.get(message.id)?.(message as Reply);
  };
  await mine.start();
  let next = 0;
  const send = (method: string, params: Record<string, unknown>) => {
    next += 1;
    const id = next;
    const reply = new Promise<Reply>((resolve) => waiting.set(id, resolve));
    void mine.send({ jsonrpc: "2.0", id, method, params });
    return reply;
  };
  const modern = (method: string, params: Record<string, unknown>, declares = true) =>
    send(method, {
      ...params,
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
        "io.modelcontextprotocol/clientCapabilities": declares
          ? { extensions: { [tasksExtension]: {} } }
          : {},
      },
    });
  return { send, modern, close: () => handle.close() };
}

const index = { name: "index_repository", arguments: { path: "." } };

describe("a client that follows tasks", () => {
  it("is given the task, which is stored before the reply, and follows it", async () => {
    const { modern, close } = await open();
    const { result } = await modern("tools/call", index);
    expect(result).toMatchObject({
      resultType: "task",
      status: "working",
      statusMessage: "waiting for a worker",
      ttlMs: null,
      pollIntervalMs: 1000,
    });
    const taskId = String(result?.taskId);
    expect((await deps.tasks.list()).map((task) => task.task_id)).toEqual([taskId]);
    expect((await modern("tasks/get", { taskId })).result).toMatchObject({
      resultType: "complete",
      taskId,
      status: "working",
    });
    // Joined, not started twice.
    expect((await modern("tools/call", index)).result?.taskId).toBe(taskId);
    await close();
  });

  it("reads the result in tasks/get: what the call would have said at the end", async () => {
    const { modern, close } = await open();
    const taskId = String((await modern("tools/call", index)).result?.taskId);
    told = {
      state: "SUCCESS",
      result: { repository: "shop", files: 3 },
      finished_at: new Date().toISOString(),
    };
    const { result } = await modern("tasks/get", { taskId });
    expect(result).toMatchObject({
      status: "completed",
      ttlMs: expect.any(Number),
      result: {
        resultType: "complete",
        structuredContent: { task_id: taskId, state: "SUCCESS", result: { repository: "shop", files: 3 } },
      },
    });
    const inner = result?.["result"] as { content: { text: string }[]; structuredContent: object };
    expect(JSON.parse(inner.content[0]?.text ?? "")).toEqual(inner.structuredContent);
    await close();
  });

  it("a task that failed has completed with an error in words, as a call of a tool has", async () => {
    const { modern, close } = await open();
    const taskId = String((await modern("tools/call", index)).result?.taskId);
    told = { state: "FAILURE", error: { code: "not_found", message: "The folder is gone." } };
    expect((await modern("tasks/get", { taskId })).result).toMatchObject({
      status: "completed",
      statusMessage: "not_found: The folder is gone.",
      result: {
        isError: true,
        content: [{ text: expect.stringMatching(/^not_found: .*gone\.\n.*retry_task/) }],
      },
    });
    await close();
  });

  it("cancels, again without effect, and sees the task cancelled", async () => {
    const { modern, close } = await open();
    const taskId = String((await modern("tools/call", index)).result?.taskId);
    const first = await modern("tasks/cancel", { taskId });
    expect(first.error).toBeUndefined();
    expect(Object.keys(first.result ?? {}).filter((key) => key !== "_meta")).toEqual(["resultType"]);
    const again = await modern("tasks/cancel", { taskId });
    expect({ ...again.result }).toEqual({ ...first.result });
    expect((await modern("tasks/get", { taskId })).result?.["status"]).toBe("cancelled");
    expect((await modern("tasks/update", { taskId, inputResponses: {} })).error).toBeUndefined();
    await close();
  });

  it("follows one and cancels none where only tools that read are shown", async () => {
    const { task } = await deps.tasks.enqueue({ kind: "index_repository", args: { root: top } });
    const { modern, close } = await open(selectTools({ ...everyTool, readOnly: true }));
    const taskId = task.task_id;
    expect((await modern("tasks/get", { taskId })).result?.["status"]).toBe("working");
    for (const method of ["tasks/cancel", "tasks/update"])
      expect((await modern(method, { taskId })).error?.code).toBe(-32601);
    expect((await deps.tasks.find(taskId))?.state).toBe("PENDING");
    await close();
  });

  it("is told of an unknown task by the protocol's own error", async () => {
    const { modern, close } = await open();
    for (const method of ["tasks/get", "tasks/cancel", "tasks/update"])
      expect((await modern(method, { taskId: "nope" })).error).toMatchObject({
        code: -32602,
        message: expect.stringContaining('no task "nope"'),
      });
    expect((await modern("tasks/get", {})).error?.code).toBe(-32602);
    expect((await modern("tasks/list", {})).error?.code).toBe(-32601);
    await close();
  });

  it("is given plain answers by calls that start nothing", async () => {
    const { modern, close } = await open();
    const { result } = await modern("tools/call", { name: "list_tasks", arguments: {} });
    expect(result).toMatchObject({ resultType: "complete", structuredContent: { tasks: [] } });
    const wrong = await modern("tools/call", { name: "index_repository", arguments: { path: "/etc" } });
    expect(wrong.result).toMatchObject({ resultType: "complete", isError: true });
    await close();
  });
});

describe("everybody else", () => {
  it("is given the task's id in words, and no task", async () => {
    const { modern, close } = await open();
    const { result } = await modern("tools/call", index, false);
    expect(result).toMatchObject({ resultType: "complete", structuredContent: { state: "PENDING" } });
    const taskId = (result?.["structuredContent"] as { task_id: string } | undefined)?.task_id;
    for (const method of ["tasks/get", "tasks/cancel", "tasks/update"])
      expect((await modern(method, { taskId }, false)).error).toMatchObject({
        code: -32021,
        data: { requiredCapabilities: { extensions: { [tasksExtension]: {} } } },
      });
    // It was declared in another request of the same connection: that says nothing about this one.
    await modern("tools/call", index, true);
    expect((await modern("tools/call", index, false)).result?.["resultType"]).toBe("complete");
    await close();
  });

  it("of the older generation knows no such methods, whatever it says it can", async () => {
    const { send, close } = await open();
    await send("initialize", {
      protocolVersion: "2025-11-25",
      capabilities: { extensions: { [tasksExtension]: {} } },
      clientInfo: { name: "old", version: "1" },
    });
    const { result } = await send("tools/call", index);
    expect(result).not.toHaveProperty("resultType");
    const taskId = (result?.["structuredContent"] as { task_id: string } | undefined)?.task_id;
    expect((await send("tasks/get", { taskId })).error?.code).toBe(-32601);
    await close();
  });
});
