/**
 * Load over HTTP: so many clients at once that search and look at tasks, first with nothing else going on, then while
 * a corpus is indexed. Prints one JSON line; ends with 1 when a request failed or memory grew.
 * Usage: npm run load:http -- --corpus <folder> [--clients 50] [--seconds 120] [--pause 500]
 * A client waits `--pause` ms on average between two requests, as an assistant does; 0 asks without a pause.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: flags } = parseArgs({
  options: {
    corpus: { type: "string" },
    clients: { type: "string", default: "50" },
    seconds: { type: "string", default: "120" },
    pause: { type: "string", default: "500" },
  },
});
if (flags.corpus === undefined) throw new Error("Say what is to be indexed: --corpus <folder>.");
const corpus = resolve(flags.corpus);
const [clients, seconds, pauseMs] = [flags.clients, flags.seconds, flags.pause].map(Number);
const home = mkdtempSync(join(tmpdir(), "cambium-load-"));
const token = "token-of-the-load-measure";
const program = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const env = { ...process.env, CAMBIUM_HOME: home, CAMBIUM_TOKEN: token, CAMBIUM_LOG_LEVEL: "warn" };
const server = spawn(process.execPath, [program, "serve", "--port", "0"], {
  cwd: corpus,
  env,
  stdio: ["ignore", "pipe", "inherit"],
});
const [line] = await once(createInterface(server.stdout), "line");
const { port } = new URL(/http:\S+/.exec(line)[0]);
const agent = new Agent({ keepAlive: true, maxSockets: clients });

function ask(method, path, body, headers = {}) {
  return new Promise((done, fail) => {
    const asked = request({
      ...{ host: "127.0.0.1", port, method, path, agent },
      headers: {
        ...{ authorization: `Bearer ${token}`, accept: "application/json, text/event-stream" },
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
    });
    asked.on("error", fail);
    asked.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => (text += part));
      response.on("error", fail).on("end", () => done({ status: response.statusCode, text }));
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function index() {
  const body = { kind: "index_repository", args: { path: corpus } };
  return JSON.parse((await ask("POST", "/v1/tasks", body)).text).task_id;
}

async function endOf(taskId) {
  for (;;) {
    const task = JSON.parse((await ask("GET", `/v1/tasks/${taskId}/wait?timeout_s=50`)).text);
    if (["SUCCESS", "FAILURE", "REVOKED"].includes(task.state)) return task;
  }
}

const questions = [
  "parse configuration",
  "retry with backoff",
  "open a file",
  "handle an error",
  "write to disk",
  "close connection",
];

/** Over MCP and REST in turns: half of it searches. */
function makeRequest(turn, taskId) {
  const query = questions[turn % questions.length];
  const call = { jsonrpc: "2.0", id: turn, method: "tools/call" };
  switch (turn % 4) {
    case 0:
      return ["search", () => ask("GET", `/v1/search?query=${encodeURIComponent(query)}`)];
    case 1:
      return ["status", () => ask("GET", `/v1/tasks/${taskId}`)];
    case 2:
      return [
        "search",
        () => ask("POST", "/mcp", { ...call, params: { name: "search_code", arguments: { query } } }),
      ];
    default:
      return [
        "status",
        () =>
          ask("POST", "/mcp", {
            ...call,
            params: { name: "get_task_status", arguments: { task_id: taskId } },
          }),
      ];
  }
}

/** All clients for so long; `isOver` may end it earlier. */
async function loadFor(limitSeconds, taskId, isOver = () => false) {
  const times = { search: [], status: [] };
  const errors = [];
  const until = performance.now() + limitSeconds * 1000;
  const client = async (_, number) => {
    await sleep(Math.random() * pauseMs);
    for (let turn = number; performance.now() < until && !isOver(); turn += 1) {
      const [what, call] = makeRequest(turn, taskId);
      const began = performance.now();
      const { status, text } = await call().catch((error) => ({ status: 0, text: error.message }));
      times[what].push(performance.now() - began);
      if (status !== 200 || text.includes('"isError":true')) errors.push(`${status} ${text.slice(0, 200)}`);
      if (pauseMs > 0) await sleep(2 * Math.random() * pauseMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { times, errors };
}

const percentile = (values, share) =>
  Number(
    values
      .toSorted((a, b) => a - b)
      [Math.min(values.length - 1, Math.floor(values.length * share))]?.toFixed(1),
  );
const residentMiB = () =>
  Math.round(
    Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1]) / 1024,
  );

const first = await index();
await endOf(first);
const warm = await loadFor(Math.min(10, seconds / 4), first);
const idle = await loadFor(seconds / 4, first);
const before = residentMiB();
let rounds = 0;
let isOver = false;
const indexing = (async () => {
  while (!isOver) {
    // From nothing each time, or there would be nothing to do.
    await ask("DELETE", `/v1/repositories/${encodeURIComponent(corpus)}`);
    await endOf(await index());
    rounds += 1;
  }
})();
const busy = await loadFor(seconds, first);
isOver = true;
const after = residentMiB();
await indexing;
const ended = once(server, "exit");
server.kill("SIGTERM");
const [code] = await ended;
const errors = [...warm.errors, ...idle.errors, ...busy.errors];
const told = (times) => ({
  requests: times.length,
  p50_ms: percentile(times, 0.5),
  p95_ms: percentile(times, 0.95),
});
process.stdout.write(
  `${JSON.stringify({
    name: "http_load",
    ...{ clients, seconds, pause_ms: pauseMs, corpus: corpus.split("/").at(-1), indexed_times: rounds },
    idle: { search: told(idle.times.search), status: told(idle.times.status) },
    indexing: { search: told(busy.times.search), status: told(busy.times.status) },
    ...{ errors: errors.length, first_error: errors[0], rss_mib: [before, after], exit_code: code },
  })}\n`,
);
rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
process.exitCode = errors.length > 0 || code !== 0 || after > before + 200 ? 1 : 0;
