/** 100,000 messages that nobody should send, to the built server over stdio: no crash, no hang, memory flat. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openPlace, type Place, program } from "../e2e/cambium.ts";
import { fuzzCount, Growth } from "../fixtures/fuzz-run.ts";
import { seeded, seedOfRun } from "../fixtures/seeded.mjs";

const seed = seedOfRun();

let place: Place;
let child: ChildProcess;
beforeAll(() => {
  place = openPlace();
  child = spawn(process.execPath, [program, "mcp"], {
    cwd: place.scratch,
    env: place.env,
    stdio: ["pipe", "pipe", "ignore"],
  });
});
afterAll(() => {
  child.kill("SIGKILL");
  place.dispose();
});

const random = seeded(seed);
const any = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

const methods = [
  "initialize",
  "tools/list",
  "tools/call",
  "tasks/get",
  "tasks/cancel",
  "resources/read",
  "ping",
];
const others = [
  "server/discover",
  "prompts/get",
  "notifications/cancelled",
  "rpc.x",
  "",
  "__proto__",
  "x".repeat(999),
];
const tools = [
  "search_code",
  "get_task_status",
  "wait_for_task",
  "find_symbol",
  "get_outline",
  "constructor",
  "",
];
const oddValues: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  "",
  "\0",
  "\ud800",
  "../../etc/passwd",
  "%2e%2e%2f",
  [],
  {},
  [[[[]]]],
  { __proto__: 1 },
  "x".repeat(5000),
  { length: -1 },
  Number.MAX_SAFE_INTEGER,
  "2026-07-28",
  "\u202e\u200b",
];
const oddLines = [
  "",
  "null",
  "[]",
  "{",
  "}{",
  '"',
  "\u0000",
  "[1,2",
  "{}",
  "true",
  '{"jsonrpc":"2.0"}',
  "\ufeff{}",
  "NaN",
];

/** Most are nearly right: what is plainly wrong does not get far. */
function makeLine(number: number): string {
  if (random() < 0.1) return any(oddLines);
  const value = () => any(oddValues);
  const meta = {
    "io.modelcontextprotocol/protocolVersion": random() < 0.7 ? "2026-07-28" : value(),
    "io.modelcontextprotocol/clientCapabilities": random() < 0.7 ? {} : value(),
  };
  const key = any(["query", "task_id", "name", "path", "cursor", "limit", "mode", "uri", "__proto__"]);
  const params: Record<string, unknown> = {
    name: random() < 0.8 ? any(tools) : value(),
    arguments: random() < 0.8 ? { [key]: value(), [any(["query", "timeout_s"])]: value() } : value(),
    [any(["uri", "taskId", "requestId", "cursor", "protocolVersion"])]: value(),
    ...(random() < 0.7 ? { _meta: meta } : {}),
  };
  const message = {
    jsonrpc: random() < 0.95 ? "2.0" : value(),
    id: random() < 0.8 ? `fuzz-${number}` : value(),
    method: random() < 0.9 ? any(methods) : random() < 0.7 ? any(others) : value(),
    params: random() < 0.95 ? params : value(),
  };
  const line = JSON.stringify(random() < 0.05 ? [message, message] : message);
  return random() < 0.1 ? line.slice(0, Math.floor(random() * line.length)) : line;
}

it(`${fuzzCount} messages`, async () => {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error("no pipes");
  let pinged = (_: Record<string, unknown>) => {};
  createInterface({ input: stdout }).on("line", (line) => {
    // Every line of it is JSON, whatever came in.
    const reply = JSON.parse(line) as Record<string, unknown>;
    if (String(reply["id"]).startsWith("alive-")) pinged(reply);
    const { code } = (reply["error"] ?? {}) as { code?: number };
    if (code === -32603) faults.push(line.slice(0, 500));
  });
  const faults: string[] = [];
  const isAlive = async (part: number) => {
    const reply = new Promise<Record<string, unknown>>((resolve) => (pinged = resolve));
    const params = { name: "list_repositories", arguments: {} };
    stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: `alive-${part}`, method: "tools/call", params })}\n`);
    return reply;
  };
  const hello = {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "fuzz", version: "1" },
  };
  stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params: hello })}\n`);
  const growth = new Growth(child.pid);
  for (let part = 0; growth.wantsMore; part += 1) {
    for (let number = 0; number < fuzzCount / 10; number += 1) {
      if (!stdin.write(`${makeLine(number)}\n`)) await once(stdin, "drain");
    }
    expect(await isAlive(part), `CAMBIUM_SEED=${seed}`).toMatchObject({ result: { content: [{}] } });
    growth.note();
  }
  process.stderr.write(`seed ${seed}; ${growth}\n`);
  expect(faults.slice(0, 5), `CAMBIUM_SEED=${seed}`).toEqual([]);
  expect(growth.isFlat, String(growth)).toBe(true);
  expect(child.exitCode).toBeNull();
});
