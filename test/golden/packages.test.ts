/**
 * Questions about the sources of packages that are pinned to a version anyway. Their ranks are kept in
 * `package-ranks.json`, so that a change of the ranking is read as a diff (`-u` writes them anew).
 */
import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openSqliteIndex } from "../../src/indexer/stores/sqlite/open-index.ts";
import { here, indexFolder, type Question, rankOf, readQuestions } from "./ask.ts";

interface PackageSet {
  readonly package: string;
  readonly folder: string;
  readonly questions: readonly Question[];
}

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "cambium-packages-")));
const store = openSqliteIndex(join(scratch, "index"));

afterAll(() => {
  store.close();
  rmSync(scratch, { recursive: true, force: true });
});

test("the ranks on pinned packages are the kept ones", async () => {
  const ranks: Record<string, number | null> = {};
  for (const set of readQuestions("packages.json") as unknown as PackageSet[]) {
    // Not below node_modules: what lies there counts as a copy of somebody else's.
    const root = join(scratch, set.package);
    cpSync(join(here, "..", "..", "node_modules", set.package, set.folder), root, { recursive: true });
    const repository = await indexFolder(store, root);
    for (const asked of set.questions) {
      expect(store.text(repository, asked.file), asked.file).toBeDefined();
      ranks[`${set.package}: ${asked.question}`] = rankOf(store, repository, asked).search;
    }
  }
  expect(Object.keys(ranks)).toHaveLength(13);
  await expect(`${JSON.stringify(ranks, null, 2)}\n`).toMatchFileSnapshot(join(here, "package-ranks.json"));
}, 60_000);
