/** Latencies as an assistant sees them: one live MCP connection over stdio, warm. */
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { measureHttp } from "./http-door.mjs";

export const percentile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

async function timed(call) {
  const began = performance.now();
  const answer = await call();
  if (answer?.isError) throw new Error(answer.content?.[0]?.text);
  return { ms: performance.now() - began, answer };
}

export async function measureDoor({ cambium, corpus, env, queries, print }) {
  const client = new Client({ name: "bench", version: "1" });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [cambium, "mcp"],
    env,
    cwd: corpus,
    stderr: "ignore",
  });
  const began = performance.now();
  await client.connect(transport);
  await client.listTools();
  print("mcp_start_to_tools_list", performance.now() - began, "ms");
  print("mcp_memory_at_tools_list", residentMb(transport.pid), "MB");
  const call = (name, args) => timed(() => client.callTool({ name, arguments: args }));
  const replies = [];
  const again = [];
  const statuses = [];
  for (let round = 0; round <= 20; round += 1) {
    const { ms, answer } = await call("index_repository", { path: corpus });
    replies.push(ms);
    const { task_id } = answer.structuredContent;
    const { ms: waited } = await call("wait_for_task", { task_id, timeout_s: 50 });
    again.push(ms + waited);
    for (let turn = 0; turn < 10; turn += 1) statuses.push((await call("get_task_status", { task_id })).ms);
  }
  // The first one of a connection also opens the task store and starts the worker.
  const [first = 0, ...warm] = replies;
  print("index_repository_first_reply", first, "ms");
  print("index_repository_reply_p95", percentile(warm, 0.95), "ms");
  // Nothing has changed: the whole task from the call to its end, with a worker that is there.
  print("no_change_index_live_p50", percentile(again.slice(1), 0.5), "ms");
  print("no_change_index_live_p95", percentile(again.slice(1), 0.95), "ms");
  print("get_task_status_p50", percentile(statuses, 0.5), "ms");
  print("get_task_status_p95", percentile(statuses, 0.95), "ms");
  const terms = await someTerms(corpus);
  const times = [];
  for (let turn = 0; turn < queries; turn += 1) {
    times.push((await call("search_code", { query: terms[turn % terms.length] })).ms);
  }
  print("search_code_p50", percentile(times, 0.5), "ms");
  print("search_code_p95", percentile(times, 0.95), "ms");
  const asked = Array.from({ length: queries }, (_, turn) => terms[turn % terms.length]);
  const askStdio = (query) => call("search_code", { query });
  await measureHttp({ cambium, corpus, env, terms: asked, askStdio, print });
  await client.close();
}

const residentMb = (pid) =>
  (Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024) / 1e6;

/** Queries made from the corpus itself: names of files, pairs and triples of words, and plain questions. */
export async function someTerms(corpus) {
  const { indexedFiles } = await import("./indexed-files.mjs");
  const files = await indexedFiles(corpus);
  const step = Math.max(1, Math.floor(files.length / 50));
  const stems = files
    .filter((_, index) => index % step === 0)
    .map(({ path }) => path.split(/[/.]/).at(-2) ?? path)
    .filter((stem) => stem !== "");
  return stems.flatMap((stem, index) => {
    const other = stems[(index * 7 + 3) % stems.length];
    return [
      stem,
      `${stem} ${other}`,
      `how does ${stem} handle an error in ${other}`,
      `where is ${stem} created`,
    ];
  });
}
