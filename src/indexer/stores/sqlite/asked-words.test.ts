import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { indexFolder } from "../../../../test/fixtures/index-folder.ts";
import { queryTerms } from "../../tokenize.ts";
import { readAsked, sizeOf } from "./asked-words.ts";
import { bestRows } from "./full-text.ts";
import { IndexFile } from "./index-file.ts";
import { openSqliteIndex } from "./open-index.ts";

describe("chunks with common words only", () => {
  let top: string;

  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), "cambium-asked-"));
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  it("are left out where many have a rare one, which are scored as before", async () => {
    const root = join(top, "app");
    mkdirSync(root);
    for (let at = 0; at < 700; at += 1) {
      const words = [`w${at}`, "common", "common often ".repeat(at % 3), at % 2 === 0 ? "rare" : "plain"];
      writeFileSync(join(root, `${at}.txt`), `${words.join(" ")}\n`);
    }
    const store = openSqliteIndex(join(top, "index"));
    await indexFolder(store, root);
    store.close();
    const name = readdirSync(join(top, "index")).find((one) => one.endsWith(".db")) ?? "";
    const file = new IndexFile(join(top, "index", name));
    try {
      const asked = readAsked(file, queryTerms("common often rare"), sizeOf(file));
      const whole = new Map(bestRows(file, asked.whole, 1000).map(({ rowid, bm25 }) => [rowid, bm25]));
      const best = bestRows(file, asked.best, 1000);
      const rare = bestRows(file, '"rare"', 1000).map(({ rowid }) => rowid);
      expect([whole.size, rare.length]).toEqual([700, 350]);
      expect(best.map(({ rowid }) => rowid).sort()).toEqual(rare.sort());
      for (const { rowid, bm25 } of best) expect(bm25).toBeCloseTo(whole.get(rowid) ?? 0, 9);
    } finally {
      file.close();
    }
  });

  it("count by their names where every word is common", () => {
    const rows = new Map([
      ["base", 9000],
      ["name : base", 400],
      ["hw", 12_000],
      ["name : hw", 20],
    ]);
    const countRows = (word: string, most: number, _: number, column?: "name") =>
      Math.min(most, rows.get(column === undefined ? word : `${column} : ${word}`) ?? 0);
    const ask = (query: string) =>
      readAsked({ countRows } as IndexFile, queryTerms(query), { chunks: 500_000, common: 40_000 });
    expect(ask("base").best).toBe('("base") NOT (("base") NOT (name : "base"))');
    expect(ask("hw base").best).toBe('("base" OR "hw") NOT (("base" OR "hw") NOT (name : "base"))');
    expect(ask("hw")).toEqual({ whole: '"hw"', best: '"hw"', rare: '"hw"' });
    expect(ask("the")).toMatchObject({ whole: '"the"' });
  });
});
