/** T-OUTAGE on Redis; T-LOCK, T-DISKFULL and T-UPGRADE on the embedded store: what only one sort of store can suffer. */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, expect } from "vitest";
import { openTaskStore } from "../../../src/task-store.ts";
import { openPlaceFor } from "../../clock/place.ts";
import { type OwnServer, startRedis } from "../../fixtures/start-stores.ts";
import { until } from "../../fixtures/until.ts";
import { isWhole, leaveOut, prove, proveAlone, proveOnce, type Setting } from "./prove.ts";

const urlOf = (server: OwnServer) => `${server.url}/0?prefix=proof`;

/** Longer than a worker blocks on an empty queue. */
const outageMs = 11_000;

export function describeOutage(setting: Setting): void {
  prove(
    setting,
    "T-OUTAGE workers go on by themselves after the server was killed, and nothing accepted is lost",
    async () => {
      // Else a slow disk would let it answer up to two seconds before it has written.
      const always = ["--appendfsync", "always"];
      let server = await startRedis(always);
      const drop = async () => server.stop();
      await openPlaceFor(
        "redis",
        async (place) => {
          await place.startAll(setting.processes, { pool: { size: 1 } });
          const { gate, open } = place.gate();
          const held = await place.ask("work", { gate });
          await place.begun(held.label);
          const accepted = await Promise.all(
            Array.from({ length: 200 }, () => place.ask("work", {}, { countdownMs: 8000 })),
          );
          await server.kill();
          await expect(place.ask("work")).rejects.toMatchObject({
            code: "unavailable",
            message: expect.stringMatching(/127\.0\.0\.1/),
          });
          await new Promise((resolve) => setTimeout(resolve, outageMs));
          server = await startRedis(always, server);
          open();
          for (const { task } of [held, ...accepted])
            expect((await place.ended(task.task_id)).state).toBe("SUCCESS");
          for (const { label } of accepted) expect(place.notes(label, "end")).toHaveLength(1);
          expect((await place.run("work")).task.state).toBe("SUCCESS");
        },
        { url: urlOf(server), drop },
      );
    },
  );

  prove(setting, "T-OUTAGE a server that throws keys away is refused at the start", async () => {
    const server = await startRedis(["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"]);
    const store = openTaskStore(urlOf(server), "");
    try {
      await expect(store.check()).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringMatching(/allkeys-lru.*noeviction/s),
      });
    } finally {
      await store.close();
      await server.stop();
    }
  });
}

export function describeFile(setting: Setting): void {
  proveAlone(
    setting,
    "T-LOCK eight writers and a long reader: nobody is told that the file is busy",
    async (place) => {
      await place.startAll(setting.processes);
      const reader = new Database(place.url.replace("sqlite:", ""), { readonly: true });
      reader.exec("BEGIN; SELECT count(*) FROM job");
      const call = ["enqueue", { kind: "work", args: {}, countdownMs: 3_600_000 }];
      const calls = Array.from({ length: 40 }, () => call);
      const answers = await Promise.all(Array.from({ length: 8 }, () => place.elsewhere(...calls)));
      reader.exec("COMMIT");
      reader.close();
      const ids = answers.flat().map((answer) => (answer as { task?: { task_id: string } }).task?.task_id);
      expect(new Set(ids).size).toBe(320);
      expect(ids).not.toContain(undefined);
      for (const worker of place.workers) expect(worker.log()).not.toMatch(/SQLITE_BUSY/);
    },
  );

  proveOnce(
    setting,
    "T-UPGRADE a file of a newer format is refused by name, and stays as it is",
    async (place) => {
      await place.ask("work");
      const path = join(place.home, "newer.db");
      const db = new Database(path);
      db.exec("CREATE TABLE future(a); INSERT INTO future VALUES (1); PRAGMA user_version = 9999");
      db.close();
      const store = openTaskStore(`sqlite:${path}`, "");
      await expect(store.check()).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringMatching(/9999/),
      });
      await store.close();
      const again = new Database(path, { readonly: true });
      expect(again.prepare("SELECT a FROM future").all()).toEqual([{ a: 1 }]);
      again.close();
    },
  );

  describeFullDisk(setting);
}

/** Only who may mount can have a disk that is full for a test. */
function describeFullDisk(setting: Setting): void {
  const name = "T-DISKFULL a full disk is told, loses nothing, and work goes on when there is room";
  if (setting.processes > 1 && !isWhole) return;
  const disk = mountDisk();
  if (disk === undefined) {
    leaveOut(name, "this user may not mount a file system");
    return;
  }
  afterAll(() => disk.unmount());
  prove(setting, name, async () =>
    openPlaceFor(
      "sqlite",
      async (place) => {
        const accepted: string[] = [];
        const ask = async () =>
          accepted.push((await place.ask("work", { filler: "x".repeat(20_000) })).task.task_id);
        await ask();
        disk.fill();
        await until("it is told", () =>
          ask().then(
            () => false,
            (error: { code?: string }) => error.code === "exhausted",
          ),
        );
        disk.free();
        await place.startAll(setting.processes, { pool: { size: 1 } });
        for (const id of accepted) expect((await place.ended(id)).state).toBe("SUCCESS");
        await ask();
        expect((await place.ended(accepted.at(-1) ?? "")).state).toBe("SUCCESS");
        const db = new Database(place.url.replace("sqlite:", ""), { readonly: true });
        expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
        db.close();
      },
      { url: `sqlite:${join(disk.folder, "tasks.db")}`, drop: async () => {} },
    ),
  );
}

function mountDisk() {
  const folder = mkdtempSync(join(tmpdir(), "cambium-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], { stdio: "ignore" });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  const filler = join(folder, "filler");
  const fill = () => {
    for (let size = 4 * 1024 * 1024; size >= 4096; size /= 2) {
      try {
        for (;;) appendFileSync(filler, Buffer.alloc(size));
      } catch {
        // Smaller pieces find the rest of the room.
      }
    }
  };
  const unmount = () => {
    execFileSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, fill, free: () => rmSync(filler), unmount };
}
