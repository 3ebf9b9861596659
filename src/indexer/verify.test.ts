/** `verify` finds every kind of wrong row, says where it is, and the next run repairs it. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { indexFolder } from "../../test/fixtures/index-folder.ts";
import type { IndexStore } from "./store.ts";
import { openSqliteIndex } from "./stores/sqlite/open-index.ts";
import { tables } from "./stores/sqlite/schema.ts";
import { type Comparison, compareStores } from "./verify.ts";

const context = { run: "verify", signal: new AbortController().signal, report: () => {} };
const long = Array.from(
  { length: 200 },
  (_, line) => `export const name${line} = call${line}(${line});\n`,
).join("");
const sources: Record<string, string> = {
  "src/alpha.ts": "export function alpha(): number {\n  return beta(1);\n}\n",
  "src/beta.py": "def beta(x):\n    return x\n",
  "src/long.ts": long,
  "notes/read me.txt": "Words about alpha and beta.\n",
  "image.png": "not one",
};

let top: string;
let root: string;
let store: IndexStore;

beforeEach(async () => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "verify-")));
  root = join(top, "app");
  for (const [path, text] of Object.entries(sources)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
    age(join(root, path));
  }
  store = openSqliteIndex(join(top, "data"));
  await indexFolder(store, root);
});
afterEach(() => {
  store.close();
  rmSync(top, { recursive: true, force: true });
});

/** Settled long before it was indexed, so that no scan takes it for racy. */
function age(path: string): void {
  utimesSync(path, 1_700_000_000, 1_700_000_000);
}

async function verify(): Promise<Comparison> {
  store.care.removeBeside("test");
  const beside = store.care.openBeside("test");
  try {
    await indexFolder(beside, root);
    return await compareStores(store, beside, root, context);
  } finally {
    beside.close();
  }
}

/** Writes into the index file behind the store's back. */
function sabotage(sql: string): void {
  const [name = ""] = readdirSync(join(top, "data")).filter((one) => one.endsWith(".db"));
  const db = new Database(join(top, "data", name));
  expect(db.prepare(sql).run().changes, sql).toBeGreaterThan(0);
  db.close();
}

const blobOf = (path: string) => `(SELECT blob FROM file WHERE path = '${path}')`;

describe("verify", () => {
  it("finds an incremental index equal to a fresh one", async () => {
    writeFileSync(join(root, "src/beta.py"), "def gamma(x):\n    return x\n");
    age(join(root, "src/beta.py"));
    rmSync(join(root, "src/long.ts"));
    copyFileSync(join(root, "src/alpha.ts"), join(root, "src/copy.ts"));
    await indexFolder(store, root);
    expect(await verify()).toEqual({ differences: [], differences_total: 0, stale: 0, files: 5 });
  });

  it.each([
    ["a text", `UPDATE content SET text = x'00' WHERE blob = ${blobOf("src/alpha.ts")}`, "content"],
    ["an outline", `UPDATE content SET outline = x'00' WHERE blob = ${blobOf("src/alpha.ts")}`, "content"],
    ["lost text", `DELETE FROM content WHERE blob = ${blobOf("src/alpha.ts")}`, "content"],
    ["a lost name", `DELETE FROM definition WHERE blob = ${blobOf("src/alpha.ts")}`, "definitions"],
    ["a wrong name", "UPDATE definition SET name = 'omega' WHERE name = 'alpha'", "definitions"],
    ["a wrong kind", "UPDATE definition SET kind = kind + 1 WHERE name = 'alpha'", "definitions"],
    ["lost words", `DELETE FROM passage WHERE rowid = ${blobOf("src/alpha.ts")}`, "passages"],
    ["a wrong count", `UPDATE blob SET symbols = 7 WHERE id = ${blobOf("src/alpha.ts")}`, "counts"],
    [
      "a lost path",
      "DELETE FROM place WHERE rowid = (SELECT id FROM file WHERE path = 'src/alpha.ts')",
      "place",
    ],
    [
      "another file's content",
      `UPDATE file SET blob = ${blobOf("src/beta.py")} WHERE path = 'src/alpha.ts'`,
      "bytes",
    ],
    ["a lost file", "DELETE FROM file WHERE path = 'src/alpha.ts'", "missing"],
    [
      "a wrong reason",
      "UPDATE file SET blob = NULL, reason = 'minified' WHERE path = 'src/alpha.ts'",
      "reason",
    ],
  ])("finds and repairs %s", async (_name, sql, what) => {
    sabotage(sql);
    const found = await verify();
    expect(found).toMatchObject({ differences_total: 1, stale: 0 });
    expect(found.differences).toEqual([{ path: "src/alpha.ts", what: expect.arrayContaining([what]) }]);
    expect((await verify()).differences_total, "wrong until it is repaired").toBeGreaterThan(0);
    await indexFolder(store, root);
    expect(await verify()).toMatchObject({ differences: [], stale: 0 });
    expect(store.findDefinitions("app", "alpha", { match: "exact", limit: 5 })).toHaveLength(1);
    expect(store.searchText("app", "alpha", { limit: 9 }).map(({ path }) => path)).toContain("src/alpha.ts");
    expect(store.text("app", "src/alpha.ts")).toBe(sources["src/alpha.ts"]);
  });

  it("finds and repairs lost trigrams, and those of a text before there were any", async () => {
    for (const sql of [
      "DELETE FROM posting WHERE id = (SELECT max(id) FROM posting)",
      "UPDATE segment SET blobs = NULL, last = 1000 WHERE id = (SELECT max(id) FROM segment)",
    ]) {
      sabotage(sql);
      const found = await verify();
      expect(found.differences_total).toBeGreaterThan(0);
      expect(new Set(found.differences.flatMap(({ what }) => what))).toEqual(new Set(["trigrams"]));
      await indexFolder(store, root);
      expect(await verify()).toMatchObject({ differences: [], stale: 0 });
    }
  });

  it("finds and repairs a row of a file that never was, and wrong totals", async () => {
    sabotage("INSERT INTO file (snapshot, path, size, mtime, extractor) VALUES (1, 'ghost.ts', 1, 1, 1)");
    expect((await verify()).stale).toBe(1);
    await indexFolder(store, root);
    sabotage("UPDATE snapshot SET symbols = 1");
    expect((await verify()).differences).toEqual([{ path: "", what: ["totals", "symbols"] }]);
    await indexFolder(store, root);
    expect(await verify()).toMatchObject({ differences: [], stale: 0 });
  });

  it("finds a change that size and time do not show, and says so", async () => {
    const path = join(root, "src/beta.py");
    writeFileSync(path, "def zeta(x):\n    return x\n");
    age(path);
    expect(statSync(path).size).toBe(Buffer.byteLength(sources["src/beta.py"] ?? ""));
    expect((await verify()).differences).toEqual([{ path: "src/beta.py", what: ["bytes"] }]);
    await indexFolder(store, root);
    expect(store.findDefinitions("app", "zeta", { match: "exact", limit: 5 })).toHaveLength(1);
  });

  it("counts what changed on disk since as stale, not as different", async () => {
    writeFileSync(join(root, "src/beta.py"), "def other():\n    pass\n\n");
    writeFileSync(join(root, "new.ts"), "export const fresh = 1;\n");
    rmSync(join(root, "notes/read me.txt"));
    expect(await verify()).toMatchObject({ differences: [], stale: 3 });
  });

  it("finds wrong rows also where the file was touched since", async () => {
    sabotage(`DELETE FROM definition WHERE blob = ${blobOf("src/alpha.ts")}`);
    utimesSync(join(root, "src/alpha.ts"), 1_700_000_500, 1_700_000_500);
    expect(await verify()).toMatchObject({ differences_total: 1, stale: 0 });
  });

  it("reads every table of the index", () => {
    // A new table belongs into `digest.ts`, and then into this list.
    const read = [
      ...["blob", "content", "definition", "file", "passage", "place", "posting", "segment", "snapshot"],
      "text_part",
    ];
    // A summary may be a little older.
    const notRead = ["summary"];
    expect([...tables].sort()).toEqual([...read, ...notRead].sort());
  });
});
