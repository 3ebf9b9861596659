/** A look at some paths must leave the index as a look at everything would. */
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dumpIndex } from "../../test/e2e/dump-index.ts";
import { seedOfRun } from "../../test/fixtures/seeded.mjs";
import { indexFolder } from "../../test/golden/ask.ts";
import { type Extract, indexBatch, planOrPublish } from "./pipeline.ts";
import { refresh } from "./refresh.ts";
import type { IndexStore } from "./store.ts";
import { openSqliteIndex } from "./stores/sqlite/open-index.ts";

const limits = { maxFileBytes: 1024 * 1024, parseLimitMs: 10_000, concurrency: 1 };
const nothing: Extract = async () => ({ definitions: [], references: [], chunks: [], parseErrors: 0 });

let top: string;
let root: string;
let store: IndexStore;

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "refresh-")));
  root = join(top, "app");
  mkdirSync(root);
  store = openSqliteIndex(join(top, "home", "index"));
});
afterEach(() => {
  store.close();
  rmSync(top, { recursive: true, force: true });
});

function write(path: string, text = `words of ${path}\n`): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
const git = (folder: string, ...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: folder });

let runs = 0;
const context = (more: object = {}) => {
  runs += 1;
  const signal = new AbortController().signal;
  return {
    ...{ run: `run ${runs}`, signal, report: () => {}, isolate: false, isAgain: false },
    ...{ extract: nothing, ...more },
  };
};

async function look(...paths: string[]): Promise<void> {
  const step = context();
  for (;;) {
    const plan = await refresh(store, root, paths, limits, step);
    if (plan === undefined || "published" in plan) return;
    for (const batch of plan.batches) await indexBatch(store, root, batch, limits, step);
  }
}

/** Indexes the folder as it is now from nothing, and compares every row. */
async function expectAsFresh(): Promise<void> {
  const home = join(top, `fresh ${runs}`);
  const fresh = openSqliteIndex(join(home, "index"));
  const step = context();
  for (;;) {
    const plan = await planOrPublish(fresh, root, limits, step);
    if ("published" in plan) break;
    for (const batch of plan.batches) await indexBatch(fresh, root, batch, limits, step);
  }
  fresh.close();
  expect(dumpIndex(join(top, "home"))).toEqual(dumpIndex(home));
}

async function makeRepository(isGit: boolean): Promise<void> {
  write("src/a.txt");
  write("src/inner/b.txt");
  write("build/c.txt");
  write("kept.log");
  write(".gitignore", "build/\n*.log\n");
  write(".cambiumignore", "private/\n");
  if (isGit) {
    git(root, "init", "-q");
    git(root, "add", "--force", "kept.log");
  }
  const step = context();
  const plan = await planOrPublish(store, root, limits, step);
  expect(plan).toHaveProperty("published");
}

describe.each([
  ["a git repository", true],
  ["a plain folder", false],
])("in %s", (_what, isGit) => {
  beforeEach(() => makeRepository(isGit));

  const changes: [string, () => unknown, string[]][] = [
    ["a changed file", () => write("src/a.txt", "other words\n"), ["src/a.txt"]],
    ["a new file", () => write("new.txt"), ["new.txt"]],
    ["a file that git tracks though it is ignored", () => write("kept.log", "more\n"), ["kept.log"]],
    [
      "an ignored file, in a folder that counts and in one that does not",
      () => ["x.log", "build/d.txt"].map((path) => write(path)),
      ["x.log", "build/d.txt"],
    ],
    ["what our own rules leave out", () => write("private/a.txt"), ["private", "private/a.txt"]],
    ["a deleted file", () => rmSync(join(root, "src/a.txt")), ["src/a.txt"]],
    ["a deleted folder", () => rmSync(join(root, "src"), { recursive: true }), ["src"]],
    [
      "a renamed file",
      () => renameSync(join(root, "src/a.txt"), join(root, "z.txt")),
      ["src/a.txt", "z.txt"],
    ],
    ["a renamed folder", () => renameSync(join(root, "src"), join(root, "lib")), ["src", "lib"]],
    [
      "a folder in the place of a file",
      () => {
        rmSync(join(root, "src/a.txt"));
        write("src/a.txt/in.txt");
      },
      ["src/a.txt"],
    ],
    ["a link", () => symlinkSync("a.txt", join(root, "src/link.txt")), ["src/link.txt"]],
    [
      "a name with signs that git could take for a pattern",
      () => write(":(glob)*[a]/*.txt"),
      [":(glob)*[a]"],
    ],
    ["a secret", () => write(".env", "KEY=1\n"), [".env"]],
    ["a path that is not there", () => {}, ["nowhere/at/all.txt"]],
  ];
  it.each(changes)("%s", async (_name, change, paths) => {
    change();
    await look(...paths);
    await expectAsFresh();
  });

  it("a file of a repository inside it", async () => {
    write("vendor/lib/a.txt");
    write("vendor/lib/out.log");
    write("vendor/lib/.gitignore", "*.log\n");
    git(join(root, "vendor", "lib"), "init", "-q");
    await look("vendor");
    await expectAsFresh();
    write("vendor/lib/deep/b.txt");
    write("vendor/lib/other.log");
    await look("vendor/lib/deep/b.txt", "vendor/lib/other.log");
    await expectAsFresh();
  });

  it("a sub-folder of a repository that is indexed alone, and the one that the repository ignores", async () => {
    for (const folder of ["src", "build"]) {
      store.close();
      rmSync(join(top, "home"), { recursive: true });
      store = openSqliteIndex(join(top, "home", "index"));
      root = join(top, "app", folder);
      await planOrPublish(store, root, limits, context());
      write("new.txt");
      write("new.log");
      await look("new.txt", "new.log");
      await expectAsFresh();
      root = join(top, "app");
    }
  });

  it("any sequence of changes", async () => {
    const seed = seedOfRun();
    let state = seed;
    const random = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * below);
    };
    const folders = ["", "src/", "src/inner/", "lib/", "build/"];
    const path = () => `${folders[random(5)]}${"abcd"[random(4)]}.${["txt", "log"][random(2)]}`;
    for (let turn = 0; turn < 40; turn += 1) {
      const [one, other] = [path(), path()];
      const act = random(3);
      if (act === 0) write(one, `words ${random(6)}\n`);
      else if (act === 1) rmSync(join(root, one), { force: true });
      else {
        write(one, `words ${random(6)}\n`);
        mkdirSync(dirname(join(root, other)), { recursive: true });
        renameSync(join(root, one), join(root, other));
      }
      await look(one, other);
    }
    await expectAsFresh().catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
  });
});

describe("beside another run", () => {
  beforeEach(async () => {
    for (let index = 0; index < 60; index += 1) write(`${index}.txt`);
    await planOrPublish(store, root, limits, context({ run: "long" }));
  });
  const everything = { first: "", last: "\u{10ffff}" };
  const status = () => store.repositories("app")[0];

  it("a saved file joins what that run has begun, is there at once, and costs it nothing", async () => {
    write("saved.txt");
    await look("saved.txt");
    expect(store.text("app", "saved.txt")).toBe("words of saved.txt\n");
    expect(status()).toMatchObject({ run: "long", state: "indexing", pendingFiles: 60, generation: 0 });
    await indexBatch(store, root, everything, limits, context({ run: "long" }));
    expect(await planOrPublish(store, root, limits, context({ run: "long" }))).toMatchObject({
      published: { generation: 1, files: 61 },
    });
    await expectAsFresh();
  });

  it("what joins in the moment of publishing is indexed before it", async () => {
    await indexBatch(store, root, everything, limits, context({ run: "long" }));
    write("late.txt");
    const publish = store.publish;
    const joined = { ...store };
    joined.publish = (repository) => {
      joined.publish = publish;
      const bytes = "words of late.txt\n".length;
      const late = { path: "late.txt", bytes, mtimeMs: 1, language: "text", extractor: 1 };
      store.begin(repository, [late], { commit: null, run: "saved", only: ["late.txt"] });
      return publish(repository);
    };
    const plan = await planOrPublish(joined, root, limits, context({ run: "long" }));
    expect(plan).toMatchObject({ batches: [{ first: "late.txt", last: "late.txt" }] });
  });

  it("a look at everything does not take over twice, and forgets a repository that was removed", async () => {
    const again = context({ isAgain: true });
    expect(await refresh(store, root, undefined, limits, again)).toBeUndefined();
    expect(status()?.run).toBe("long");
    store.remove("app");
    expect(await refresh(store, root, undefined, limits, context())).toBeUndefined();
    expect(await refresh(store, root, ["0.txt"], limits, context())).toBeUndefined();
    expect(store.repositories()).toEqual([]);
  });
});

it("a branch that was seen before, a rename and a further work tree cost no parsing, and answer for themselves", async () => {
  git(root, "init", "-q", "-b", "main");
  for (let index = 0; index < 40; index += 1) write(`src/${index}.txt`);
  git(root, "add", ".");
  git(root, "commit", "-qm", "1");
  await indexFolder(store, root);
  git(root, "switch", "-qc", "side");
  for (let index = 0; index < 20; index += 1) write(`src/${index}.txt`, `side ${index}\n`);
  git(root, "commit", "-qam", "2");
  let parsed = 0;
  const counting: Extract = (...args) => {
    parsed += 1;
    return nothing(...args);
  };
  const whole = async (folder: string) => {
    const step = context({ extract: counting });
    parsed = 0;
    for (;;) {
      const plan = await planOrPublish(store, folder, limits, step);
      if ("published" in plan) return parsed;
      for (const batch of plan.batches) await indexBatch(store, folder, batch, limits, step);
    }
  };
  const tree = join(top, "tree");
  git(root, "worktree", "add", "-q", tree, "main");
  expect(await whole(tree)).toBe(0);
  expect(await whole(root)).toBe(20);
  git(root, "mv", "src", "lib");
  expect(await whole(root)).toBe(0);
  expect(store.text("app", "lib/0.txt")).toBe("side 0\n");
  expect(store.text("tree", "src/0.txt")).toBe("words of src/0.txt\n");
  expect(store.text("tree", "lib/0.txt")).toBeUndefined();
  git(tree, "switch", "-q", "--detach", "side");
  expect(await whole(tree)).toBe(0);
  expect(store.text("tree", "src/0.txt")).toBe("side 0\n");
});
