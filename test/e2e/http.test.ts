/** The built server over HTTP: real MCP clients of both generations, REST, its start and its end. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  Client as NewClient,
  StreamableHTTPClientTransport as NewTransport,
} from "@modelcontextprotocol/client";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { restAnswers } from "../../src/mcp/http/rest-answers.ts";
import { openPlace, type Place, until } from "./cambium.ts";
import { bearer, json, type Served, serve } from "./served.ts";

let place: Place;
let repository: string;
let served: Served;
beforeAll(async () => {
  place = openPlace();
  place.write("shop/cart.ts", "export class ShoppingCart {\n  addItem(): void {}\n}\n");
  repository = join(place.scratch, "shop");
  served = await serve(place, place.scratch);
});
afterAll(async () => {
  expect(await served.stop()).toBe(0);
  place.dispose();
});

interface Result {
  readonly isError?: boolean;
  readonly content: { readonly text: string }[];
  readonly structuredContent?: Record<string, unknown>;
}
interface Connection {
  readonly protocol: string | undefined;
  tools(): Promise<string[]>;
  call(
    name: string,
    args: object,
    onProgress?: (done: number) => void,
    signal?: AbortSignal,
  ): Promise<Result>;
  close(): Promise<void>;
}

const requestInit = { headers: bearer };
const target = () => new URL(`${served.url}/mcp`);

async function connectOld(): Promise<Connection> {
  const client = new OldClient({ name: "old", version: "1" });
  const transport = new OldTransport(target(), { requestInit });
  // Its declaration and that of `connect` differ under exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<OldClient["connect"]>[0]);
  return {
    protocol: transport.protocolVersion,
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args, onProgress, signal) =>
      (await client.callTool({ name, arguments: { ...args } }, undefined, {
        ...(onProgress ? { onprogress: ({ progress }) => onProgress(progress) } : {}),
        ...(signal ? { signal } : {}),
      })) as Result,
    close: () => client.close(),
  };
}

const connectNew = (mode: "legacy" | { readonly pin: string }) => async (): Promise<Connection> => {
  const client = new NewClient({ name: "new", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(new NewTransport(target(), { requestInit }));
  return {
    protocol: client.getNegotiatedProtocolVersion(),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args, onProgress, signal) =>
      (await client.callTool(
        { name, arguments: { ...args } },
        {
          ...(onProgress ? { onprogress: ({ progress }) => onProgress(progress) } : {}),
          ...(signal ? { signal } : {}),
        },
      )) as Result,
    close: () => client.close(),
  };
};

describe.each([
  ["the v1 client", connectOld, "2025-11-25"],
  ["the v2 client, by initialize", connectNew("legacy"), "2025-11-25"],
  ["the v2 client, stateless", connectNew({ pin: "2026-07-28" }), "2026-07-28"],
])("MCP over HTTP with %s", (_name, connect, protocol) => {
  it("lists, indexes, waits with progress, searches, refuses and cancels", async () => {
    const client = await connect();
    expect(client.protocol).toBe(protocol);
    expect(await client.tools()).toEqual(expect.arrayContaining(["index_repository", "search_code"]));
    const { task_id } = (await client.call("index_repository", { path: repository })).structuredContent ?? {};
    const progress: number[] = [];
    const done = await client.call("wait_for_task", { task_id, timeout_s: 50 }, (one) => progress.push(one));
    expect(done.structuredContent).toMatchObject({ task_id, state: "SUCCESS" });
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    const found = await client.call("search_code", { query: "shopping cart" });
    expect(found.content[0]?.text).toContain("cart.ts");
    const misspelt = await client.call("search_code", { query: "shoping kart zzzz" });
    expect(misspelt.content[0]?.text).toContain("Did you mean: ShoppingCart?");
    const wrong = await client.call("search_code", {});
    expect(wrong).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('"query" is missing') }],
    });
    const cancelled = await client.call("cancel_task", { task_id });
    expect(cancelled.structuredContent).toMatchObject({ state: "SUCCESS" });
    await client.close();
  });

  it("a call that is given up ends, and its task does not", async () => {
    await place.json(["control", "pause", "tasks"]);
    const client = await connect();
    const { task_id } = (await client.call("index_repository", { path: repository })).structuredContent ?? {};
    const giveUp = new AbortController();
    const wait = client.call(
      "wait_for_task",
      { task_id, timeout_s: 50 },
      () => giveUp.abort(),
      giveUp.signal,
    );
    await expect(wait).rejects.toThrow();
    expect(await served.rest(`/v1/tasks/${task_id}`)).toMatchObject({ state: "PENDING" });
    const cancelled = await client.call("cancel_task", { task_id });
    expect(cancelled.structuredContent).toMatchObject({ state: "REVOKED" });
    await client.close();
    await place.json(["control", "resume", "tasks"]);
  });
});

describe("the stateless revision by hand", () => {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "hand", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const post = (method: string, params: object, headers: Record<string, string> = {}) =>
    fetch(`${served.url}/mcp`, {
      method: "POST",
      headers: {
        ...bearer,
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": method,
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: "one", method, params: { ...params, _meta: meta } }),
    });

  it("discovers, lists and calls without any handshake", async () => {
    const discovered = (await (await post("server/discover", {})).json()) as {
      result: Record<string, unknown>;
    };
    expect(discovered.result).toMatchObject({ supportedVersions: ["2026-07-28"], resultType: "complete" });
    const listed = (await (await post("tools/list", {})).json()) as {
      result: { tools: unknown[]; ttlMs: number };
    };
    expect(listed.result.tools.length).toBeGreaterThan(10);
    const call = { name: "list_repositories", arguments: {} };
    const called = await post("tools/call", call, { "Mcp-Name": "list_repositories" });
    expect([called.status, called.headers.get("mcp-session-id")]).toEqual([200, null]);
    expect(await called.json()).toMatchObject({
      id: "one",
      result: { structuredContent: { repositories: [{}] } },
    });
  });

  it("refuses headers that say another thing than the body, and what no revision has", async () => {
    const call = { name: "list_repositories", arguments: {} };
    const wrong = await post("tools/call", call, { "Mcp-Name": "search_code" });
    expect([wrong.status, await wrong.json()]).toMatchObject([400, { error: { code: -32020 } }]);
    const get = await fetch(`${served.url}/mcp`, { headers: { ...bearer, Accept: "text/event-stream" } });
    expect(get.status).toBe(405);
    const unknown = await post("tools/call", { name: "rm", arguments: {} }, { "Mcp-Name": "rm" });
    expect(await unknown.json()).toMatchObject({
      error: { message: expect.stringContaining("There is no tool") },
    });
  });
});

describe("cambium serve", () => {
  it("prints one line when it is ready, and one JSON document with --json", async () => {
    expect(served.line).toMatch(/^Cambium serves http:\/\/127\.0\.0\.1:\d+ \(MCP at \/mcp, REST at \/v1\)$/);
    expect(existsSync(join(place.home, "tokens.json"))).toBe(false);
    const other = await serve(place, place.scratch, ["--json"]);
    expect(JSON.parse(other.line)).toEqual({
      url: other.url,
      host: "127.0.0.1",
      port: Number(other.url.split(":")[2]),
    });
    expect(await other.stop()).toBe(0);
  });

  it("makes a token that only its owner can read, at the first start without one", async () => {
    const fresh = openPlace();
    try {
      const child = fresh.start(["serve", "--port", "0"]);
      let line = "";
      child.stdout?.on("data", (text) => (line += text));
      const [url] = await until("its line", () => /http:\/\/[\d.:]+/.exec(line) ?? undefined);
      const file = join(fresh.home, "tokens.json");
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const [{ token }] = JSON.parse(readFileSync(file, "utf8")).tokens;
      expect(Buffer.from(token, "base64url")).toHaveLength(32);
      expect((await fetch(`${url}/v1/tasks`)).status).toBe(401);
      const headers = { Authorization: `Bearer ${token}` };
      expect((await fetch(`${url}/v1/tasks`, { headers })).status).toBe(200);
      child.kill("SIGINT");
      await until("its end", () => child.exitCode !== null || child.signalCode !== null);
      expect(child.exitCode).toBe(0);
    } finally {
      fresh.dispose();
    }
  });

  it.each([
    ["a port in use", () => ["--port", new URL(served.url).port], 2, "is in use by another program"],
    ["no port", () => ["--port", "70000"], 2, "a port from 0 to 65535"],
    [
      "an address of another machine",
      () => ["--host", "192.0.2.1", "--port", "0"],
      2,
      "is no address of this machine",
    ],
    ["a listener for others with a weak token", () => ["--host", "0.0.0.0", "--port", "0"], 2, "too few"],
  ])("refuses %s", async (_name, args, status, words) => {
    const run = await place.run(["serve", ...args()], {
      env: { CAMBIUM_TOKEN: words === "too few" ? "short" : "long-enough-token" },
    });
    expect([run.status, run.stdout, run.stderr]).toEqual([status, "", expect.stringContaining(words)]);
  });

  it("does not listen for others with a token that nobody has seen", async () => {
    const fresh = openPlace();
    const run = await fresh.run(["serve", "--host", "0.0.0.0", "--port", "0"]);
    expect([run.status, run.stderr]).toEqual([2, expect.stringContaining("set CAMBIUM_TOKEN")]);
    fresh.dispose();
  });

  it("a task and the cursor of its events outlive the server", async () => {
    const first = await serve(place, place.scratch);
    const before = await readEvents(first.url, undefined, (text) => text.includes("event: listening"));
    const cursor = /^id: (.+)$/m.exec(before)?.[1];
    const { task_id } = await first.rest(
      "/v1/tasks",
      json({ kind: "index_repository", args: { path: repository } }),
    );
    expect(await first.stop()).toBe(0);
    const second = await serve(place, place.scratch);
    const after = await readEvents(second.url, cursor, (text) => /event: task-(succeeded|failed)/.test(text));
    expect(after).toContain(`"task_id":"${task_id}"`);
    for (const type of ["task-added", "task-started", "task-succeeded"])
      expect(after).toContain(`event: ${type}`);
    expect(await second.rest(`/v1/tasks/${task_id}`)).toMatchObject({ state: "SUCCESS" });
    expect(await second.stop()).toBe(0);
  });

  it("answers about what is indexed keep to the schemas of the OpenAPI document", async () => {
    const { task_id } = await served.rest(
      "/v1/tasks",
      json({ kind: "index_repository", args: { path: repository } }),
    );
    await served.rest(`/v1/tasks/${task_id}/wait?timeout_s=50`);
    const asked = [
      ["SearchAnswer", "/v1/search?q=shopping+cart"],
      ["SearchAnswer", "/v1/search?query=class%20%5Cw%2B&mode=regex&context=1"],
      ["Definitions", "/v1/symbols?name=ShoppingCart"],
      ["References", "/v1/references?name=addItem"],
      ["Outline", "/v1/outline"],
      ["Outline", "/v1/outline?path=cart.ts"],
      ["Repositories", "/v1/repositories"],
      ["Tasks", "/v1/tasks"],
      ["Task", `/v1/tasks/${task_id}`],
    ] as const;
    for (const [name, path] of asked) {
      const answer = await served.rest(path);
      expect([path, restAnswers[name].strict().safeParse(answer).error?.issues ?? []]).toEqual([path, []]);
      if (name === "SearchAnswer")
        expect(answer["hits"]).toEqual([expect.objectContaining({ path: "cart.ts" })]);
    }
  });

  it("a tenant neither sees nor touches a repository outside of its folders, over REST or MCP", async () => {
    const shared = openPlace({ CAMBIUM_ROOTS: "" });
    const scopes = ["read", "index", "admin"];
    const names = ["acme", "other"] as const;
    const tokenOf = (name: string) => `token-of-the-tenant-${name}`;
    for (const name of names) shared.write(`${name}/repo-${name}/code.ts`, `export const only${name} = 1;\n`);
    mkdirSync(shared.home, { recursive: true });
    const tokens = names.map((name) => ({
      ...{ name, tenant: name, token: tokenOf(name), scopes },
      roots: [join(shared.scratch, name)],
    }));
    writeFileSync(join(shared.home, "tokens.json"), JSON.stringify({ tokens }), { mode: 0o600 });
    const own = await serve(shared, shared.scratch);
    try {
      const as = async (name: string, path: string, init: RequestInit = {}) => {
        const headers = { ...init.headers, Authorization: `Bearer ${tokenOf(name)}` };
        const answer = await fetch(`${own.url}${path}`, { ...init, headers });
        return { status: answer.status, text: await answer.text() };
      };
      const start = (name: string, of: string) => {
        const args = { path: join(shared.scratch, of, `repo-${of}`) };
        return as(name, "/v1/tasks", json({ kind: "index_repository", args }));
      };
      for (const name of names) {
        const { task_id } = JSON.parse((await start(name, name)).text) as { task_id: string };
        expect((await as(name, `/v1/tasks/${task_id}/wait?timeout_s=50`)).text).toContain('"SUCCESS"');
      }
      for (const path of [
        "repositories",
        "search?query=only",
        "symbols?name=onlyacme",
        "outline?path=code.ts",
      ]) {
        const { status, text } = await as("acme", `/v1/${path}`);
        expect([path, status, text]).toEqual([path, 200, expect.stringContaining("repo-acme")]);
        expect([path, text]).toEqual([path, expect.not.stringContaining("other")]);
      }
      for (const path of ["search?query=x&", "symbols?name=x&", "references?name=x&", "outline?"]) {
        const { status, text } = await as("acme", `/v1/${path}repository=repo-other`);
        expect([path, status, text]).toEqual([path, 404, expect.stringContaining("Indexed: repo-acme.")]);
      }
      const regex = await as("acme", "/v1/search?query=only%5Cw%2B&mode=regex");
      expect(regex.text).toContain("onlyacme");
      expect(regex.text).not.toContain("onlyother");
      expect((await as("acme", "/v1/repositories/repo-other", { method: "DELETE" })).status).toBe(404);
      expect((await start("acme", "other")).status).toBe(403);
      const read = {
        jsonrpc: "2.0",
        id: 1,
        method: "resources/read",
        params: { uri: "cambium://repositories" },
      };
      const mcp = json(read);
      const headers = { ...mcp.headers, Accept: "application/json, text/event-stream" };
      const resource = await as("acme", "/mcp", { ...mcp, headers });
      expect(resource.text).toContain("repo-acme");
      expect(resource.text).not.toContain("repo-other");
      const { repositories } = await own.rest("/v1/repositories");
      expect(repositories).toHaveLength(2);
    } finally {
      await own.stop();
      shared.dispose();
    }
  });

  it("says whether a worker is alive", async () => {
    await served.rest("/v1/tasks", json({ kind: "index_repository", args: { path: repository } }));
    const alive = await until("a worker", async () => {
      const answer = await fetch(`${served.url}/health/workers`);
      return answer.status === 200 ? answer.json() : undefined;
    });
    expect(alive).toEqual({ status: "ok", workers: 1 });
  });
});

async function readEvents(
  url: string,
  after: string | undefined,
  isEnough: (text: string) => boolean,
): Promise<string> {
  const query = after === undefined ? "" : `?after=${after}`;
  const answer = await fetch(`${url}/v1/events${query}`, { headers: bearer });
  let text = "";
  for await (const part of (answer.body ?? expect.fail("no stream")).pipeThrough(new TextDecoderStream())) {
    text += part;
    if (isEnough(text)) break;
  }
  return text;
}
