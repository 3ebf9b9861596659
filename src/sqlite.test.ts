/** What opening a SQLite file says when the disk is full or the file is damaged. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { toFailure } from "./errors.ts";
import { openStore } from "./jobs/backends/sqlite/store.ts";
import { explain, openSqlite } from "./sqlite.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cambium-sqlite-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const options = {
  name: "task store",
  migrations: ["CREATE TABLE t(a)"],
  durability: "full",
  cacheMiB: 1,
} as const;
const failureOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return toFailure(error);
  }
  return expect.fail("it did not fail");
};

const canMount = (() => {
  if (process.getuid?.() !== 0) return false;
  const probe = mkdtempSync(join(tmpdir(), "cambium-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", probe], { stdio: "ignore" });
    execFileSync("umount", [probe]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
})();

it.skipIf(!canMount)(
  "a store that was made before the disk filled up is not called our fault (needs mount)",
  () => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]);
    try {
      const path = join(disk, "tasks.db");
      openSqlite(path, options).close();
      const ballast = join(disk, "ballast");
      let size = 1024 * 1024;
      for (; size > 0; size -= 4096) {
        try {
          writeFileSync(ballast, Buffer.alloc(size));
          break;
        } catch {
          truncateSync(ballast);
        }
      }
      expect(failureOf(() => openSqlite(path, options).close())).toEqual({
        code: "exhausted",
        message: `The disk that holds ${path} is full. Free some room and try again.`,
      });
    } finally {
      execFileSync("umount", ["-l", disk]);
    }
  },
);

it("the data folder is made for its owner alone", () => {
  const home = join(folder, "fresh-home", "index");
  openSqlite(join(home, "tasks.db"), options).close();
  expect(statSync(home).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "fresh-home")).mode & 0o777).toBe(0o700);
});

it("its files are their owner's alone, also in a folder that was there and is open to others", () => {
  const home = join(folder, "shared");
  mkdirSync(home, { mode: 0o755 });
  const path = join(home, "tasks.db");
  const db = openSqlite(path, options);
  for (const name of readdirSync(home))
    expect([name, statSync(join(home, name)).mode & 0o777]).toEqual([name, 0o600]);
  expect(readdirSync(home).length).toBeGreaterThan(1);
  db.close();
  chmodSync(path, 0o640);
  openSqlite(path, options).close();
  expect(statSync(path).mode & 0o777).toBe(0o640);
});

it("an error of the disk that has room says to look at the disk, and may pass", () => {
  const error = Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR_READ" });
  const failure = toFailure(explain(error, join(folder, "tasks.db"), "task store"));
  expect(failure.code).toBe("unavailable");
  expect(failure.message).toMatch(/task store .*SQLITE_IOERR_READ.*[Cc]heck the disk/);
  expect(toFailure(error).code).toBe("unavailable");
});

it("a damaged task store says what goes and what stays; an index says how it is made again", () => {
  const path = join(folder, "tasks.db");
  writeFileSync(path, Buffer.alloc(8192, 7));
  expect(failureOf(() => openStore(path, { durability: "full" }))).toEqual({
    code: "corrupt",
    message: `The task store ${path} is damaged (SQLITE_NOTADB). Move the file away; the history of tasks goes with it, the indexes stay.`,
  });
  const index = failureOf(() => openSqlite(path, { ...options, name: "index" }));
  expect(index.message).toMatch(/index .* is damaged .*Indexing the repository again rebuilds it/);
});
