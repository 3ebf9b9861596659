/** The index follows the files by itself: the built program, its own worker and watcher, and a real MCP client. */
import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { kill, openPlace, type Place, until } from "./cambium.ts";
import { connect, type Door } from "./door.ts";
import { dumpIndex } from "./dump-index.ts";

let place: Place;
let root: string;
let door: Door;

beforeEach(() => {
  place = openPlace({ CAMBIUM_WORKER_IDLE_MS: "500" });
  root = join(place.scratch, "shop");
  save("src/cart.ts", "addItem");
  save("lib/price.ts", "priceOf");
  place.write("shop/.gitignore", "build/\n*.log.ts\n");
});
afterEach(async () => {
  await door.close();
  place.dispose();
});

const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: root });
const textOf = (name: string) => `export function ${name}(): number {\n  return 1;\n}\n`;
const save = (path: string, name: string) => place.write(`shop/${path}`, textOf(name));

/** Where a function of this name is defined; empty where it is not. */
async function placeOf(name: string, repository = "shop"): Promise<string> {
  const found = await door.text("find_symbol", { name, match: "exact", repository });
  return new RegExp(`^(\\S+)\\n  \\d+-\\d+ function ${name} `, "m").exec(found)?.[1] ?? "";
}
const appears = (name: string, path: string, repository?: string) =>
  until(`${name} in ${path}`, async () => (await placeOf(name, repository)).endsWith(path));
const goes = (name: string) => until(`${name} is gone`, async () => (await placeOf(name)) === "");

interface Shown {
  readonly root: string;
  readonly watched: string | null;
  readonly generation: number;
  readonly state: string;
}
const shown = async () =>
  ((await door.call("list_repositories", {}))["repositories"] as Shown[]).find((one) => one.root === root);
const isWatched = () => until("it is watched", async () => (await shown())?.watched === "events");

async function indexAndWatch(): Promise<void> {
  door = await connect(place, root);
  const { task_id } = await door.call("index_repository", { path: root });
  await door.ended(task_id);
  await isWatched();
}

describe("a repository that was indexed over MCP", () => {
  it("follows saves, new folders, renames, atomic saves and deletions, and shows no task for each", async () => {
    git("init", "-q");
    await indexAndWatch();
    save("src/cart.ts", "addVoucher");
    await appears("addVoucher", "src/cart.ts");
    expect(await placeOf("addItem")).toBe("");
    save("deep/er/new.ts", "inNewFolder");
    await appears("inNewFolder", "deep/er/new.ts");
    renameSync(join(root, "deep"), join(root, "moved"));
    await appears("inNewFolder", "moved/er/new.ts");
    writeFileSync(join(root, "src/.cart.ts.tmp"), textOf("savedByRenaming"));
    renameSync(join(root, "src/.cart.ts.tmp"), join(root, "src/cart.ts"));
    await appears("savedByRenaming", "src/cart.ts");
    rmSync(join(root, "moved"), { recursive: true });
    await goes("inNewFolder");
    save("build/out.ts", "ignoredByFolder");
    save("src/x.log.ts", "ignoredByName");
    save("src/last.ts", "savedLast");
    await appears("savedLast", "src/last.ts");
    expect([await placeOf("ignoredByFolder"), await placeOf("ignoredByName")]).toEqual(["", ""]);
    place.write("shop/.gitignore", "*.log.ts\n");
    await appears("ignoredByFolder", "build/out.ts");
    await until("only what was asked for is left", async () => {
      const { tasks } = (await door.call("list_tasks", {})) as { tasks: { kind: string }[] };
      return tasks.length === 1 && tasks[0]?.kind === "index_repository";
    });
  });

  it("ends a burst of 500 files, and a switch of branches, with the rows of a fresh index", async () => {
    git("init", "-q", "-b", "main");
    git("add", ".");
    git("commit", "-qm", "1");
    await indexAndWatch();
    git("switch", "-qc", "other");
    for (let index = 0; index < 500; index += 1) save(`burst/${index % 9}/${index}.ts`, `burst${index}`);
    await appears("burst499", "burst/4/499.ts");
    save("src/cart.ts", "onOther");
    git("add", ".");
    git("commit", "-qm", "2");
    await appears("onOther", "src/cart.ts");
    git("switch", "-q", "main");
    await goes("onOther");
    await goes("burst0");
    await appears("addItem", "src/cart.ts");
    git("switch", "-q", "other");
    await appears("burst250", "burst/7/250.ts");
    const other = openPlace();
    try {
      await other.json(["index", root, "--wait"]);
      await until("the same rows", async () => {
        if ((await shown())?.state !== "ready") return false;
        return JSON.stringify(dumpIndex(place.home)) === JSON.stringify(dumpIndex(other.home));
      });
    } finally {
      other.dispose();
    }
  });

  it("answers each work tree from its own files, in one index", async () => {
    git("init", "-q", "-b", "main");
    git("add", ".");
    git("commit", "-qm", "1");
    await indexAndWatch();
    git("worktree", "add", "-q", "-b", "side", join(place.scratch, "side"));
    await place.json(["index", join(place.scratch, "side"), "--wait"]);
    const { task_id } = await door.call("index_repository", { path: join(place.scratch, "side") });
    await door.ended(task_id);
    await until("both are watched", async () => {
      const { repositories } = (await door.call("list_repositories", {})) as { repositories: Shown[] };
      return repositories.length === 2 && repositories.every(({ watched }) => watched === "events");
    });
    place.write("side/src/cart.ts", textOf("onSideOnly"));
    await appears("onSideOnly", "src/cart.ts", "side");
    expect(await placeOf("onSideOnly", "shop")).toBe("");
    expect(await placeOf("addItem", "shop")).toContain("src/cart.ts");
    expect(await placeOf("addItem", "side")).toBe("");
  });
});

describe("who wants it fresh", () => {
  it("is caught up with when a server starts in it, and when its worker was killed; without anybody the worker ends", async () => {
    await place.json(["index", root, "--wait"]);
    await until("the worker ends", () => place.processes("worker-process").length === 0);
    save("src/cart.ts", "changedMeanwhile");
    door = await connect(place, root);
    await door.client.listTools();
    await appears("changedMeanwhile", "src/cart.ts");
    const [worker] = await until("its worker", () => {
      const found = place.processes("worker-process");
      return found.length > 0 && found;
    });
    kill(worker ?? expect.fail("no worker"));
    save("src/cart.ts", "changedWithoutWorker");
    await appears("changedWithoutWorker", "src/cart.ts");
    await door.close();
    await until("the worker ends", () => place.processes("worker-process").length === 0);
  });

  it("may be a command, which says what it sees; a plain folder is the same", async () => {
    door = await connect(place, place.scratch);
    mkdirSync(join(root, "empty"));
    const watch = place.start(["watch", root, "--json"]);
    let said = "";
    let answer = "";
    watch.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
    watch.stdout?.setEncoding("utf8").on("data", (text: string) => (answer += text));
    const ended = new Promise((resolve) => watch.once("close", resolve));
    await until("it watches", () => /Watching .*shop \(4 folders\)/.test(said));
    save("empty/first.ts", "firstOfAll");
    await appears("firstOfAll", "empty/first.ts");
    await until("it says so", () => /generation [2-9]/.test(said));
    watch.kill("SIGINT");
    expect(await ended).toBe(0);
    expect(JSON.parse(answer)).toMatchObject({ repository: "shop", root, watched: "events" });
  });
});
