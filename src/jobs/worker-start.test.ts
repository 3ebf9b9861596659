/** Worker processes of the built program that cannot start, or are asked for something that is not there. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { collect, kill, openPlace, type Place, type Run, until } from "../../test/e2e/cambium.ts";
import { type Config, readConfig } from "../config.ts";
import { workerEnvironment } from "../handed-settings.ts";
import { kinds } from "../tasks.ts";
import { openSqliteBackend } from "./backends/sqlite/open.ts";
import { openTaskFront } from "./queue.ts";

/** Mounts need root; elsewhere the tests that use one are skipped by name. */
const canMount = (() => {
  if (process.getuid?.() !== 0) return false;
  const probe = `/tmp/cambium-mount-probe-${process.pid}`;
  try {
    mkdirSync(probe, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", probe], { stdio: "ignore" });
    execFileSync("umount", [probe]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
})();

let place: Place;
beforeEach(() => {
  place = openPlace();
  mkdirSync(place.home);
});
afterEach(() => place.dispose());

/** Starts a detached worker as a door does, and fails when it has not ended by itself in time. */
async function startDetached(more: Partial<Config> = {}): Promise<Run> {
  const config: Config = { ...readConfig({ home: place.home }, {}), workerIdleMs: 300, ...more };
  const ended = collect(place.start(["worker-process"], { env: workerEnvironment(config, {}) }));
  let run: Run | undefined;
  void ended.then((value) => {
    run = value;
  });
  return until("the worker ends by itself", () => run, 20_000);
}
const damage = () => writeFileSync(join(place.home, "tasks.db"), Buffer.alloc(8192, 7));
const nobodyIsLeft = () => until("its children are gone", () => place.processes("").length === 0, 20_000);

describe("a worker that fails to start", () => {
  it("ends with its children, its exit code and the reason where the task store is damaged", async () => {
    damage();
    const { status, stderr } = await startDetached();
    expect(status).toBe(70);
    expect(stderr).toContain("corrupt: The task store");
    await nobodyIsLeft();
  });

  it.skipIf(!canMount)("ends on a full disk (needs mount)", async () => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", place.home]);
    try {
      // What is left is too little for the log beside the task store.
      writeFileSync(join(place.home, "ballast"), Buffer.alloc(1024 * 1024 - 16 * 1024));
      const { status, stderr } = await startDetached();
      expect(stderr).toMatch(/full/);
      expect(status).toBe(75);
      await nobodyIsLeft();
    } finally {
      for (const pid of place.processes("")) kill(pid);
      execFileSync("umount", ["-l", place.home]);
    }
  });

  it("in the foreground says it through the command line, and ends too", async () => {
    damage();
    const { status, stderr } = await place.run(["worker"]);
    expect([status, stderr]).toEqual([70, expect.stringContaining("damaged")]);
    await nobodyIsLeft();
  });
});

describe("the log level", () => {
  it.each(["warn", "error"] as const)("%s still says why a worker does not start", async (logLevel) => {
    damage();
    expect((await startDetached({ logLevel })).stderr).toContain("damaged");
  });

  it("warn leaves out what is only information, and silent everything", async () => {
    expect((await startDetached({ logLevel: "info" })).stderr).toMatch(/ serves /);
    expect((await startDetached({ logLevel: "warn" })).stderr).toBe("");
    damage();
    expect((await startDetached({ logLevel: "silent" })).stderr).toBe("");
  });

  it("warn says that a job failed: of a folder that is gone, with what to do", async () => {
    const root = join(place.scratch, "gone");
    const store = openSqliteBackend(join(place.home, "tasks.db"));
    const tasks = openTaskFront({ connection: store, kinds });
    const { task } = await tasks.enqueue({ kind: "index_repository", args: { root } });
    const { stderr } = await startDetached({ logLevel: "warn" });
    expect(await tasks.find(task.task_id)).toMatchObject({
      state: "FAILURE",
      attempts: 1,
      error: {
        code: "not_found",
        message: expect.stringMatching(/^The folder .*gone is gone; .*remove the repository/i),
      },
    });
    expect(stderr).toMatch(/failed: not_found: The folder .* is gone/);
    await tasks.close();
    await store.close();
  });
});

describe("cambium worker --queues", () => {
  it("serves only these", async () => {
    const worker = place.start(["worker", "--queues", "indexing", "--concurrency", "1"]);
    let log = "";
    worker.stderr?.on("data", (chunk: Buffer) => {
      log += chunk.toString();
    });
    const line = await until("it serves", () => / serves (.*)/.exec(log)?.[1]);
    expect(line).toBe("indexing");
    worker.kill("SIGTERM");
    await nobodyIsLeft();
  });

  it("refuses an unknown queue and names the known ones", async () => {
    const { status, stderr } = await place.run(["worker", "--queues", "indexing,nope"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/"nope".*tasks, indexing/);
    await nobodyIsLeft();
  });
});
