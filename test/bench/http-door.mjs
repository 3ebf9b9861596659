/** The same questions over stdio and over HTTP with a kept connection, in turns, so that whatever else the machine does falls on both. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";

const token = "token-of-the-benchmark";

/** `askStdio` resolves when one `search_code` over stdio is answered. */
export async function measureHttp({ cambium, corpus, env, terms, askStdio, print }) {
  const server = spawn(process.execPath, [cambium, "serve", "--port", "0"], {
    cwd: corpus,
    env: { ...env, CAMBIUM_TOKEN: token, CAMBIUM_LOG_LEVEL: "warn" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const began = performance.now();
  const [line] = await once(createInterface(server.stdout), "line");
  print("serve_start", performance.now() - began, "ms");
  const { port } = new URL(/http:\S+/.exec(line)[0]);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (method, path, body) => send({ port, agent, method, path }, body);
  const doors = {
    stdio: askStdio,
    mcp: (query) => ask("POST", "/mcp", callOf("search_code", { query })),
    rest: (query) => ask("GET", `/v1/search?query=${encodeURIComponent(query)}`),
  };
  const times = { stdio: [], mcp: [], rest: [] };
  for (const [turn, query] of [...terms.slice(0, 20), ...terms].entries()) {
    for (const [name, door] of Object.entries(doors)) {
      const from = performance.now();
      await door(query);
      // The first ones warm up.
      if (turn >= 20) times[name].push(performance.now() - from);
    }
  }
  const extra = (name) => times[name].map((ms, index) => ms - times.stdio[index]);
  for (const name of ["mcp", "rest"]) {
    print(
      `search_code_http_${name}_p50`,
      percentile(times[name], 0.5),
      "ms",
      percentile(times[name], 0.5) / percentile(times.stdio, 0.5),
      "stdio",
    );
    print(
      `search_code_http_${name}_p95`,
      percentile(times[name], 0.95),
      "ms",
      percentile(times[name], 0.95) / percentile(times.stdio, 0.95),
      "stdio",
    );
    print(`search_code_http_${name}_beyond_stdio_p50`, percentile(extra(name), 0.5), "ms");
  }
  agent.destroy();
  const ended = once(server, "exit");
  server.kill("SIGTERM");
  await ended;
}

const callOf = (name, args) => ({
  ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
  params: { name, arguments: args },
});

function send(options, body) {
  return new Promise((done, fail) => {
    const headers = {
      ...{ authorization: `Bearer ${token}`, accept: "application/json, text/event-stream" },
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const asked = request({ host: "127.0.0.1", ...options, headers });
    asked.on("error", fail);
    asked.on("response", (response) => {
      response.on("error", fail).on("end", () => {
        if (response.statusCode === 200) done();
        else fail(new Error(`The server answered ${response.statusCode}.`));
      });
      response.resume();
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const percentile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
