/** The clean-up lets go of what nobody uses and of nothing else, keeps to its quota, and survives damage. */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { indexFolder } from "../../test/fixtures/index-folder.ts";
import { CambiumError } from "../errors.ts";
import { type CareLimits, cleanUp, requireRoom } from "./clean-up.ts";
import { extractFile } from "./extract-file.ts";
import type { Extract } from "./pipeline.ts";
import type { IndexStore } from "./store.ts";
import { openSqliteIndex } from "./stores/sqlite/open-index.ts";

const dayMs = 86_400_000;
const keepAll: CareLimits = { keepDays: 0, diskQuota: 0 };
const context = { signal: new AbortController().signal, report: () => {} };

let top: string;
let store: IndexStore;
const indexFiles = () =>
  readdirSync(join(top, "data"))
    .filter((name) => name.endsWith(".db"))
    .map((name) => join(top, "data", name));

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "clean-up-")));
  store = openSqliteIndex(join(top, "data"));
});
afterEach(() => {
  store.close();
  rmSync(top, { recursive: true, force: true });
});

function makeFolder(name: string, files = 3): string {
  const root = join(top, name);
  mkdirSync(root);
  for (let index = 0; index < files; index += 1) {
    const lines = Array.from(
      { length: 300 },
      (_, line) => `word${name}${index}x${line} = ${Math.sin(line * index)}\n`,
    );
    writeFileSync(join(root, `${index}.txt`), lines.join(""));
  }
  return root;
}

function lastUsed(repository: string, daysAgo: number): void {
  for (const path of indexFiles()) {
    const db = new Database(path);
    db.prepare("UPDATE snapshot SET used_ms = ? WHERE name = ?").run(
      Date.now() - daysAgo * dayMs,
      repository,
    );
    db.close();
  }
}

const names = () => store.repositories().map(({ repository }) => repository);

describe("what nobody uses", () => {
  it("goes after so many days, with its file, and what was used stays", async () => {
    await indexFolder(store, makeFolder("old"));
    await indexFolder(store, makeFolder("new"));
    lastUsed("old", 31);
    lastUsed("new", 29);
    const report = await cleanUp(store.care, { keepDays: 30, diskQuota: 0 }, context);
    expect(report.dropped).toMatchObject([{ repository: "old", reason: "unused" }]);
    expect(report.bytes).toBeLessThan(report.bytes_before);
    expect(names()).toEqual(["new"]);
    expect(indexFiles()).toHaveLength(1);
  });

  it("is not what was asked about, or indexed, since", async () => {
    for (const name of ["read", "found", "indexed"]) await indexFolder(store, makeFolder(name));
    for (const name of ["read", "found", "indexed"]) lastUsed(name, 40);
    writeFileSync(join(top, "found", "code.ts"), "export function wanted() {}\n");
    await indexFolder(store, join(top, "found"));
    lastUsed("found", 40);
    store.text("read", "0.txt");
    store.findDefinitions("found", "wanted", { match: "exact", limit: 1 });
    await indexFolder(store, join(top, "indexed"));
    const report = await cleanUp(store.care, { keepDays: 30, diskQuota: 0 }, context);
    expect(report.dropped).toEqual([]);
  });

  it("is noted at most once an hour, and never waits for a writer", async () => {
    await indexFolder(store, makeFolder("app"));
    const [path = ""] = indexFiles();
    const db = new Database(path);
    const used = () => db.prepare("SELECT used_ms FROM snapshot").pluck().get();
    const before = used();
    store.text("app", "0.txt");
    expect(used()).toBe(before);
    lastUsed("app", 1);
    const old = used();
    db.exec("BEGIN IMMEDIATE");
    const began = performance.now();
    expect(store.text("app", "0.txt")).toContain("wordapp0x0");
    expect(performance.now() - began).toBeLessThan(4000);
    db.exec("ROLLBACK");
    expect(used()).toBe(old);
    store.text("app", "0.txt");
    expect(Number(used())).toBeGreaterThan(Number(old));
    db.close();
  });

  it("takes the blobs of a worktree with it, and none that another one needs", async () => {
    const main = makeFolder("main");
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@example.org", ...args], { cwd: main });
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "one");
    git("worktree", "add", "-q", join(top, "tree"));
    writeFileSync(join(top, "tree", "only-here.txt"), "unicorn\n".repeat(500));
    await indexFolder(store, main);
    await indexFolder(store, join(top, "tree"));
    expect(indexFiles()).toHaveLength(1);
    lastUsed("tree", 40);
    const report = await cleanUp(store.care, { keepDays: 30, diskQuota: 0 }, context);
    expect(report).toMatchObject({ dropped: [{ repository: "tree" }], blobs_deleted: 1 });
    expect(store.text("main", "0.txt")).toContain("wordmain0x0");
    expect(store.searchText("main", "wordmain0x7", { limit: 5 })).not.toHaveLength(0);
  });
});

describe("the disk quota", () => {
  it("lets go of what was used longest ago, until the rest fits, and never of what is being indexed", async () => {
    for (const name of ["a", "b", "c"]) await indexFolder(store, makeFolder(name, 10));
    makeFolder("busy", 10);
    await indexFolder(store, join(top, "busy"), { dieBefore: 0 });
    lastUsed("a", 3);
    lastUsed("b", 2);
    lastUsed("c", 1);
    lastUsed("busy", 0.5);
    await cleanUp(store.care, keepAll, context);
    const diskQuota = Math.round(store.care.bytes() * 0.7);
    expect(() => requireRoom(store.care, { keepDays: 0, diskQuota })).toThrow(CambiumError);
    const report = await cleanUp(store.care, { keepDays: 0, diskQuota }, context);
    expect(report.dropped[0]).toMatchObject({ repository: "a", reason: "quota" });
    expect(report).toMatchObject({ over_quota: false });
    expect(names()).toContain("c");
    requireRoom(store.care, { keepDays: 0, diskQuota });
    const none = await cleanUp(store.care, { keepDays: 0, diskQuota: 1 }, context);
    expect(names()).toEqual(["busy"]);
    expect(none.over_quota).toBe(true);
  });

  it("fails with what to do, and is not tried again", () => {
    writeFileSync(join(top, "data.db"), "");
    mkdirSync(join(top, "data"), { recursive: true });
    writeFileSync(join(top, "data", "0123456789abcdef.db"), "x".repeat(5000));
    const attempt = () => requireRoom(store.care, { keepDays: 0, diskQuota: 4999 });
    expect(attempt).toThrow(/CAMBIUM_DISK_QUOTA.*cambium cleanup/s);
    try {
      attempt();
    } catch (error) {
      expect(error).toMatchObject({ code: "exhausted", isFinal: true });
    }
  });
});

describe("the disk", () => {
  it("gets back what many changes left, and the log stays bounded meanwhile", async () => {
    const root = makeFolder("app", 20);
    await indexFolder(store, root);
    await cleanUp(store.care, keepAll, context);
    const [path = ""] = indexFiles();
    const first = store.care.bytes();
    let logMax = 0;
    for (let round = 0; round < 8; round += 1) {
      for (let index = 0; index < 20; index += 1) {
        const text = readFileSync(join(root, `${index}.txt`), "utf8").replaceAll("word", `w${round}`);
        writeFileSync(join(root, `${index}.txt`), text);
      }
      await indexFolder(store, root);
      if (existsSync(`${path}-wal`)) logMax = Math.max(logMax, readFileSync(`${path}-wal`).length);
    }
    expect(logMax).toBeLessThan(2 * first);
    await cleanUp(store.care, keepAll, context);
    expect(store.care.bytes()).toBeLessThan(1.3 * first);
    expect(readFileSync(`${path}-wal`).length, "the log is cut").toBeLessThan(100_000);
  });

  it("is freed of what dead tasks and old damage left", async () => {
    await indexFolder(store, makeFolder("app"));
    const beside = store.care.openBeside("0123");
    await indexFolder(beside, join(top, "app"));
    beside.close();
    const [path = ""] = indexFiles();
    writeFileSync(`${path}.corrupt-1`, "x");
    expect((await cleanUp(store.care, keepAll, context)).leftovers_removed).toBe(0);
    for (const name of [`${path}.corrupt-1`, join(top, "data", "beside-0123")]) utimesSync(name, 1, 1);
    expect((await cleanUp(store.care, keepAll, context)).leftovers_removed).toBe(2);
    expect(readdirSync(join(top, "data")).filter((name) => !name.startsWith(path.slice(-19)))).toEqual([]);
  });

  it("is looked at for damage, which spoils only the repository that it hits", async () => {
    await indexFolder(store, makeFolder("sound"));
    const [sound = ""] = indexFiles();
    await indexFolder(store, makeFolder("hurt", 60));
    await cleanUp(store.care, keepAll, context);
    const hurt = indexFiles().find((path) => path !== sound) ?? "";
    const bytes = readFileSync(hurt);
    writeFileSync(hurt, bytes.fill(0x5a, Math.floor(bytes.length / 2)));
    const report = await cleanUp(store.care, keepAll, context);
    expect(report.damaged.map(({ file }) => file)).toEqual([hurt.slice(hurt.lastIndexOf("/") + 1)]);
    await indexFolder(store, join(top, "hurt"));
    expect(store.text("hurt", "0.txt")).toContain("wordhurt0x0");
    expect(store.text("sound", "0.txt")).toContain("wordsound0x0");
  });
});

describe("the ledger and the coverage", () => {
  it("count what is in, what is not and why; what was skipped is taken up again on request", async () => {
    const root = makeFolder("app");
    writeFileSync(join(root, "broken.ts"), "export function half( {\n  return )\n}\n");
    writeFileSync(join(root, "odd.ts"), "export const odd = 1;\n");
    writeFileSync(join(root, "pic.png"), "x");
    for (const name of readdirSync(root)) utimesSync(join(root, name), 1_700_000_000, 1_700_000_000);
    const failing: Extract = (text, language, options) => {
      if (text.includes("odd")) throw new Error("the parser is at fault");
      return extractFile(text, language, options);
    };
    await indexFolder(store, root, { extract: failing });
    expect(store.skipped("app")).toEqual([
      { path: "odd.ts", reason: "parser_crashed", detail: "the parser is at fault" },
      { path: "pic.png", reason: "binary", detail: ".png" },
    ]);
    const coverage = store.care.coverage("app");
    expect(coverage).toMatchObject({ files: 6, indexed: 4, pending: 0, withParseErrors: 1, asText: 0 });
    expect(coverage.skipped).toEqual([
      { reason: "binary", files: 1 },
      { reason: "parser_crashed", files: 1 },
    ]);
    expect(coverage.languages.map(({ language, files }) => [language, files])).toEqual([
      ["text", 3],
      ["typescript", 1],
    ]);
    await indexFolder(store, root);
    expect(store.skipped("app"), "an unchanged file is not tried again by itself").toHaveLength(2);
    await indexFolder(store, root, { retrySkipped: true });
    expect(store.skipped("app").map(({ path }) => path)).toEqual(["pic.png"]);
    expect(store.findDefinitions("app", "odd", { match: "exact", limit: 2 })).toHaveLength(1);
  });
});
