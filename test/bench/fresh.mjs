/**
 * How fresh answers are, as an assistant sees it over one live MCP connection, in a made repository: from a saved file
 * to its first hit, from a branch switch to right answers, and what watching costs while nothing happens.
 * Usage: npm run bench:fresh -- [--files 10000] [--saves 60] [--switched 500] [--idle-seconds 20]
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { processesWith, readProc } from "./processes.mjs";

const { values: flags } = parseArgs({
  options: {
    files: { type: "string", default: "10000" },
    saves: { type: "string", default: "60" },
    switched: { type: "string", default: "500" },
    "idle-seconds": { type: "string", default: "20" },
  },
});
const [files, saves, switched, idleSeconds] = ["files", "saves", "switched", "idle-seconds"].map((name) =>
  Number(flags[name]),
);
const program = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "dist", "main.js");
const top = mkdtempSync(join(tmpdir(), "cambium-fresh-"));
const root = join(top, "made");
const home = join(top, "home");
const env = { ...process.env, CAMBIUM_HOME: home };

const print = (name, value, unit) =>
  process.stdout.write(`${JSON.stringify({ name, value: Number(value.toPrecision(4)), unit })}\n`);
const percentile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

const pathOf = (index) => `pkg${index % 25}/mod${Math.floor(index / 20)}/file${index}.ts`;
const linesOf = (index, mark) =>
  `/** Part ${index} of what was made to be searched. */
export class Part${index} {
  readonly #count = ${index};
  add(amount: number): number {
    return this.#count + amount + base${index % 7};
  }
}

export function ${mark}(amount: number): number {
  return new Part${index}().add(amount);
}

const base${index % 7} = ${index % 7};
`;

function write(index, mark) {
  const path = join(root, pathOf(index));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, linesOf(index, mark));
}
const git = (...args) =>
  execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@invalid", ...args], { cwd: root });

function makeRepository() {
  for (let index = 0; index < files; index += 1) write(index, `first${index}`);
  writeFileSync(join(root, ".gitignore"), "node_modules/\n*.log\n");
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-q", "-m", "made");
  git("switch", "-q", "-c", "other");
  const step = Math.floor(files / switched);
  for (let turn = 0; turn < switched; turn += 1) write(turn * step, `other${turn * step}`);
  git("commit", "-q", "-a", "-m", "other");
  git("switch", "-q", "main");
}

async function connect() {
  const client = new Client({ name: "bench", version: "1" });
  const args = [program, "mcp"];
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args, env, cwd: root, stderr: "ignore" }),
  );
  const call = async (name, given) => {
    const answer = await client.callTool({ name, arguments: given });
    if (answer.isError) throw new Error(answer.content?.[0]?.text);
    return answer;
  };
  return { client, call };
}

/** Milliseconds until a definition is there, or is no longer there. */
async function untilSeen(call, name, isThere, limitMs = 120_000) {
  const began = performance.now();
  for (;;) {
    if ((await isSeen(call, name)) === isThere) return performance.now() - began;
    if (performance.now() - began > limitMs) throw new Error(`${name} was waited for in vain`);
    await sleep(2);
  }
}

async function measureSaves(call) {
  const times = [];
  for (let turn = 0; turn < saves; turn += 1) {
    // As a person saves: not in step with anything here.
    await sleep(200 + ((turn * 7919) % 400));
    const index = (turn * 6151) % files;
    const began = performance.now();
    write(index, `saved${turn}x${index}`);
    await untilSeen(call, `saved${turn}x${index}`, true);
    times.push(performance.now() - began);
  }
  return times;
}

async function isSeen(call, name) {
  const { content } = await call("find_symbol", { name, match: "exact", limit: 1 });
  return content[0].text.includes(`function ${name}(`);
}

/** Until every file of the branch answers as it stands there: the time is that of the first question of a round without a wrong answer. */
async function measureSwitch(call, branch, mark) {
  const step = Math.floor(files / switched);
  const names = Array.from({ length: switched }, (_, turn) => `${mark}${turn * step}`).toReversed();
  const began = performance.now();
  git("switch", "-q", branch);
  const switchMs = performance.now() - began;
  for (;;) {
    const asked = performance.now();
    let isRight = true;
    for (const name of names) {
      if (await isSeen(call, name)) continue;
      isRight = false;
      await untilSeen(call, name, true);
      break;
    }
    if (isRight) return { switchMs, totalMs: asked - began };
  }
}

// A worker at rest lets its spare child processes go, so that some may have ended when they are looked at.
const processes = () => processesWith(`CAMBIUM_HOME=${home}\0`, /worker-process|child-process/);

function kilobytes(pid, file, name) {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readProc(pid, file))?.[1] ?? 0);
}

/** User and system time, in milliseconds; nothing for a process that has ended. */
function cpuMs(pid) {
  const fields = readProc(pid, "stat").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
}

async function measureIdle() {
  await sleep(idleSeconds * 1000);
  const pids = processes();
  const before = pids.map(cpuMs);
  await sleep(idleSeconds * 1000);
  const used = pids.reduce((sum, pid, index) => sum + Math.max(0, cpuMs(pid) - before[index]), 0);
  const sum = (file, name) => pids.reduce((total, pid) => total + kilobytes(pid, file, name), 0) / 1000;
  print("idle_processes", pids.length, "count");
  print("idle_memory_rss", sum("status", "VmRSS"), "MB");
  print("idle_memory_pss", sum("smaps_rollup", "Pss"), "MB");
  print("idle_cpu", used / (idleSeconds * 10), "percent of a core");
}

let client;
try {
  makeRepository();
  const door = await connect();
  client = door.client;
  const { call } = door;
  const { structuredContent: task } = await call("index_repository", { path: root });
  for (let ended = false; !ended; ) {
    const { structuredContent } = await call("wait_for_task", { task_id: task.task_id, timeout_s: 50 });
    ended = structuredContent.state === "SUCCESS";
  }
  for (let watched = false; !watched; await sleep(50)) {
    const { structuredContent } = await call("list_repositories", {});
    watched = structuredContent.repositories[0].watched === "events";
  }
  await measureSaves(call).then((times) => {
    print("saved_to_searchable_p50", percentile(times, 0.5), "ms");
    print("saved_to_searchable_p95", percentile(times, 0.95), "ms");
    print("saved_to_searchable_max", Math.max(...times), "ms");
  });
  git("checkout", "-q", ".");
  await untilSeen(call, "saved0x0", false);
  await sleep(3000);
  const there = await measureSwitch(call, "other", "other");
  print("branch_switch_git", there.switchMs, "ms");
  print("branch_switch_all_right", there.totalMs, "ms");
  await sleep(3000);
  const back = await measureSwitch(call, "main", "first");
  print("branch_switch_back_all_right", back.totalMs, "ms");
  await measureIdle();
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${error.stack}\n`);
} finally {
  // First who would start another worker.
  await client?.close();
  for (const pid of processes()) {
    try {
      process.kill(Number(pid), "SIGTERM");
    } catch {
      // It has ended by itself.
    }
  }
  for (let turn = 0; turn < 200 && processes().length > 0; turn += 1) await sleep(50);
  rmSync(top, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  process.exit();
}
