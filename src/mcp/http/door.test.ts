/** Who is let in and who is not: Host, Origin, tokens, scopes, tenants, limits, and requests that are wrong. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Asked,
  adminToken,
  openTestDoor,
  otherTokens,
  type TestDoor,
} from "../../../test/fixtures/http-door.ts";
import { fuzzHttp } from "../../../test/fixtures/http-fuzz.ts";
import { seedOfRun } from "../../../test/fixtures/seeded.mjs";
import { until } from "../../../test/fixtures/until.ts";
import { tools } from "../tools.ts";
import { scopeOfTool } from "./scopes.ts";

const [reader = "", indexer = "", acme = ""] = otherTokens.map(({ token }) => token);
let at: TestDoor;
beforeAll(async () => {
  at = await openTestDoor({ hosts: ["cambium.example.com"] });
});
afterAll(() => at.dispose());

const start: Asked = { method: "POST", path: "/v1/tasks" };
const unknownId = "0".repeat(32);

describe("Host and Origin", () => {
  it.each([
    ["a name that was made to resolve here (DNS rebinding)", "evil.example"],
    ["with the port", "evil.example:7878"],
    ["a name that begins like ours", "localhost.evil.example"],
    ["a name that ends like ours", "evil-cambium.example.com"],
    ["a user before it", "localhost@evil.example"],
    ["another address", "10.0.0.1"],
    ["a final dot", "localhost."],
  ])("refuses %s", async (_name, host) => {
    for (const path of ["/mcp", "/v1/tasks", "/health", "/"]) {
      const { status, json } = await at.ask({ path, headers: { Host: host } });
      expect([path, status]).toEqual([path, 403]);
      expect(JSON.stringify(json)).toContain("CAMBIUM_HTTP_HOSTS");
    }
  });

  it.each(["localhost", "localhost:9999", "127.0.0.1", "[::1]:80", "LOCALHOST", "cambium.example.com"])(
    "takes %s",
    async (host) => {
      expect((await at.ask({ path: "/v1/tasks", headers: { Host: host } })).status).toBe(200);
    },
  );

  it.each(["GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"])(
    "refuses no name at all: %j",
    async (head) => {
      const socket = connect(at.door.port, "127.0.0.1");
      socket.write(head);
      const [reply] = (await once(socket, "data")) as [Buffer];
      expect(reply.toString()).toMatch(/^HTTP\/1.1 40[03] /);
      socket.destroy();
    },
  );

  it.each([
    "http://evil.example",
    "https://localhost.evil.example",
    "null",
    "http://localhost:1",
    "file://",
    "http://cambium.example.com.evil.example",
  ])("refuses a page of %s, with a token as well, and allows it nothing", async (origin) => {
    for (const method of ["GET", "OPTIONS", "POST"]) {
      const { status, headers } = await at.ask({ method, path: "/mcp", headers: { Origin: origin } });
      expect(status).toBe(403);
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    }
  });

  it("takes its own page and one that is listed", async () => {
    const own = `http://localhost:${at.door.port}`;
    const headers = { Host: `localhost:${at.door.port}`, Origin: own };
    expect((await at.ask({ path: "/v1/tasks", headers })).status).toBe(200);
    const listed = { Host: "cambium.example.com", Origin: "https://cambium.example.com" };
    const answer = await at.ask({ path: "/v1/tasks", headers: listed });
    expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([200, undefined]);
  });
});

describe("a message of a wrong form", () => {
  it.each([
    ["tools/call", [1]],
    ["tools/call", { name: "search_code", arguments: "x" }],
    ["tools/list", { cursor: 5 }],
    ["initialize", { protocolVersion: 5 }],
  ])("%s %j is the caller's fault: -32602", async (method, params) => {
    const accept = { Accept: "application/json, text/event-stream" };
    const body = { jsonrpc: "2.0", id: 9, method, params };
    const { status, json } = await at.ask({ method: "POST", path: "/mcp", headers: accept, body });
    expect([status, json.id, json.error.code]).toEqual([400, 9, -32602]);
  });
});

describe("tokens", () => {
  it.each([
    ["none", undefined],
    ["an empty one", "Bearer "],
    ["one that is too short", `Bearer ${adminToken.slice(0, -1)}`],
    ["one that is too long", `Bearer ${adminToken}x`],
    ["another case", `Bearer ${adminToken.toUpperCase()}`],
    ["another scheme", `Basic ${Buffer.from(`x:${adminToken}`).toString("base64")}`],
    ["two", `Bearer ${adminToken}, Bearer ${adminToken}`],
    ["a long one", `Bearer ${"x".repeat(5000)}`],
  ])(
    "refuses %s with 401 on every route but probes, whether there is such a route or not",
    async (_name, header) => {
      const own = await openTestDoor();
      try {
        for (const path of [
          "/mcp",
          "/v1/tasks",
          "/v1/search?query=x",
          "/v1/events",
          "/v1/openapi.json",
          "/metrics",
          "/no",
        ]) {
          const headers = header === undefined ? {} : { Authorization: header };
          const answer = await own.ask({ path, headers, token: null });
          expect([path, answer.status]).toEqual([path, 401]);
          expect(answer.headers["www-authenticate"]).toMatch(/^Bearer/);
          expect(answer.text).not.toContain(own.top);
        }
      } finally {
        await own.dispose();
      }
    },
  );

  it("leaves probes open, which tell nobody a path", async () => {
    const health = await at.ask({ path: "/health", token: null });
    expect([health.status, health.json]).toEqual([200, { status: "ok", version: "1.2.3" }]);
    const workers = await at.ask({ path: "/health/workers", token: null });
    expect(workers.status).toBe(503);
    expect(workers.json.reason).toContain("No worker is alive");
  });

  it("slows strangers down, and nobody else", async () => {
    const own = await openTestDoor();
    try {
      const asked = Array.from({ length: 40 }, () =>
        own.ask({ path: "/v1/tasks", token: "wrong-wrong-wrong-wrong" }),
      );
      const answers = await Promise.all(asked);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
      expect(answers.find(({ status }) => status === 429)?.headers["retry-after"]).toBe("1");
      expect((await own.ask("/v1/tasks")).status).toBe(200);
    } finally {
      await own.dispose();
    }
  });

  it("never writes a token to the log", () => {
    expect(at.logged.length).toBeGreaterThan(0);
    for (const token of [adminToken, reader, indexer, acme])
      expect(JSON.stringify(at.logged)).not.toContain(token);
  });
});

describe("scopes", () => {
  const call = (name: string, args: object): Asked => ({
    method: "POST",
    path: "/mcp",
    headers: { Accept: "application/json, text/event-stream" },
    body: { jsonrpc: "2.0", id: 7, method: "tools/call", params: { name, arguments: args } },
  });

  it("read looks and neither starts nor removes", async () => {
    for (const path of [
      "/v1/tasks",
      "/v1/repositories",
      "/v1/search?query=cart",
      "/v1/openapi.json",
      "/metrics",
    ])
      expect([path, (await at.ask({ path, token: reader })).status]).toEqual([path, 200]);
    const body = { kind: "index_repository", args: { path: at.root } };
    const refused = await at.ask({ ...start, body, token: reader });
    expect(refused.status).toBe(403);
    expect(refused.headers["www-authenticate"]).toBe('Bearer error="insufficient_scope", scope="index"');
    for (const [method, path] of [
      ["DELETE", `/v1/tasks/${unknownId}`],
      ["POST", `/v1/tasks/${unknownId}/retry`],
      ["DELETE", "/v1/repositories/shop"],
    ] as const)
      expect([path, (await at.ask({ method, path, token: reader })).status]).toEqual([path, 403]);
  });

  it("index starts and does not look", async () => {
    expect((await at.ask({ path: "/v1/search?query=cart", token: indexer })).status).toBe(403);
    expect((await at.ask({ method: "DELETE", path: "/v1/repositories/shop", token: indexer })).status).toBe(
      403,
    );
    expect(await at.start(at.root, indexer)).toMatch(/^[0-9a-f]{32}$/);
  });

  it("a tool that nobody gave a scope asks for the most", () => {
    const [tool] = tools.filter(({ name }) => name === "index_repository");
    if (tool === undefined) return expect.fail("there is no such tool");
    expect(scopeOfTool({ ...tool, name: "something_new" })).toBe("admin");
    expect(tools.map((one) => [one.name, scopeOfTool(one)]).filter(([, scope]) => scope !== "read")).toEqual([
      ["index_repository", "index"],
      ["cancel_task", "index"],
      ["retry_task", "index"],
      ["remove_repository", "admin"],
    ]);
  });

  it("hold over MCP too, message by message, also in a batch", async () => {
    const refused = await at.ask({ ...call("index_repository", { path: at.root }), token: reader });
    expect(refused.status).toBe(403);
    expect(refused.json).toMatchObject({ jsonrpc: "2.0", id: 7, error: { code: -32000 } });
    expect(
      (await at.ask({ ...call("remove_repository", { repository: "shop" }), token: indexer })).status,
    ).toBe(403);
    const { body } = call("cancel_task", { task_id: unknownId });
    const batch = {
      ...call("x", {}),
      body: [{ jsonrpc: "2.0", method: "ping", id: 1 }, body],
      token: reader,
    };
    expect((await at.ask(batch)).status).toBe(403);
    expect((await at.ask({ ...call("list_tasks", {}), token: reader })).status).toBe(200);
  });
});

describe("tenants", () => {
  it("see neither each other's tasks nor the figures of all", async () => {
    const theirs = await at.start(at.root, acme);
    expect(theirs).toMatch(/^acme\.[0-9a-f]{32}$/);
    expect((await at.ask(`/v1/tasks/${theirs}`)).status).toBe(404);
    expect((await at.ask({ path: `/v1/tasks/${theirs}`, token: acme })).status).toBe(200);
    const mine = await at.start();
    expect(mine).not.toBe(theirs);
    expect((await at.ask({ path: `/v1/tasks/${mine}`, token: acme })).status).toBe(404);
    expect((await at.ask({ method: "DELETE", path: `/v1/tasks/${mine}`, token: acme })).status).toBe(404);
    const { json } = await at.ask({ path: "/v1/tasks", token: acme });
    expect(json.tasks.map((task: { task_id: string }) => task.task_id)).toEqual([theirs]);
    expect((await at.ask({ path: "/metrics", token: acme })).status).toBe(403);
  });
});

describe("wrong requests", () => {
  it.each([
    ["a route that is not there", { path: "/v1/nothing" }, 404],
    ["a path that climbs", { path: "/v1/tasks/../../etc/passwd" }, 404],
    ["a path with a NUL", { path: "/v1/tasks/%00" }, 404],
    ["a broken escape", { path: "/v1/tasks/%zz" }, 400],
    ["an address as the target", { path: "http://127.0.0.1/v1/tasks" }, 400],
    ["a wrong method", { method: "PUT", path: "/v1/tasks" }, 405],
    ["a method on a probe", { method: "POST", path: "/health", body: {} }, 405],
    ["no JSON", { ...start, body: "{" }, 400],
    ["another type of body", { ...start, body: "kind=x", headers: { "Content-Type": "text/plain" } }, 415],
    ["a list", { ...start, body: [] }, 400],
    ["no kind", { ...start, body: {} }, 400],
    ["a kind that is not there", { ...start, body: { kind: "rm", args: {} } }, 400],
    ["a kind of the language itself", { ...start, body: { kind: "constructor", args: {} } }, 400],
    ["more than is known", { ...start, body: { kind: "index_repository", args: {}, tenant: "x" } }, 400],
    ["no path", { ...start, body: { kind: "index_repository", args: {} } }, 400],
    [
      "a folder that is not allowed",
      { ...start, body: { kind: "index_repository", args: { path: "/usr" } } },
      403,
    ],
    ["a parameter twice", { path: "/v1/search?query=a&query=b" }, 400],
    ["a parameter that is not known", { path: "/v1/search?query=a&__proto__=b" }, 400],
    ["a limit out of range", { path: "/v1/search?query=a&limit=0" }, 400],
    ["a cursor of nobody", { path: "/v1/events?after=yesterday" }, 400],
    ["a task that is not there", { path: `/v1/tasks/${unknownId}` }, 404],
    [
      "a body where none is read",
      { method: "POST", path: `/v1/tasks/${unknownId}/retry`, body: { a: 1 } },
      400,
    ],
  ] as const)("%s", async (_name, asked, status) => {
    const answer = await at.ask(asked);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining('"message"')]);
    expect(answer.text).not.toContain("node_modules");
    if (status === 405) expect(answer.headers["allow"]).toBeDefined();
  });

  it("a body that is too large, told at once or found out, small or endless", async () => {
    const large = JSON.stringify({ kind: "x".repeat(1024 * 1024 + 1) });
    expect((await at.ask({ ...start, body: large })).status).toBe(413);
    const chunked = { "Transfer-Encoding": "chunked" };
    expect((await at.ask({ ...start, body: large, headers: chunked })).status).toBe(413);
    expect((await at.ask({ method: "POST", path: "/mcp", body: large })).status).toBe(413);
    const socket = connect(at.door.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(
      `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${adminToken}\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n`,
    );
    const [reply] = (await once(socket, "data")) as [Buffer];
    expect(reply.toString()).toMatch(/^HTTP\/1.1 413 /);
    await once(socket, "close");
  });

  it("headers that are too large or broken end their connection only", async () => {
    for (const head of [
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
      "\u0000\u0001\r\n\r\n",
      "GET\r\n\r\n",
    ]) {
      const socket = connect(at.door.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(head);
      const [reply] = (await once(socket, "data")) as [Buffer];
      expect(reply.toString()).toMatch(/^HTTP\/1.1 4(00|31) /);
      socket.destroy();
    }
    expect((await at.ask("/health")).status).toBe(200);
  });
});

describe("limits", () => {
  it("429 with Retry-After for more requests a second than are allowed, a token at a time", async () => {
    const own = await openTestDoor({ ratePerSecond: 2 });
    try {
      const began = performance.now();
      const answers = await Promise.all(Array.from({ length: 40 }, () => own.ask("/v1/tasks")));
      const most = 4 + Math.ceil((2 * (performance.now() - began)) / 1000);
      const refused = answers.filter(({ status }) => status === 429);
      expect(answers.length - refused.length).toBeGreaterThanOrEqual(4);
      expect(answers.length - refused.length).toBeLessThanOrEqual(most);
      expect(refused[0]?.headers["retry-after"]).toBe("1");
      expect(refused[0]?.json.error.code).toBe("exhausted");
      expect((await own.ask({ path: "/v1/tasks", token: reader })).status).toBe(200);
    } finally {
      await own.dispose();
    }
  });

  it("many calls at a time are no leak to be warned of", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on("warning", note);
    const own = await openTestDoor();
    try {
      const id = await own.start();
      const waits = Array.from({ length: 30 }, () => own.ask(`/v1/tasks/${id}/wait?timeout_s=50`));
      await until("all wait", async () => / 31$/m.test((await own.ask("/metrics")).text));
      await own.ask({ method: "DELETE", path: `/v1/tasks/${id}` });
      for (const { json } of await Promise.all(waits)) expect(json.state).toBe("REVOKED");
      expect(warnings).toEqual([]);
    } finally {
      process.off("warning", note);
      await own.dispose();
    }
  });

  it("429 for more requests at a time than are allowed; places are given back, also by who has gone", async () => {
    const own = await openTestDoor({ concurrency: 2 });
    try {
      const id = await own.start();
      const wait = `/v1/tasks/${id}/wait?timeout_s=50`;
      const sockets = [1, 2].map(() => {
        const socket = connect(own.door.port, "127.0.0.1");
        socket.write(
          `GET ${wait} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${adminToken}\r\n\r\n`,
        );
        return socket;
      });
      const refused = await until("both wait", async () => {
        const answer = await own.ask("/v1/tasks");
        return answer.status === 429 ? answer : undefined;
      });
      expect(refused.headers["retry-after"]).toBe("1");
      for (const socket of sockets) socket.destroy();
      await until("the places are free", async () => (await own.ask("/v1/tasks")).status === 200);
      expect((await own.ask(`/v1/tasks/${id}`)).json.state).toBe("PENDING");
    } finally {
      await own.dispose();
    }
  });
});

it("five hundred requests that nobody should send: none is our fault, and the door still answers", async () => {
  const seed = seedOfRun();
  const own = await openTestDoor();
  try {
    const { bad, statuses } = await fuzzHttp({ port: own.door.port, token: adminToken, seed, count: 500 });
    expect(bad, `CAMBIUM_SEED=${seed}`).toEqual([]);
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(["200", "400", "404", "405", "415"]));
    expect(own.logged.filter(({ level }) => level === "error")).toEqual([]);
    expect((await own.ask("/health")).status).toBe(200);
  } finally {
    await own.dispose();
  }
});
