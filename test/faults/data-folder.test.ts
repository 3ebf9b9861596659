/** A data folder that is full, read-only, damaged or from the future: a clear error, and no damage. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { kill, openPlace, type Place, until } from "../e2e/cambium.ts";
import { dumpIndex } from "../e2e/dump-index.ts";
import { copyPackages } from "./corpus.ts";

/** Mounts need root; elsewhere the tests that use one are skipped by name. */
const canMount = (() => {
  if (process.getuid?.() !== 0) return false;
  try {
    mkdirSync("/tmp/cambium-mount-probe", { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", "/tmp/cambium-mount-probe"], {
      stdio: "ignore",
    });
    execFileSync("umount", ["/tmp/cambium-mount-probe"]);
    return true;
  } catch {
    return false;
  }
})();

let place: Place;
let corpus: string;
beforeEach(() => {
  place = openPlace();
  corpus = join(place.scratch, "tiny");
  place.write("tiny/a.ts", "export function first(): void {}\n");
});
afterEach(() => place.dispose());

const indexFile = () => {
  const folder = join(place.home, "index");
  return join(folder, readdirSync(folder).find((name) => name.endsWith(".db")) ?? "none");
};
const stopAll = async () => {
  for (const pid of place.processes("")) kill(pid);
  await until("everything has ended", () => place.processes("").length === 0);
};

describe("a data folder in trouble", () => {
  it("a damaged index is made again, and the history of tasks is not thrown away with it", async () => {
    const { task_id } = await place.json(["index", corpus, "--wait"]);
    await stopAll();
    writeFileSync(indexFile(), Buffer.alloc(8192, 7));
    for (const suffix of ["-wal", "-shm"])
      if (existsSync(indexFile() + suffix)) truncateSync(indexFile() + suffix);
    expect(await place.json(["index", corpus, "--wait"])).toMatchObject({ state: "SUCCESS", files: 1 });
    expect((await place.json(["symbol", "first"]))["definitions"]).toHaveLength(1);
    expect(await place.json(["task", String(task_id)])).toMatchObject({ state: "SUCCESS" });
  });

  it("an index too damaged to open is removed by its folder, and indexing begins anew", async () => {
    await place.json(["index", corpus, "--wait"]);
    await stopAll();
    writeFileSync(indexFile(), Buffer.alloc(8192, 7));
    const byName = await place.run(["remove", "someone/tiny"]);
    expect(byName).toMatchObject({ status: 70, stderr: expect.stringMatching(/remove it by its folder/) });
    expect(await place.json(["remove", corpus])).toMatchObject({ removed: "tiny", files: null });
    expect(readdirSync(join(place.home, "index"))).toEqual([]);
    expect(await place.json(["index", corpus, "--wait"])).toMatchObject({ state: "SUCCESS", files: 1 });
    expect((await place.json(["symbol", "first"]))["definitions"]).toHaveLength(1);
  });

  it("an index file of a newer format is refused with what to do, and left as it is", async () => {
    await place.json(["index", corpus, "--wait"]);
    await stopAll();
    const db = new Database(indexFile());
    db.pragma("user_version = 999");
    db.pragma("wal_checkpoint(TRUNCATE)");
    db.close();
    const { status, stderr } = await place.run(["index", corpus, "--wait"]);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/newer|format 999/);
    expect(stderr).toMatch(/CAMBIUM_HOME|[Uu]pdate/);
    const after = new Database(indexFile(), { readonly: true });
    expect(after.pragma("user_version", { simple: true })).toBe(999);
    after.close();
  });

  it("a task store that is damaged or newer is refused with what to do, and left as it is", async () => {
    await place.json(["index", corpus, "--wait"]);
    await stopAll();
    const store = join(place.home, readdirSync(place.home).find((name) => name.endsWith(".db")) ?? "none");
    const db = new Database(store);
    db.pragma("user_version = 999");
    db.pragma("wal_checkpoint(TRUNCATE)");
    db.close();
    const newer = await place.run(["tasks"]);
    expect(newer.status).not.toBe(0);
    expect(newer.stderr).toMatch(/format 999/);
    writeFileSync(store, Buffer.alloc(8192, 7));
    const damaged = await place.run(["tasks"]);
    expect(damaged.status).toBe(70);
    expect(damaged.stderr).toMatch(/damaged/);
    expect(readFileSync(store)[0]).toBe(7);
  });

  it("settings that are no JSON, or unknown, are named", async () => {
    place.write("../home/settings.json", "{ nope");
    const { status, stderr } = await place.run(["tasks"]);
    expect(status).toBe(2);
    expect(stderr).toContain("settings.json");
    place.write("../home/settings.json", '{"concurency": 3}');
    expect((await place.run(["tasks"])).stderr).toContain("concurency");
  });

  it.skipIf(!canMount)(
    "a full disk: a clear error or a task that waits, nothing is lost, and work goes on when there is room (needs mount)",
    async () => {
      mkdirSync(place.home, { recursive: true });
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", place.home]);
      try {
        const big = copyPackages(join(place.scratch, "packages"));
        const asked = await place.run(["index", big, "--json"]);
        expect(asked.status, asked.stderr).toBe(0);
        const { task_id } = JSON.parse(asked.stdout) as { task_id: string };
        const stuck = await until(
          "the task says that the disk is full",
          async () => {
            const run = await place.run(["task", task_id, "--json"]);
            if (run.status !== 0) return /full/.test(run.stderr) ? { state: "RETRY" } : undefined;
            const task = JSON.parse(run.stdout) as {
              state: string;
              error: { message: string } | null;
              progress: { waiting_for: string | null } | null;
            };
            return /full/.test(`${task.error?.message} ${task.progress?.waiting_for}`) ? task : undefined;
          },
          120_000,
        );
        expect(["RETRY", "STARTED", "PROGRESS", "FAILURE"]).toContain(stuck.state);
        execFileSync("mount", ["-o", "remount,size=200m", place.home]);
        const done = await place.json(["index", big, "--wait"]);
        expect(done).toMatchObject({ state: "SUCCESS" });
        const calm = openPlace();
        try {
          await calm.json(["index", big, "--wait"]);
          expect(dumpIndex(place.home)).toEqual(dumpIndex(calm.home));
        } finally {
          calm.dispose();
        }
      } finally {
        await stopAll();
        execFileSync("umount", ["-l", place.home]);
      }
    },
  );

  it.skipIf(!canMount)("a read-only data folder: a clear error that names it (needs mount)", async () => {
    mkdirSync(place.home, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m,ro", "tmpfs", place.home]);
    try {
      const { status, stderr } = await place.run(["index", corpus]);
      expect(status).toBe(2);
      expect(stderr).toContain(place.home);
      expect(stderr).toMatch(/writable/);
    } finally {
      execFileSync("umount", [place.home]);
    }
  });
});
