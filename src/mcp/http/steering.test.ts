/** REST as a program uses it: tasks, answers that keep to their schemas, events without a gap, and the end of the server. */
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Answer,
  adminToken,
  openTestDoor,
  otherTokens,
  type TestDoor,
} from "../../../test/fixtures/http-door.ts";
import { until } from "../../../test/fixtures/until.ts";
import { everyTool, selectTools } from "../tool-selection.ts";
import { type AnswerName, restAnswers } from "./rest-answers.ts";
import { restRoutes } from "./rest-routes.ts";

let at: TestDoor;
beforeAll(async () => {
  at = await openTestDoor();
});
afterAll(() => at.dispose());

function keepsTo(name: AnswerName, { status, json, text }: Answer, expected = 200): void {
  expect([status, text]).toEqual([expected, expect.anything()]);
  const strict = restAnswers[name].strict();
  expect(strict.safeParse(json).error?.issues ?? []).toEqual([]);
}

describe("tasks", () => {
  it("start, look, wait, cancel, retry; each answer is what the OpenAPI document says", async () => {
    const body = { kind: "index_repository", args: { path: at.root } };
    const started = await at.ask({ method: "POST", path: "/v1/tasks", body });
    keepsTo("StartedTask", started, 202);
    const { task_id } = started.json;
    expect(started.headers["location"]).toBe(`/v1/tasks/${task_id}`);
    const joined = await at.ask({ method: "POST", path: "/v1/tasks", body });
    expect(joined.json.task_id).toBe(task_id);
    keepsTo("Task", await at.ask(`/v1/tasks/${task_id}`));
    const waited = await at.ask(`/v1/tasks/${task_id}/wait?timeout_s=1`);
    keepsTo("Task", waited);
    expect(waited.json.state).toBe("PENDING");
    const listed = await at.ask("/v1/tasks?state=active&limit=1000");
    keepsTo("Tasks", listed);
    expect(listed.json.tasks).toEqual([expect.objectContaining({ task_id, args: { root: at.root } })]);
    const cancelled = await at.ask({ method: "DELETE", path: `/v1/tasks/${task_id}` });
    keepsTo("Task", cancelled);
    expect(cancelled.json.state).toBe("REVOKED");
    const again = await at.ask({ method: "POST", path: `/v1/tasks/${task_id}/retry` });
    keepsTo("StartedTask", again, 202);
    expect(again.json.task_id).not.toBe(task_id);
    const log = at.logged.filter(({ level }) => level === "info").map(({ tool, task_id: id }) => [tool, id]);
    expect(log).toEqual(
      expect.arrayContaining([
        ["index_repository", task_id],
        ["cancel_task", task_id],
        ["retry_task", again.json.task_id],
      ]),
    );
  });

  it("answers about code keep to their schemas, also when nothing is indexed", async () => {
    keepsTo("SearchAnswer", await at.ask("/v1/search?q=cart&limit=5"));
    keepsTo("SearchAnswer", await at.ask("/v1/search?query=Cart%24&mode=regex&ignore_case=true&context=1"));
    keepsTo("Definitions", await at.ask("/v1/symbols?name=ShoppingCart"));
    keepsTo("References", await at.ask("/v1/references?name=ShoppingCart"));
    keepsTo("Repositories", await at.ask("/v1/repositories"));
    keepsTo("Error", await at.ask("/v1/outline?path=src"), 404);
    keepsTo("Error", await at.ask({ method: "DELETE", path: "/v1/repositories/nothing" }), 404);
  });

  it("HEAD is GET without a body", async () => {
    const { status, text, headers } = await at.ask({ method: "HEAD", path: "/v1/tasks" });
    expect([status, text]).toEqual([200, ""]);
    expect(Number(headers["content-length"])).toBeGreaterThan(0);
  });
});

describe("the OpenAPI document", () => {
  it("has every route with its parameters, unique ids and references that lead somewhere", async () => {
    const { json } = await at.ask("/v1/openapi.json");
    expect(json.openapi).toBe("3.1.0");
    const operations = Object.values(json.paths as Record<string, Record<string, { operationId: string }>>)
      .flatMap((path) => Object.values(path))
      .map(({ operationId }) => operationId);
    expect(new Set(operations).size).toBe(operations.length);
    expect(operations).toHaveLength(restRoutes.length + 2);
    for (const { path, method } of restRoutes) {
      const operation = json.paths[path][method.toLowerCase()];
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((one: { in: string }) => one.in === "path");
      expect(declared.map((one: { name: string }) => one.name)).toEqual(inPath);
    }
    for (const [, name = ""] of JSON.stringify(json).matchAll(/#\/components\/schemas\/(\w+)/g))
      expect(json.components.schemas).toHaveProperty(name);
  });
});

describe("a server that shows some tools", () => {
  it("offers programs no more than assistants, and its document says so", async () => {
    const own = await openTestDoor({ tools: selectTools({ ...everyTool, readOnly: true }) });
    try {
      const body = { kind: "index_repository", args: { path: own.root } };
      expect((await own.ask({ method: "POST", path: "/v1/tasks", body })).status).toBe(405);
      expect((await own.ask({ method: "DELETE", path: "/v1/repositories/shop" })).status).toBe(404);
      expect((await own.ask({ method: "DELETE", path: `/v1/tasks/${"0".repeat(32)}` })).status).toBe(405);
      expect((await own.ask({ method: "POST", path: `/v1/tasks/${"0".repeat(32)}/retry` })).status).toBe(404);
      for (const path of ["/v1/tasks", "/v1/search?q=cart", "/v1/repositories"])
        expect([path, (await own.ask(path)).status]).toEqual([path, 200]);
      const { json } = await own.ask("/v1/openapi.json");
      const operations = Object.values(json.paths as Record<string, object>).flatMap(Object.keys);
      expect(new Set(operations)).toEqual(new Set(["get"]));
    } finally {
      await own.dispose();
    }
    const asking = await openTestDoor({ tools: selectTools({ ...everyTool, tools: ["search_code"] }) });
    expect((await asking.ask("/v1/tasks")).status).toBe(404);
    await asking.dispose();
  });
});

describe("metrics", () => {
  it("are in Prometheus' form, with routes and not paths as labels", async () => {
    await at.ask("/v1/tasks/somebody-elses-words");
    const { text, headers } = await at.ask("/metrics");
    expect(headers["content-type"]).toContain("version=0.0.4");
    for (const line of text.trimEnd().split("\n"))
      expect(line).toMatch(
        /^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[\d.]+(e[+-]?\d+)?)$/,
      );
    expect(text).toContain(
      'cambium_http_requests_total{method="GET",route="/v1/tasks/{task_id}",status="404"} 1',
    );
    expect(text).toMatch(/^cambium_workers 0$/m);
    expect(text).toMatch(/^cambium_queue_jobs\{queue="tasks",state="waiting"\} \d+$/m);
    expect(text).not.toContain("somebody");
    const buckets = [
      ...text.matchAll(/_bucket\{route="\/metrics|_bucket\{route="\/v1\/tasks",le="[^"]+"\} (\d+)/g),
    ];
    const counts = buckets.map(([, count]) => Number(count));
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  });
});

interface Stream {
  readonly response: IncomingMessage;
  readonly events: { readonly id: string; readonly event: string; readonly data: Record<string, unknown> }[];
  close(): void;
}

function follow(
  door: TestDoor,
  after?: string,
  { header = false, token = adminToken, query = "" } = {},
): Promise<Stream> {
  const path = `/v1/events?${after === undefined || header ? "" : `after=${after}&`}${query}`;
  return new Promise((resolve, reject) => {
    const headers = {
      Authorization: `Bearer ${token}`,
      ...(header && after !== undefined ? { "Last-Event-ID": after } : {}),
    };
    const request = get({ host: "127.0.0.1", port: door.door.port, path, headers, agent: false });
    request.on("error", reject);
    request.on("response", (response) => {
      const events: Stream["events"] = [];
      let text = "";
      response.setEncoding("utf8").on("error", () => {});
      response.on("data", (part: string) => {
        text += part;
        const blocks = text.split("\n\n");
        text = blocks.pop() ?? "";
        for (const block of blocks) {
          const [, id, event, data] = /^id: (.+)\nevent: (.+)\ndata: (.+)$/.exec(block) ?? [];
          if (id !== undefined) events.push({ id, event: event ?? "", data: JSON.parse(data ?? "{}") });
        }
      });
      resolve({ response, events, close: () => request.destroy() });
    });
  });
}

describe("events", () => {
  it("come with cursors from which a new connection goes on without a gap and without a repetition", async () => {
    const whole = await follow(at);
    await until("it listens", () => whole.events.some(({ event }) => event === "listening"));
    expect(whole.response.headers["content-type"]).toContain("text/event-stream");
    const piece = await follow(at);
    await until("it listens", () => piece.events.length > 0);
    const seen: string[] = [];
    let cursor = piece.events[0]?.id ?? "";
    const take = (stream: Stream) => {
      for (const { id, data } of stream.events.splice(0)) {
        cursor = id;
        if (data["task_id"] !== null) seen.push(id);
      }
    };
    let current = piece;
    for (let round = 0; round < 4; round += 1) {
      const id = await at.start();
      await at.ask({ method: "DELETE", path: `/v1/tasks/${id}` });
      await until("something came", () => current.events.some(({ data }) => data["task_id"] === id));
      current.close();
      take(current);
      // While nobody listens things happen too.
      const other = await at.start();
      await at.ask({ method: "DELETE", path: `/v1/tasks/${other}` });
      current = await follow(at, cursor, { header: round % 2 === 0 });
    }
    const last = await at.start();
    const isLast = ({ data }: Stream["events"][number]) => data["task_id"] === last;
    await until("the end came", () => whole.events.some(isLast) && current.events.some(isLast));
    take(current);
    const all = whole.events.filter(({ data }) => data["task_id"] !== null).map(({ id }) => id);
    expect(seen).toEqual(all.slice(0, seen.length));
    expect(seen.length).toBeGreaterThan(8);
    for (const stream of [whole, current]) stream.close();
  });

  it("are those of the caller's tenant, and of one task where it is named", async () => {
    const acme = otherTokens[2]?.token ?? "";
    const theirs = await follow(at, undefined, { token: acme });
    await until("it listens", () => theirs.events.length > 0);
    const id = await at.start();
    const mine = await follow(at, theirs.events[0]?.id, { query: `task_id=${id}` });
    const other = await at.start(at.root, acme);
    await at.ask({ method: "DELETE", path: `/v1/tasks/${id}` });
    await until("theirs came", () => theirs.events.some(({ data }) => data["task_id"] === other));
    await until("mine ended", () => mine.events.some(({ event }) => event === "task-revoked"));
    expect(theirs.events.every(({ data }) => [null, other].includes(data["task_id"] as string))).toBe(true);
    expect(mine.events.every(({ data }) => data["task_id"] === id)).toBe(true);
    for (const stream of [theirs, mine]) stream.close();
  });

  it("a side that does not read holds up nothing", async () => {
    const deaf = connect(at.door.port, "127.0.0.1");
    deaf.pause();
    deaf.write(
      `GET /v1/events?after=0-1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${adminToken}\r\n\r\n`,
    );
    expect((await at.ask("/v1/tasks")).status).toBe(200);
    deaf.destroy();
  });
});

const raw = (door: TestDoor, text: string): { readonly socket: Socket; readonly reply: Promise<string> } => {
  const socket = connect(door.door.port, "127.0.0.1");
  let heard = "";
  socket.on("data", (part) => {
    heard += part.toString();
  });
  socket.on("error", () => {});
  socket.write(text);
  return { socket, reply: once(socket, "close").then(() => heard) };
};

describe("the end", () => {
  it("answers what has begun, ends waits and streams, and takes nothing new", async () => {
    const own = await openTestDoor();
    const id = await own.start();
    const head = (path: string) =>
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${adminToken}\r\n\r\n`;
    const silent = raw(own, "");
    const idle = raw(own, head("/v1/tasks"));
    await once(idle.socket, "data");
    const stream = await follow(own);
    await until("it listens", () => stream.events.length > 0);
    const wait = own.ask(`/v1/tasks/${id}/wait?timeout_s=50`);
    const mcp = own.ask({
      method: "POST",
      path: "/mcp",
      headers: { Accept: "application/json, text/event-stream" },
      body: {
        ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
        params: { name: "wait_for_task", arguments: { task_id: id, timeout_s: 50 } },
      },
    });
    await until("they wait", async () => / (3|4)$/m.exec(inFlight((await own.ask("/metrics")).text)));
    const began = performance.now();
    await own.dispose();
    expect(performance.now() - began).toBeLessThan(20_000);
    expect((await wait).json).toMatchObject({ task_id: id, state: "PENDING" });
    expect((await mcp).text).toContain('\\"state\\":\\"PENDING\\"');
    expect(stream.response.readableEnded || stream.response.complete).toBe(true);
    await Promise.all([idle.reply, silent.reply]);
    await expect(own.ask("/health")).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe("who is slow", () => {
  it("a header, a body and an upload that stop half-way are given up, and hold up nobody", async () => {
    const own = await openTestDoor({ arrivalMs: { header: 3000, whole: 4000 }, concurrency: 3 });
    const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${adminToken}\r\nContent-Type: application/json\r\n`;
    const slow = [
      "GET /health HTTP/1.1\r\nHos",
      head,
      `${head}Content-Length: 100\r\n\r\n{"jsonrpc"`,
      `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":`,
      "",
    ].map((text) => raw(own, text).reply);
    expect((await own.ask("/v1/tasks")).status).toBe(200);
    for (const reply of (await Promise.all(slow)).slice(0, -1)) expect(reply).toMatch(/^HTTP\/1.1 408 /);
    await until("their places are free", async () =>
      inFlight((await own.ask("/metrics")).text).endsWith(" 1"),
    );
    await own.dispose();
  });
});

const inFlight = (text: string) => /^cambium_http_requests_in_flight .*$/m.exec(text)?.[0] ?? "";

it("a store that fails is 503 on /health and tells the reason in the log, not to strangers", async () => {
  let isGone = false;
  const own = await openTestDoor({
    depsOf: (deps) => ({
      ...deps,
      index: new Proxy(deps.index, {
        get: (target, name) => {
          if (isGone && name === "repositories") throw new Error("a secret path");
          return Reflect.get(target, name).bind(target);
        },
      }),
    }),
  });
  try {
    isGone = true;
    const health = await own.ask({ path: "/health", token: null });
    expect(health.status).toBe(503);
    expect(health.text).not.toContain("secret");
    const failed = await own.ask("/v1/repositories");
    expect([failed.status, failed.json.error.code]).toEqual([500, "internal"]);
    expect(own.logged.filter(({ level }) => level === "error")).toHaveLength(1);
  } finally {
    await own.dispose();
  }
});
