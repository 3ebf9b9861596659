/** What is particular to index files: damage, newer formats, several writing processes, and disk space. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { derived, indexAll, keyOf, type MadeFile, scanned } from "../../../../test/conformance/made-files.ts";
import { CambiumError } from "../../../errors.ts";
import { openSqlite } from "../../../sqlite.ts";
import type { IndexStore } from "../../store.ts";
import { Catalogue } from "./catalogue.ts";
import { indexFileName } from "./family.ts";
import { pathMatcher } from "./glob.ts";
import { IndexFile } from "./index-file.ts";
import { openSqliteIndex } from "./open-index.ts";

const project = fileURLToPath(new URL("../../../..", import.meta.url));
const file: MadeFile = { path: "a.made", text: "function alpha\n  beta(1)\n" };
const many = (count: number, salt = ""): MadeFile[] =>
  Array.from({ length: count }, (_, index) => ({
    path: `f${index}.made`,
    text: Array.from(
      { length: 40 },
      (_, line) => `function name${salt}${index}x${line}\n  call${line}(${Math.sin(index * line)})\n\n`,
    ).join(""),
  }));

const damageAfter = (path: string, part: number) => {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0x5a, Math.floor(bytes.length * part)));
};

describe("index files", () => {
  let top: string;
  let root: string;
  let folder: string;
  let store: IndexStore;
  const path = () => join(folder, indexFileName(root));
  /** A further work tree of `root`, whose index is in the same file. */
  const makeTree = () => {
    const inside = join(root, ".git", "worktrees", "tree");
    const tree = join(top, "tree");
    mkdirSync(inside, { recursive: true });
    mkdirSync(tree);
    for (const git of [join(root, ".git"), inside])
      writeFileSync(join(git, "HEAD"), "ref: refs/heads/main\n");
    writeFileSync(join(inside, "commondir"), "../..\n");
    writeFileSync(join(tree, ".git"), `gitdir: ${inside}\n`);
    return tree;
  };

  beforeEach(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), "index-file-")));
    root = join(top, "app");
    folder = join(top, "data");
    mkdirSync(root);
    store = openSqliteIndex(folder);
  });
  afterEach(() => {
    store.close();
    rmSync(top, { recursive: true, force: true });
  });

  it("starts a new file in place of a damaged one, and keeps one old one", () => {
    indexAll(store, root, [file]);
    for (let round = 0; round < 2; round += 1) {
      store.close();
      writeFileSync(path(), "this is no database, ".repeat(1000));
      store = openSqliteIndex(folder);
      expect(() => store.searchText("app", "alpha", { limit: 1 })).toThrow(
        expect.objectContaining({ code: "corrupt" }),
      );
      expect(() => store.repositories("app")).toThrow(/index that repository again/);
      expect(store.repositories()).toEqual([]);
      expect(indexAll(store, root, [file])).toBe("app");
      expect(store.searchText("app", "alpha", { limit: 1 })).toHaveLength(1);
      expect(readdirSync(folder).filter((name) => name.includes(".corrupt-"))).toHaveLength(1);
    }
  });

  it("starts anew after damage that showed only while reading", () => {
    indexAll(store, root, many(60));
    store.close();
    damageAfter(path(), 0.25);
    store = openSqliteIndex(folder);
    expect(() => {
      store.searchText("app", "call1", { limit: 50 });
      store.findDefinitions("app", "name", { match: "prefix", limit: 500 });
    }).toThrow(expect.objectContaining({ code: "corrupt" }));
    indexAll(store, root, [file]);
    expect(store.repositories("app")[0]).toMatchObject({ files: 1, generation: 1 });
    expect(existsSync(`${path()}.damaged`)).toBe(false);
  });

  it("starts anew where the file was cut", () => {
    indexAll(store, root, many(20));
    store.close();
    truncateSync(path(), 20_000);
    store = openSqliteIndex(folder);
    expect(() => indexAll(store, root, [file])).not.toThrow();
  });

  it("leaves a file of a newer format as it is", () => {
    mkdirSync(folder);
    const options = { name: "index", durability: "normal", cacheMiB: 1 } as const;
    openSqlite(path(), { ...options, migrations: Array.from({ length: 99 }, () => "") }).close();
    const before = readFileSync(path());
    expect(() => store.register(root)).toThrow(expect.objectContaining({ code: "conflict" }));
    expect(readFileSync(path()).equals(before)).toBe(true);
    expect(readdirSync(folder).some((name) => name.includes("corrupt"))).toBe(false);
  });

  it("answers from the sound files beside a damaged one", () => {
    indexAll(store, root, [file]);
    writeFileSync(join(folder, "0123456789abcdef.db"), "no database at all");
    expect(store.repositories().map(({ repository }) => repository)).toEqual(["app"]);
    expect(store.searchText("app", "alpha", { limit: 1 })).toHaveLength(1);
  });

  it("gives the disk space back", () => {
    indexAll(store, root, many(80));
    store.remove("app");
    expect(readdirSync(folder)).toEqual([]);
    const tree = makeTree();
    indexAll(store, tree, [file]);
    indexAll(store, root, many(80));
    const before = statSync(path()).size;
    store.remove("app");
    expect(statSync(path()).size).toBeLessThan(before / 2);
    expect(store.searchText("tree", "alpha", { limit: 1 })).toHaveLength(1);
  });

  it("collects the blobs of a large change little by little", () => {
    const old = Array.from({ length: 300 }, (_, index) => ({
      path: `s${index}.made`,
      text: `function old${index}\n`,
    }));
    const left = () => store.has("app", old.map(keyOf)).filter((one) => one).length;
    indexAll(store, root, old);
    indexAll(store, root, [file]);
    expect(left()).toBe(44);
    indexAll(store, root, [file]);
    expect(left()).toBe(0);
  });

  it("removes a damaged index by its root", () => {
    indexAll(store, root, [file]);
    store.close();
    writeFileSync(path(), "this is no database, ".repeat(1000));
    store = openSqliteIndex(folder);
    expect(() => store.remove(join(top, "other"))).toThrow(expect.objectContaining({ code: "corrupt" }));
    store.remove(root);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("removes by its name an index whose damage shows only while rows are deleted", () => {
    const tree = makeTree();
    indexAll(store, root, many(60));
    indexAll(store, tree, [file]);
    store.close();
    damageAfter(path(), 0.25);
    store = openSqliteIndex(folder);
    expect(store.repositories().map(({ repository }) => repository)).toEqual(["app", "tree"]);
    store.remove("app");
    expect(readdirSync(folder)).toEqual([]);
    expect(store.repositories()).toEqual([]);
  });

  it.runIf(process.platform === "linux")(
    "takes a damaged file's log away before its name is free",
    async () => {
      indexAll(store, root, [file]);
      store.close();
      writeFileSync(`${path()}-wal`, "a log of the damaged file");
      writeFileSync(`${path()}-shm`, "its index");
      writeFileSync(`${path()}.damaged`, "");
      const name = indexFileName(root);
      const order: string[] = [];
      const aside = new Promise<void>((resolve) => {
        const watcher = watch(folder, (event, changed) => {
          if (event === "rename") order.push(String(changed).replace(/-\d+$/, ""));
          if (!String(changed).includes(".corrupt-")) return;
          watcher.close();
          resolve();
        });
      });
      const catalogue = new Catalogue(folder);
      catalogue.create(name);
      await aside;
      catalogue.close();
      expect(order.slice(0, 4)).toEqual([`${name}-wal`, `${name}-shm`, name, `${name}.corrupt`]);
    },
  );

  it("tries a file that was out of reach again, after a second", () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_000 });
    try {
      indexAll(store, root, [file]);
      store.close();
      const elsewhere = join(top, "elsewhere");
      mkdirSync(elsewhere);
      renameSync(path(), join(elsewhere, "kept"));
      symlinkSync(join(top, "later", "kept"), path());
      const names = () => store.repositories().map(({ repository }) => repository);
      store = openSqliteIndex(folder);
      expect(names()).toEqual([]);
      renameSync(elsewhere, join(top, "later"));
      expect(names()).toEqual([]);
      vi.advanceTimersByTime(1001);
      expect(names()).toEqual(["app"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("does not mark the file that took the place of a damaged one", () => {
    mkdirSync(folder);
    const old = new IndexFile(path());
    const damage = () => {
      throw new CambiumError("corrupt", "The index is damaged.");
    };
    try {
      expect(() => old.read(damage)).toThrow(/damaged/);
      expect(existsSync(`${path()}.damaged`)).toBe(true);
      indexAll(store, root, [file]);
      expect(() => old.read(damage)).toThrow(/damaged/);
      expect(existsSync(`${path()}.damaged`)).toBe(false);
    } finally {
      old.close();
    }
  });

  it("does not wait for a pipe that is named .git", () => {
    execFileSync("mkfifo", [join(root, ".git")]);
    const built = pathToFileURL(join(project, "dist/indexer/stores/sqlite/family.js")).href;
    const script = `import(${JSON.stringify(built)}).then((it) => console.log(it.indexFileName(${JSON.stringify(root)})))`;
    const answer = execFileSync(process.execPath, ["-e", script], { timeout: 30_000, encoding: "utf8" });
    expect(answer).toMatch(/^[0-9a-f]{16}\.db\n$/);
  });

  it("leaves no log behind after publishing, and deletes what nothing reaches", () => {
    indexAll(store, root, many(30));
    expect(statSync(`${path()}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
    indexAll(
      store,
      root,
      many(30, "new").map((one) => ({ ...one, mtimeMs: 5 })),
    );
    expect(store.findDefinitions("app", "name3x3", { match: "exact", limit: 5 })).toEqual([]);
    expect(store.has("app", many(30).map(keyOf))).toEqual(many(30).map(() => false));
    expect(store.searchText("app", "namenew3x3", { limit: 5 })[0]?.path).toBe("f3.made");
  });

  it("keeps the trigrams of a content once that two batches bring", () => {
    store.register(root);
    const { run } = store.begin("app", [scanned(file)], { commit: null, run: "one" });
    const [first, second] = [store.batch("app", run), store.batch("app", run)];
    for (const batch of [first, second]) batch.add(derived(file));
    expect([first.commit(), second.commit()]).toEqual([
      { done: 1, total: 1 },
      { done: 1, total: 1 },
    ]);
    const db = new Database(path(), { readonly: true });
    expect(db.prepare("SELECT count(*) FROM segment").pluck().get()).toBe(1);
    db.close();
  });

  it("lets several processes write at once without an error", async () => {
    const files = many(48);
    store.register(root);
    store.begin("app", files.map(scanned), { commit: null, run: "one" });
    const writer = join(project, "test/conformance/write-results.mjs");
    const built = pathToFileURL(join(project, "dist/indexer/stores/sqlite/open-index.js")).href;
    const children = [0, 1, 2].map((part) => {
      const child = spawn(process.execPath, [writer, built, folder], {
        stdio: ["pipe", "inherit", "inherit"],
      });
      child.stdin?.end(JSON.stringify(files.filter((_, index) => index % 3 === part).map(derived)));
      return child;
    });
    const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0] as number));
    expect(codes).toEqual([0, 0, 0]);
    expect(store.publish("app")).toMatchObject({ files: 48, symbols: 48 * 40, chunks: 48 * 40 });
    expect(store.searchText("app", "name47x39", { limit: 5 })[0]?.path).toBe("f47.made");
  });
});

describe("path patterns", () => {
  it.each([
    ["src/*.ts", "src/a.ts", true],
    ["src/*.ts", "src/b/a.ts", false],
    ["src/**/*.ts", "src/a.ts", true],
    ["src/**/*.ts", "src/b/c/a.ts", true],
    ["*.ts", "src/b/a.ts", true],
    ["*.{ts,tsx}", "src/b/a.tsx", true],
    ["**/test/**", "a/test/b.ts", true],
    ["src", "src/a.ts", true],
    ["src/", "src/a/b.ts", true],
    ["src", "lib/src.ts", false],
    ["./src/a.ts", "src/a.ts", true],
    ["a?.ts", "ab.ts", true],
    ["a?.ts", "a.ts", false],
    ["[a].ts", "[a].ts", true],
    [`${"*a".repeat(30)}b`, "a".repeat(3000), false],
  ])("%s fits %s: %s", (pattern, path, fits) => {
    expect(pathMatcher(pattern)(path)).toBe(fits);
  });
});
