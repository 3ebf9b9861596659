/** Real clients of both generations of the protocol, over stdio, on the built program: the whole of the main job. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client as NewClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as NewTransport } from "@modelcontextprotocol/client/stdio";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyPackages } from "../faults/corpus.ts";
import { collect, openPlace, type Place, program } from "./cambium.ts";

interface Answer {
  readonly isError: boolean;
  readonly text: string;
  readonly structured: Record<string, unknown> | undefined;
}

interface Connection {
  readonly protocol: string | undefined;
  tools(): Promise<string[]>;
  call(
    name: string,
    args: Record<string, unknown>,
    onprogress?: (progress: {
      progress: number;
      total?: number | undefined;
      message?: string | undefined;
    }) => void,
    signal?: AbortSignal,
  ): Promise<Answer>;
  close(): Promise<void>;
}

const answerOf = (result: unknown): Answer => {
  const { isError, content, structuredContent } = result as {
    isError?: boolean;
    content: { text: string }[];
    structuredContent?: Record<string, unknown>;
  };
  return {
    isError: isError === true,
    text: content.map(({ text }) => text).join("\n"),
    structured: structuredContent,
  };
};

const server = (place: Place, cwd: string) => ({
  command: process.execPath,
  args: [program, "mcp"],
  env: place.env as Record<string, string>,
  cwd,
  stderr: "ignore" as const,
});

async function connectOld(place: Place, cwd: string): Promise<Connection> {
  const client = new OldClient({ name: "old", version: "1" });
  await client.connect(new OldTransport(server(place, cwd)));
  return {
    protocol: "initialize",
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args, onprogress, signal) =>
      answerOf(
        await client.callTool({ name, arguments: args }, undefined, {
          ...(onprogress ? { onprogress } : {}),
          ...(signal ? { signal } : {}),
        }),
      ),
    close: () => client.close(),
  };
}

const connectNew =
  (mode: "legacy" | { readonly pin: string }) =>
  async (place: Place, cwd: string): Promise<Connection> => {
    const client = new NewClient({ name: "new", version: "1" }, { versionNegotiation: { mode } });
    await client.connect(new NewTransport(server(place, cwd)));
    return {
      protocol: client.getNegotiatedProtocolVersion(),
      tools: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: async (name, args, onprogress, signal) =>
        answerOf(
          await client.callTool(
            { name, arguments: args },
            { ...(onprogress ? { onprogress } : {}), ...(signal ? { signal } : {}) },
          ),
        ),
      close: () => client.close(),
    };
  };

describe.each([
  ["the v1 client, by initialize", connectOld, "initialize"],
  ["the v2 client, by initialize", connectNew("legacy"), "2025-11-25"],
  ["the v2 client, stateless", connectNew({ pin: "2026-07-28" }), "2026-07-28"],
])("%s", (_name, connect, protocol) => {
  let place: Place;
  let corpus: string;
  let client: Connection;
  beforeAll(async () => {
    place = openPlace();
    corpus = copyPackages(join(place.scratch, "packages"));
    client = await connect(place, corpus);
  });
  afterAll(async () => {
    await client.close();
    place.dispose();
  });

  it("speaks its generation and lists the tools", async () => {
    expect(client.protocol).toBe(protocol);
    expect(await client.tools()).toEqual(
      expect.arrayContaining([
        "index_repository",
        "get_task_status",
        "wait_for_task",
        "list_tasks",
        "cancel_task",
        "retry_task",
        "search_code",
        "find_symbol",
        "find_references",
        "list_repositories",
        "remove_repository",
      ]),
    );
  });

  it("before anything is indexed, an answer says what to do", async () => {
    const nothing = await client.call("search_code", { query: "x" });
    expect(nothing.isError).toBe(false);
    expect(nothing.text).toContain("index_repository");
    const outlined = await client.call("get_outline", { path: "." });
    expect(outlined.text).toMatch(/^not_found: Nothing is indexed yet/);
    expect((await client.call("list_repositories", {})).structured).toMatchObject({
      repositories: [],
      next: expect.stringContaining("index_repository"),
    });
  });

  it("indexes, waits with progress, and asks", async () => {
    const started = await client.call("index_repository", { path: "." });
    expect(started.structured).toMatchObject({
      task_id: expect.any(String),
      state: expect.any(String),
      next: expect.stringContaining("wait_for_task"),
    });
    expect(JSON.parse(started.text)).toEqual(started.structured);
    const { task_id } = started.structured as { task_id: string };
    const steps: number[] = [];
    const done = await client.call("wait_for_task", { task_id, timeout_s: 50 }, ({ progress, total }) => {
      expect(total).toBe(100);
      steps.push(progress);
    });
    expect(done.structured).toMatchObject({
      task_id,
      state: "SUCCESS",
      result: { repository: "packages", generation: 1 },
    });
    expect(JSON.parse(done.text)).toEqual(done.structured);
    expect(steps.length).toBeGreaterThan(0);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(steps.every((step) => step <= 100)).toBe(true);

    const found = await client.call("search_code", { q: "ZodError format issues", repo: "packages" });
    expect(found.structured).toBeUndefined();
    expect(found.text).toMatch(/^\[packages generation 1, 0 files pending, indexed 20/);
    expect(found.text).toContain("zod/");
    expect(Buffer.byteLength(found.text)).toBeLessThanOrEqual(10_240);
    const full = await client.call("search_code", { query: "parse", limit: 50, detail: "full" });
    expect(Buffer.byteLength(full.text)).toBeLessThanOrEqual(40_960);
    const cursor = /cursor ("(?:[^"\\]|\\.)*")/.exec(full.text)?.[1];
    const second = await client.call("search_code", {
      query: "parse",
      limit: 50,
      detail: "full",
      cursor: JSON.parse(cursor ?? '""'),
    });
    expect(second.isError).toBe(false);
    expect(second.text).not.toBe(full.text);
    expect((await client.call("find_symbol", { name: "ZodError" })).text).toMatch(/\d+-\d+ \w+ ZodError/);
    expect((await client.call("find_references", { name: "ZodError" })).text).toMatch(/\d+:\d+ \w+/);
    const outline = (await client.call("get_outline", { path: "." })).text;
    expect(outline).toMatch(/\nLanguages: \w+ \d+ %.*typescript \d+ %.*\n(.*\n)*Most used/);
    expect((await client.call("get_outline", { path: "nope.ts" })).text).toMatch(/^not_found: /);
    expect((await client.call("list_repositories", { repository: "packages" })).structured).toMatchObject({
      repositories: [{ repository: "packages", summary: { generation: 1 } }],
    });
    // The look at everything, with which following the folder begins, reads files again that were written just before.
    await expect
      .poll(async () => (await client.call("list_repositories", {})).structured, { timeout: 30_000 })
      .toMatchObject({
        repositories: [{ repository: "packages", state: "ready", generation: 1, pending_files: 0 }],
      });
  });

  it("a wait that is given up leaves the task alone; then a second run is cancelled", async () => {
    // Each file is written anew, so that the run has something to do.
    const place2 = openPlace();
    const fresh = await connect(place2, copyPackages(join(place2.scratch, "packages")));
    try {
      const { task_id } = (await fresh.call("index_repository", { path: "." })).structured as {
        task_id: string;
      };
      const giveUp = new AbortController();
      const waiting = fresh.call(
        "wait_for_task",
        { task_id, timeout_s: 50 },
        () => giveUp.abort(),
        giveUp.signal,
      );
      await expect(waiting).rejects.toThrow();
      const after = await fresh.call("get_task_status", { task_id });
      expect(["PENDING", "STARTED", "PROGRESS", "SUCCESS"]).toContain(after.structured?.["state"]);
      const removal = await fresh.call("remove_repository", { repository: "packages" });
      if (removal.isError) expect(removal.text).toMatch(/^(conflict: .*cancel_task|not_found)/);
      const cancelled = await fresh.call("cancel_task", { task_id });
      expect(cancelled.isError).toBe(false);
      const ended = await fresh.call("wait_for_task", { task_id, timeout_s: 50 });
      expect(ended.structured?.["state"]).toBe("REVOKED");
    } finally {
      await fresh.close();
      place2.dispose();
    }
  });

  it("mistakes are results that teach", async () => {
    const cases: [string, Record<string, unknown>, RegExp][] = [
      ["get_task_status", { task_id: "nope" }, /^not_found: .*list_tasks/],
      ["search_code", { query: "x", repository: "nope" }, /^not_found: .*Indexed: packages/],
      ["index_repository", { path: "/etc" }, /^forbidden: .*CAMBIUM_ROOTS/],
      ["index_repository", { path: "missing" }, /^not_found/],
      ["search_code", { query: "x", cursor: "bogus" }, /^invalid_argument: .*cursor/],
      ["search_code", { wat: 1 }, /^invalid_argument: .*"wat".*\nCall search_code/],
    ];
    for (const [name, args, words] of cases) {
      const answer = await client.call(name, args);
      expect(answer.isError, `${name} ${JSON.stringify(args)}`).toBe(true);
      expect(answer.text).toMatch(words);
      expect(answer.structured).toBeUndefined();
    }
  });
});

describe("the server as a process", () => {
  let place: Place;
  beforeAll(() => {
    place = openPlace();
  });
  afterAll(() => place.dispose());
  const start = () =>
    spawn(process.execPath, [program, "mcp"], {
      env: place.env,
      cwd: place.scratch,
      stdio: ["pipe", "pipe", "pipe"],
    });
  const hello = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "pipe", version: "1" },
  };
  const line = (message: object) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`;

  it("answers all that came before the end of its input, writes nothing but the protocol, and ends with 0", async () => {
    const child = start();
    const running = collect(child);
    child.stdin.end(
      line({ id: 1, method: "initialize", params: hello }) +
        line({ method: "notifications/initialized" }) +
        line({ id: 2, method: "tools/list" }) +
        line({ id: 3, method: "tools/call", params: { name: "list_tasks", arguments: {} } }),
    );
    const { status, stdout } = await running;
    const messages = stdout
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text) as { id: number; result: { isError?: boolean } });
    expect(messages.map(({ id }) => id).sort()).toEqual([1, 2, 3]);
    expect(messages.find(({ id }) => id === 3)?.result.isError).toBeUndefined();
    expect(status).toBe(0);
  });

  it("a client that is gone in the middle of a wait leaves no server, no noise and its task behind", async () => {
    const own = openPlace();
    try {
      own.write("shop/cart.ts", "export class Cart {}\n");
      await own.json(["control", "pause", "tasks"]);
      const child = spawn(process.execPath, [program, "mcp"], {
        env: own.env,
        cwd: join(own.scratch, "shop"),
        stdio: ["pipe", "pipe", "pipe"],
      });
      const running = collect(child);
      const replies = createInterface({ input: child.stdout });
      const reply = async () => JSON.parse(String((await once(replies, "line"))[0]));
      child.stdin.write(line({ id: 1, method: "initialize", params: hello }));
      await reply();
      const call = (id: number, name: string, args: object) =>
        child.stdin.write(line({ id, method: "tools/call", params: { name, arguments: args } }));
      call(2, "index_repository", { path: "." });
      const { task_id } = (await reply()).result.structuredContent;
      call(3, "wait_for_task", { task_id, timeout_s: 50 });
      call(4, "list_tasks", {});
      expect(await reply()).toMatchObject({ id: 4 });
      const [waited] = await Promise.all([reply(), child.stdin.end()]);
      expect(waited).toMatchObject({ id: 3, result: { structuredContent: { task_id, state: "PENDING" } } });
      const { status, stderr } = await running;
      expect([status, stderr]).toEqual([0, ""]);
      expect(await own.json(["task", task_id])).toMatchObject({ state: "PENDING" });
    } finally {
      own.dispose();
    }
  });

  it("lists its tools whatever is wrong with the data folder; a call says what is wrong", async () => {
    const broken = openPlace();
    try {
      writeFileSync(broken.home, "not a folder");
      const client = await connectOld(broken, broken.scratch);
      expect(await client.tools()).toContain("search_code");
      for (const name of ["list_tasks", "list_repositories"]) {
        const answer = await client.call(name, {});
        expect(answer.isError, name).toBe(true);
        expect(answer.text, name).toContain(broken.home);
      }
      await client.close();
    } finally {
      broken.dispose();
    }
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s ends it in order", async (signal) => {
    const child = start();
    child.stdin.write(line({ id: 1, method: "initialize", params: hello }));
    await once(child.stdout, "data");
    const ended = once(child, "exit");
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
  });
});
