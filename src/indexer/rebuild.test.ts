/** A rebuild after a change of the extractor grows beside the old data: readers have an answer from either, never none. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, it } from "vitest";
import { indexFolder, limits } from "../../test/fixtures/index-folder.ts";
import { extractFile } from "./extract-file.ts";
import type { Extract } from "./pipeline.ts";
import type { IndexStore } from "./store.ts";
import { indexFileName } from "./stores/sqlite/family.ts";
import { openSqliteIndex } from "./stores/sqlite/open-index.ts";

const files = 24;
const text = (index: number) =>
  Array.from({ length: 900 }, (_, line) => `// words ${index} of line ${line}\n`).join("");
const manyBatches = { ...limits, concurrency: 4 };
let top: string;
let root: string;
let store: IndexStore;
let reader: IndexStore;

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "rebuild-")));
  root = join(top, "app");
  mkdirSync(root);
  for (let index = 0; index < files; index += 1)
    writeFileSync(
      join(root, `${index}.ts`),
      `export function shared() {\n  return ${index};\n}\n${text(index)}`,
    );
  store = openSqliteIndex(join(top, "data"));
  reader = openSqliteIndex(join(top, "data"));
});
afterEach(() => {
  store.close();
  reader.close();
  rmSync(top, { recursive: true, force: true });
});

/** What a version of the program with another query or grammar has left. */
function makeOlder(): void {
  const db = new Database(join(top, "data", indexFileName(root)));
  db.exec("UPDATE blob SET extractor = 1; UPDATE file SET extractor = 1;");
  db.close();
}

/** The older version found other names. */
const older: Extract = async (...args) => {
  const extraction = await extractFile(...args);
  return { ...extraction, definitions: extraction.definitions.map((one) => ({ ...one, name: "older" })) };
};
const count = (name: string) => reader.findDefinitions("app", name, { match: "exact", limit: 100 }).length;
const found = () => [count("older"), count("shared")];
const versions = () => {
  const db = new Database(join(top, "data", indexFileName(root)), { readonly: true });
  const rows = db.prepare("SELECT count(*) AS n, extractor = 1 AS old FROM blob GROUP BY 2 ORDER BY 2").all();
  db.close();
  return rows;
};

it("answers completely at every moment, from a generation that it names, and leaves nothing of the old one", async () => {
  await indexFolder(store, root, { extract: older });
  makeOlder();
  const before = reader.repositories("app")[0];
  const seen: unknown[] = [];
  const look = () => seen.push([found(), reader.repositories("app")[0]?.generation]);
  await indexFolder(store, root, { onBatch: look, limits: manyBatches });
  expect(seen.length).toBeGreaterThan(3);
  for (const moment of seen) expect(moment).toEqual([[files, 0], before?.generation]);
  expect(reader.repositories("app")[0]?.generation).toBe(Number(before?.generation) + 1);
  expect(found()).toEqual([0, files]);
  expect(versions()).toEqual([{ n: files, old: 0 }]);
});

it("keeps answering from the old data when it dies half way, and goes on from there", async () => {
  await indexFolder(store, root, { extract: older });
  makeOlder();
  await indexFolder(store, root, { dieBefore: 2, limits: manyBatches });
  expect(found()).toEqual([files, 0]);
  expect(reader.repositories("app")[0]).toMatchObject({
    generation: 1,
    state: "indexing",
    pendingFiles: expect.any(Number),
  });
  await indexFolder(store, root);
  expect(found()).toEqual([0, files]);
  expect(versions()).toEqual([{ n: files, old: 0 }]);
});
