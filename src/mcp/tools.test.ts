/** The tools on a real task store and a real index, with no worker running, so that every state can be held still. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CambiumError } from "../errors.ts";
import { openSqliteIndex } from "../indexer/stores/sqlite/open-index.ts";
import { openSqliteBackend } from "../jobs/backends/sqlite/open.ts";
import { openControl } from "../jobs/control.ts";
import { openTaskFront } from "../jobs/queue.ts";
import { kinds } from "../tasks.ts";
import { readArguments } from "./arguments.ts";
import { type CliRoot, runCli } from "./cli.ts";
import { openPathPolicy } from "./policy.ts";
import { sayTotal } from "./text.ts";
import type { CallProgress, KeptFresh, ToolDeps } from "./tool.ts";
import { findTool } from "./tools.ts";

let top: string;
let root: string;
let deps: ToolDeps;
/** What a worker would watch. */
let kept: KeptFresh[];
let close: () => Promise<void>;

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "cambium-tools-")));
  root = join(top, "shop");
  mkdirSync(join(root, "src"), { recursive: true });
  writeFileSync(join(root, "src", "cart.ts"), "export class Cart {}\n");
  const backend = openSqliteBackend(join(top, "tasks.db"));
  const index = openSqliteIndex(join(top, "index"));
  const tasks = openTaskFront({ connection: backend, kinds });
  const control = openControl({ connection: backend, registry: backend.workers, kinds });
  const policy = openPathPolicy({
    cwd: root,
    userHome: join(top, "user"),
    dataHome: join(top, "data"),
    roots: [],
    otherwise: "workplaces",
  });
  close = async () => {
    await tasks.close();
    await control.close();
    await backend.close();
    index.close();
  };
  kept = [];
  const freshness = {
    keep: (folder: string) => void kept.push({ root: folder, mode: "events", folders: 1 }),
    kept: () => kept,
  };
  deps = { tasks, control, index, policy, freshness, ensureWorker: async () => {}, cwd: root, close };
});
afterEach(async () => {
  await close();
  rmSync(top, { recursive: true, force: true });
});

async function call(
  name: string,
  args: object = {},
  more: Partial<ToolDeps> = {},
  signal = new AbortController().signal,
  progress?: CallProgress[],
) {
  const tool = findTool(name) ?? expect.fail(name);
  const onProgress =
    progress === undefined ? {} : { onProgress: (one: CallProgress) => void progress.push(one) };
  const answer = await tool.run(readArguments(tool, args), { ...deps, ...more }, { signal, ...onProgress });
  if (answer.structured !== undefined) expect(JSON.parse(answer.text)).toEqual(answer.structured);
  return { text: answer.text, ...(answer.structured as Record<string, string>) } as Record<string, string> & {
    text: string;
  };
}
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("it did not fail"),
    (error: CambiumError) => `${error.code}: ${error.message}`,
  );

describe("index_repository", () => {
  it("answers with an id and what is next; asking again joins", async () => {
    const first = await call("index_repository", { path: "." });
    expect(Object.keys(first)).toEqual(["text", "task_id", "state", "next"]);
    expect(first).toMatchObject({
      state: "PENDING",
      next: expect.stringContaining(`wait_for_task {"task_id":"${first["task_id"]}"}`),
    });
    const again = await call("index_repository", { path: join(root, "src", "..") });
    expect(again["task_id"]).toBe(first["task_id"]);
    expect(again["next"]).toMatch(/^Joined/);
    expect((await call("list_tasks", { state: "active" }))["tasks"]).toMatchObject([
      { task_id: first["task_id"], path: root, progress: "waiting for a worker" },
    ]);
  });

  it("keeps the task and says so when no worker can be started", async () => {
    const ensureWorker = () => Promise.reject(new CambiumError("unavailable", "no memory"));
    const { state, next } = await call("index_repository", { path: "." }, { ensureWorker });
    expect(state).toBe("PENDING");
    expect(next).toMatch(/stored, but no worker could be started \(no memory\).*cambium doctor/);
  });

  it("makes no task for a path that is refused", async () => {
    expect(await failure(call("index_repository", { path: "/etc" }))).toMatch(/^forbidden/);
    expect(await failure(call("index_repository", { path: "src/cart.ts" }))).toMatch(/^invalid_argument/);
    expect((await call("list_tasks"))["tasks"]).toEqual([]);
  });
});

describe("following and steering", () => {
  it("a wait that runs out returns the task as it is, with progress meanwhile", async () => {
    const { task_id } = await call("index_repository", { path: "." });
    const progress: CallProgress[] = [];
    const waited = await call("wait_for_task", { task_id, timeout_s: 1 }, {}, undefined, progress);
    expect(waited).toMatchObject({
      task_id,
      state: "PENDING",
      next: expect.stringContaining("wait_for_task"),
    });
    expect(progress[0]).toMatchObject({ done: 0, total: 100, message: "waiting for a worker" });
  });

  it("giving up a wait ends the wait and leaves the task", async () => {
    const { task_id } = await call("index_repository", { path: "." });
    const giveUp = new AbortController();
    const waiting = call("wait_for_task", { task_id, timeout_s: 50 }, {}, giveUp.signal);
    giveUp.abort();
    expect(await waiting).toMatchObject({ task_id, state: "PENDING" });
    expect(await call("get_task_status", { task_id })).toMatchObject({ state: "PENDING" });
  });

  it("cancel ends a waiting task, again changes nothing, retry starts a new one", async () => {
    const { task_id } = await call("index_repository", { path: "." });
    expect(await call("cancel_task", { task_id })).toMatchObject({ task_id, state: "REVOKED" });
    expect(await call("cancel_task", { task_id })).toMatchObject({
      state: "REVOKED",
      next: expect.stringMatching(/already ended/),
    });
    expect(await call("wait_for_task", { task_id })).toMatchObject({
      state: "REVOKED",
      next: expect.stringContaining("retry_task"),
    });
    const retried = await call("retry_task", { task_id });
    expect(retried).toMatchObject({ state: "PENDING" });
    expect(retried["task_id"]).not.toBe(task_id);
    expect(await call("retry_task", { task_id: retried["task_id"] })).toMatchObject({
      task_id: retried["task_id"],
      next: expect.stringMatching(/not ended yet/),
    });
  });

  it("retry keeps to the folders that are allowed now, through the tool and the command line", async () => {
    const linked = join(top, "linked");
    mkdirSync(linked);
    const other = join(top, "secret");
    mkdirSync(other);
    const enqueueCancelled = async (path: string) => {
      const { task } = await deps.tasks.enqueue({ kind: "index_repository", args: { root: path } });
      return (await deps.tasks.cancel(task.task_id)).task_id;
    };
    const runRetry = async (taskId: string) => {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const io = { stdout, stderr, noColor: true, signal: new AbortController().signal };
      // The command line closes what it opened; here the test does.
      const cliRoot = {
        version: "0",
        settings: {},
        open: async () => ({ ...deps, close: async () => {} }),
      };
      const code = await runCli(["retry", taskId], io, cliRoot as unknown as CliRoot);
      return `${code} ${stderr.read()}`;
    };
    const outside = await enqueueCancelled(other);
    expect(await failure(call("retry_task", { task_id: outside }))).toMatch(
      /^forbidden: .*outside the allowed/,
    );
    expect(await runRetry(outside)).toMatch(/^2 .*outside the allowed/);
    // A folder of the allowed one that has become a link to another allowed one.
    const swapped = join(root, "part");
    symlinkSync(join(root, "src"), swapped);
    const moved = await enqueueCancelled(swapped);
    expect(await failure(call("retry_task", { task_id: moved }))).toMatch(
      /^forbidden: .*part.* now leads to .*src/,
    );
    expect(await runRetry(moved)).toMatch(/^2 .*now leads to/);
    expect((await call("list_tasks", { state: "active" }))["tasks"]).toEqual([]);
  });

  it.each(["get_task_status", "wait_for_task", "cancel_task", "retry_task"])(
    "%s names list_tasks for an unknown id",
    async (name) => {
      expect(await failure(call(name, { task_id: "nope" }))).toMatch(
        /^not_found: There is no task "nope"\. Call list_tasks/,
      );
    },
  );
});

describe("repositories", () => {
  it("cannot be removed while a task indexes them; then they can, by name or folder only", async () => {
    const name = deps.index.register(root);
    const { task_id } = await call("index_repository", { path: "." });
    expect(await failure(call("remove_repository", { repository: name }))).toMatch(
      new RegExp(`^conflict: .*cancel_task \\{"task_id":"${task_id}"\\}`),
    );
    await call("cancel_task", { task_id });
    expect(await failure(call("remove_repository", { repository: join(root, "src") }))).toMatch(
      /^not_found: .*Indexed: shop/,
    );
    expect(await call("remove_repository", { repository: root })).toMatchObject({ removed: name });
    expect((await call("list_repositories"))["repositories"]).toEqual([]);
  });

  it("with an index too damaged to open are removed by their folder, unless a task indexes them", async () => {
    deps.index.register(root);
    const folder = join(top, "index");
    const [file = ""] = readdirSync(folder).filter((name) => name.endsWith(".db"));
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    writeFileSync(join(folder, file), "this is no database, ".repeat(1000));
    const { task_id } = await call("index_repository", { path: "." });
    expect(await failure(call("remove_repository", { repository: root }))).toMatch(/^conflict: /);
    await call("cancel_task", { task_id });
    expect(await failure(call("remove_repository", { repository: "shop" }))).toMatch(/^corrupt: .*"shop"/);
    expect(await call("remove_repository", { repository: root })).toMatchObject({
      removed: "shop",
      files: null,
    });
    expect(readdirSync(folder)).toEqual([]);
    expect(await failure(call("remove_repository", { repository: root }))).toMatch(/^not_found: /);
    expect(deps.index.register(root)).toBe("shop");
  });
});

describe("counting", () => {
  const position = { repository: "shop", path: "src/cart.ts", blobHash: "x", language: "typescript" };
  const counting = (index: object) => ({
    index: { ...deps.index, ...index } as unknown as ToolDeps["index"],
  });

  it("says at least where the uses were counted only so far", async () => {
    deps.index.register(root);
    const uses = (count: number) =>
      Array.from({ length: count }, (_, line) => ({
        ...position,
        reference: { name: "Cart", role: "call", line: line + 1, column: 1 },
        enclosing: undefined,
      }));
    const ask = async (count: number) =>
      (
        await call(
          "find_references",
          { name: "Cart", limit: 5 },
          counting({ findReferences: () => uses(count) }),
        )
      ).text;
    expect(await ask(105)).toContain("5 of at least 105 uses");
    expect(await ask(104)).toContain("5 of 104 uses");
  });

  it("says at least where the hits were ranked only so far", () => {
    const said = [false, true].map((totalCapped) => sayTotal({ total: 120, totalCapped }, "hit"));
    expect(said).toEqual(["120 hits", "at least 120 hits"]);
  });
});

describe("asking", () => {
  it("before anything is indexed says how to begin", async () => {
    for (const [name, args] of [
      ["search_code", { query: "cart" }],
      ["find_symbol", { name: "Cart" }],
      ["find_references", { name: "Cart" }],
    ] as const) {
      expect((await call(name, args)).text, name).toContain(
        'Nothing is indexed yet. Call index_repository {"path":"…"} first.',
      );
    }
  });

  it("while indexing is under way says so instead of only finding nothing", async () => {
    deps.index.register(root);
    const { task_id } = await call("index_repository", { path: "." });
    const { text } = await call("search_code", { query: "cart", lang: "go" });
    expect(text).toMatch(/^\[shop generation 0, /);
    expect(text).toContain('No hits for "cart".');
    expect(text).toContain("Filters were language=go");
    expect(text).toContain(
      `Indexing is under way (waiting for a worker): wait_for_task {"task_id":"${task_id}"}`,
    );
  });

  it("an unknown repository names the known ones", async () => {
    deps.index.register(root);
    expect(await failure(call("search_code", { query: "x", repository: "nope" }))).toMatch(
      /^not_found: .*"nope"\. Indexed: shop\./,
    );
    expect(await failure(call("find_symbol", { name: "x", repository: "./nope" }))).toMatch(/^not_found/);
  });
});
