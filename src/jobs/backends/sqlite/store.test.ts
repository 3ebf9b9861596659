/** The queue file itself: grouped commits that do not share their failures, a full or unwritable disk, its format. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, it } from "vitest";
import { QueueFile } from "../../../../test/fixtures/sqlite-harness.ts";
import { openSqliteBackend } from "./open.ts";
import { openStore } from "./store.ts";

let file: QueueFile;
beforeEach(() => {
  file = new QueueFile();
});
afterEach(() => file.close());

it("commits operations together and undoes only the one that failed", async () => {
  const store = openStore(file.path, { durability: "normal" });
  const add = (fails: boolean) =>
    store.write((change) => {
      const queue = change.queue("x");
      queue.lastJob += 1;
      change.emit(queue, "event", "made");
      if (fails) throw new Error("refused");
      return queue.lastJob;
    });
  const settled = await Promise.allSettled([add(false), add(true), add(false)]);
  expect(settled.map((one) => one.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect((settled[2] as PromiseFulfilledResult<number>).value).toBe(2);
  expect(await store.read((sql) => sql.all("SELECT n FROM event"))).toEqual([{ n: 1 }, { n: 2 }]);
  await store.close();
});

it("waits for another process that holds the file", async () => {
  const queue = file.queue();
  await queue.add("first", {});
  const db = new Database(file.path);
  db.exec("BEGIN IMMEDIATE");
  let done = false;
  const added = queue.add("second", {}).then(() => {
    done = true;
  });
  expect(
    await queue
      .getWaitingCount()
      .then(() => "read")
      .catch(String),
  ).toBe("read");
  expect(done).toBe(false);
  db.exec("COMMIT");
  db.close();
  await added;
});

it("says that the disk is full, keeps what was accepted, and goes on when there is room", async () => {
  const store = openStore(file.path, { durability: "normal" });
  const queue = file.queue();
  await queue.add("kept", {});
  const pages = await store.read(
    (sql) => sql.one<{ page_count: number }>("PRAGMA page_count")?.page_count ?? 0,
  );
  await store.read((sql) => sql.one(`PRAGMA max_page_count = ${pages}`));
  await expect(queue.add("big", { text: "x".repeat(300_000) })).rejects.toMatchObject({ code: "exhausted" });
  expect(await queue.getWaitingCount()).toBe(1);
  await store.read((sql) => sql.one("PRAGMA max_page_count = 1000000"));
  await queue.add("big", { text: "x".repeat(300_000) });
  expect(await queue.getWaitingCount()).toBe(2);
  expect(await store.read((sql) => sql.one("PRAGMA integrity_check"))).toEqual({ integrity_check: "ok" });
  await store.close();
});

it("says that the file cannot be written", async () => {
  const store = openStore(file.path, { durability: "normal" });
  const queue = file.queue();
  await queue.add("kept", {});
  await store.read((sql) => sql.run("PRAGMA query_only = 1"));
  await expect(queue.add("refused", {})).rejects.toMatchObject({ code: "forbidden" });
  expect(await queue.getWaitingCount()).toBe(1);
  await store.close();
});

it("refuses a file of a newer format and one that is no database", async () => {
  await file.queue().add("n", {});
  await file.sqlite.close();
  const db = new Database(file.path);
  db.pragma("user_version = 99");
  db.close();
  const newer = openSqliteBackend(file.path);
  await expect(newer.workers.alive()).rejects.toMatchObject({ code: "conflict" });
  const text = join(file.folder, "text.db");
  writeFileSync(text, "no database ".repeat(1000));
  await expect(openSqliteBackend(text).workers.alive()).rejects.toMatchObject({ code: "corrupt" });
});
