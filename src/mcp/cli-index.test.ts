/** `cambium index` on a real task store with no worker: what it prints, and that Ctrl-C ends only the waiting. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteIndex } from "../indexer/stores/sqlite/open-index.ts";
import { openSqliteBackend } from "../jobs/backends/sqlite/open.ts";
import { openControl } from "../jobs/control.ts";
import { openTaskFront } from "../jobs/queue.ts";
import { kinds } from "../tasks.ts";
import { runCli } from "./cli.ts";
import { openPathPolicy } from "./policy.ts";
import type { ToolDeps } from "./tool.ts";

let top: string;
let root: string;
const backends: { close(): Promise<void> }[] = [];
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "cambium-cli-")));
  root = join(top, "shop");
  mkdirSync(root);
});
afterEach(async () => {
  await Promise.all(backends.splice(0).map((backend) => backend.close()));
  rmSync(top, { recursive: true, force: true });
});

async function open(ensureWorker: () => Promise<void>): Promise<ToolDeps> {
  const backend = openSqliteBackend(join(top, "tasks.db"));
  const tasks = openTaskFront({ connection: backend, kinds });
  const control = openControl({ connection: backend, registry: backend.workers, kinds });
  const policy = openPathPolicy({
    cwd: root,
    userHome: join(top, "user"),
    dataHome: join(top, "data"),
    roots: [],
    otherwise: "anything",
  });
  backends.push(backend);
  const index = openSqliteIndex(join(top, "index"));
  const close = async () => {
    index.close();
    await Promise.all([tasks.close(), control.close()]);
  };
  const freshness = { keep: () => {}, kept: () => [] };
  return { tasks, control, index, policy, freshness, ensureWorker, cwd: root, close };
}

async function run(
  argv: readonly string[],
  options: { interruptAt?: RegExp; ensureWorker?: () => Promise<void> } = {},
) {
  const interrupt = new AbortController();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  let err = "";
  stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
    if (options.interruptAt?.test(err)) interrupt.abort();
  });
  const code = await runCli(
    argv,
    { stdout, stderr, noColor: true, signal: interrupt.signal },
    {
      version: "1",
      settings: {},
      open: () => open(options.ensureWorker ?? (async () => {})),
      serveMcp: async () => {},
      serveHttp: async () => {},
      initPlaces: () => expect.fail("not asked for"),
      runWorker: async () => {},
      doctorChecks: async () => [],
    },
  );
  return { code, out: String(stdout.read() ?? ""), err };
}

describe("cambium index", () => {
  it("prints one document with the task, and joins it the next time", async () => {
    const first = await run(["index", root, "--json"]);
    expect(first).toMatchObject({ code: 0, err: "" });
    const { task_id, ...rest } = JSON.parse(first.out) as Record<string, string>;
    expect(rest).toEqual({ state: "PENDING", repository: "shop" });
    const second = await run(["index", root, "--json"]);
    expect(JSON.parse(second.out)).toMatchObject({ task_id });
    expect(second.err).toContain("Joined");
    expect((await run(["index", root])).out).toContain(`cambium task ${task_id} --wait`);
  });

  it("Ctrl-C while waiting ends the waiting with 130, and the task goes on", async () => {
    const { code, out, err } = await run(["index", root, "--wait", "--json"], {
      interruptAt: /waiting for a worker|PENDING/,
    });
    const { task_id } = JSON.parse(out) as { task_id: string };
    expect(code).toBe(130);
    expect(err).toContain(
      `the task goes on. See it: cambium task ${task_id}   End it: cambium cancel ${task_id}`,
    );
    expect(JSON.parse((await run(["task", task_id, "--json"])).out)).toMatchObject({
      task_id,
      state: "PENDING",
    });
  });

  it("a task that is cancelled meanwhile ends the waiting with 130", async () => {
    const waiting = run(["index", root, "--wait", "--json"]);
    for (;;) {
      const { tasks } = JSON.parse((await run(["tasks", "--json"])).out) as { tasks: { task_id: string }[] };
      if (tasks[0] === undefined) continue;
      expect(JSON.parse((await run(["cancel", tasks[0].task_id, "--json"])).out)).toMatchObject({
        state: "REVOKED",
      });
      break;
    }
    const { code, out } = await waiting;
    expect({ code, state: (JSON.parse(out) as { state: string }).state }).toEqual({
      code: 130,
      state: "REVOKED",
    });
  });

  it("warns when no worker can be started, and keeps the task", async () => {
    const { code, err } = await run(["index", root], {
      ensureWorker: () => Promise.reject(new Error("no memory")),
    });
    expect(code).toBe(0);
    expect(err).toMatch(/^warning The task is stored, but no worker could be started \(no memory\)/);
  });
});
