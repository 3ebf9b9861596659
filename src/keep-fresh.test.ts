/** Changes as tasks of a real queue, with no worker: what is asked for, in which order, and how it is told. */
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { until } from "../test/e2e/cambium.ts";
import { openSqliteBackend } from "./jobs/backends/sqlite/open.ts";
import { openTaskFront, type TaskFront } from "./jobs/queue.ts";
import { type FreshnessKeeper, type FreshnessOptions, keepFresh } from "./keep-fresh.ts";
import { kinds } from "./tasks.ts";
import { openWatchBook, type WatchBook } from "./watch-book.ts";

let top: string;
let root: string;
let tasks: TaskFront;
let book: WatchBook;
let keeper: FreshnessKeeper;
let end: () => Promise<void>;

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "keep-fresh-")));
  root = join(top, "app");
  mkdirSync(join(root, "src"), { recursive: true });
  const connection = openSqliteBackend(join(top, "tasks.db"));
  tasks = openTaskFront({ connection, kinds });
  book = openWatchBook(top);
  end = async () => {
    await keeper.close();
    book.close();
    await tasks.close();
    await connection.close();
  };
});
afterEach(async () => {
  await end();
  rmSync(top, { recursive: true, force: true });
});

const begin = (more: Partial<FreshnessOptions> = {}) => {
  keeper = keepFresh({ tasks, book, log: () => {}, beatMs: 20, ...more });
};
const waiting = async () => (await tasks.list({ states: ["PENDING"] })).toReversed();

/** The only task there is, ended as a worker would. */
async function takeOne() {
  const [task] = await until("a task", async () => {
    const found = await waiting();
    return found.length > 0 && found;
  });
  expect(await waiting()).toHaveLength(1);
  await tasks.cancel(String(task?.task_id));
  return { kind: task?.kind, ...task?.args };
}

it("catches up with everything, then asks for what changed, one task after the other", async () => {
  begin();
  expect(keeper.isWanted()).toBe(false);
  book.keep(root);
  expect(keeper.isWanted()).toBe(true);
  expect(await takeOne()).toEqual({ kind: "refresh_repository", root });
  await until("it says what it watches", () => book.reports().length > 0);
  expect(book.reports()).toEqual([{ root, mode: "events", folders: 2 }]);
  writeFileSync(join(root, "src", "a.txt"), "1");
  const asked = await until("the task of a saved file", async () => (await waiting())[0]);
  writeFileSync(join(root, "src", "b.txt"), "1");
  writeFileSync(join(root, "c.txt"), "1");
  expect(await takeOne()).toEqual({ kind: "refresh_repository", root, paths: ["src/a.txt"] });
  expect(asked.args["paths"]).toEqual(["src/a.txt"]);
  expect(await takeOne()).toMatchObject({ paths: ["c.txt", "src/b.txt"] });
  book.release(root);
  await until("it is let go", () => book.reports().length === 0);
  expect(keeper.isWanted()).toBe(false);
});

it("waits for a running index task before a look at everything, not before one at a saved file", async () => {
  const { task } = await tasks.enqueue({ kind: "index_repository", args: { root } });
  book.keep(root);
  begin();
  await until("it watches", () => book.reports().length > 0);
  expect((await waiting()).map(({ kind }) => kind)).toEqual(["index_repository"]);
  await tasks.cancel(task.task_id);
  expect(await takeOne()).toEqual({ kind: "refresh_repository", root });
});

it("asks for nothing when it is let go while it waits for a running index task", async () => {
  await tasks.enqueue({ kind: "index_repository", args: { root } });
  const wait = vi.spyOn(tasks, "wait");
  book.keep(root);
  begin();
  await until("it waits", () => wait.mock.results.length > 0);
  book.release(root);
  await wait.mock.results[0]?.value;
  await until("it is let go", () => book.reports().length === 0);
  // What it asked for all the same would be there after a question or two.
  for (let turn = 0; turn < 20; turn += 1)
    expect((await waiting()).map(({ kind }) => kind)).toEqual(["index_repository"]);
});

it("looks at what it cannot watch now and then, and says why", async () => {
  book.keep(root);
  begin({ foldersMax: 1, pollMs: 20 });
  for (let turn = 0; turn < 3; turn += 1)
    expect(await takeOne()).toEqual({ kind: "refresh_repository", root });
  await until("it says so", () => book.reports().length > 0);
  expect(book.reports()).toEqual([
    { root, mode: "polling", folders: 0, notice: expect.stringContaining("more than 1 folders") },
  ]);
});

it("looks at what it watches now and then too, as events can get lost", async () => {
  book.keep(root);
  begin({ rescanMs: 20 });
  for (let turn = 0; turn < 3; turn += 1)
    expect(await takeOne()).toEqual({ kind: "refresh_repository", root });
  expect(book.reports()).toEqual([expect.objectContaining({ root, mode: "events" })]);
});

it("watches a folder again that was gone for a while", async () => {
  book.keep(root);
  begin({ pollMs: 20 });
  await takeOne();
  renameSync(root, join(top, "away"));
  await until("it is missed", () => book.reports()[0]?.notice?.includes("gone"));
  renameSync(join(top, "away"), root);
  await until("it is watched again", () => book.reports()[0]?.mode === "events");
  await until("and looked at", async () => (await waiting()).length > 0);
});
