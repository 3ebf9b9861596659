/** The pipeline where something else happens in the middle: a cancellation, a removal, a folder that goes away. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CambiumError } from "../errors.ts";
import { type Extract, indexBatch, planOrPublish } from "./pipeline.ts";
import type { IndexStore } from "./store.ts";
import { openSqliteIndex } from "./stores/sqlite/open-index.ts";

const limits = { maxFileBytes: 1024 * 1024, parseLimitMs: 10_000, concurrency: 1 };
const everything = { first: "", last: "\u{10ffff}" };
const nothing: Extract = async () => ({ definitions: [], references: [], chunks: [], parseErrors: 0 });

describe("a run that is disturbed", () => {
  let top: string;
  let root: string;
  let store: IndexStore;
  const context = (run: string, signal = new AbortController().signal) => ({
    ...{ run, signal, report: () => {} },
    ...{ isolate: false, extract: nothing },
  });

  beforeEach(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), "pipeline-")));
    root = join(top, "app");
    mkdirSync(root);
    for (let index = 0; index < 60; index += 1) writeFileSync(join(root, `${index}.txt`), `words ${index}\n`);
    store = openSqliteIndex(join(top, "data"));
  });
  afterEach(() => {
    store.close();
    rmSync(top, { recursive: true, force: true });
  });

  it("hears an abort inside a batch, and writes nothing of it", async () => {
    await planOrPublish(store, root, limits, context("one"));
    const controller = new AbortController();
    let extracted = 0;
    const extract: Extract = (...args) => {
      if (extracted === 0) setImmediate(() => controller.abort(new Error("cancelled by test")));
      extracted += 1;
      return nothing(...args);
    };
    const batch = { ...context("one", controller.signal), extract };
    await expect(indexBatch(store, root, everything, limits, batch)).rejects.toThrow("cancelled by test");
    expect(extracted).toBeLessThan(60);
    expect(store.repositories("app")[0]?.pendingFiles).toBe(60);
  });

  it("counts no crash of a file while the grammar for it is loaded", async () => {
    writeFileSync(join(root, "only.ts"), "export const only = 1;\n");
    await planOrPublish(store, root, limits, context("one"));
    const seen: [string, number | undefined][] = [];
    const extract: Extract = (...args) => {
      const pending = store.pending("app", "only.ts", "only.ts");
      seen.push([args[0], pending[0]?.crashes]);
      return nothing(...args);
    };
    const batch = { ...context("one"), isolate: true, extract };
    await indexBatch(store, root, { first: "only.ts", last: "only.ts" }, limits, batch);
    expect(seen).toEqual([
      ["", 0],
      ["export const only = 1;\n", 1],
    ]);
  });

  it("counts no crash of a file that the store had no room for", async () => {
    await planOrPublish(store, root, limits, context("one"));
    const full: IndexStore = {
      ...store,
      batch: () => ({
        add: () => {},
        commit: () => {
          throw new CambiumError("exhausted", "The disk is full.");
        },
      }),
    };
    const batch = { ...context("one"), isolate: true };
    await expect(indexBatch(full, root, everything, limits, batch)).rejects.toThrow("The disk is full.");
    expect(store.pending("app", "", "\u{10ffff}").filter(({ crashes }) => crashes > 0)).toEqual([]);
  });

  it("leaves no ghost of a folder that is gone, and says so", async () => {
    rmSync(root, { recursive: true });
    await expect(planOrPublish(store, root, limits, context("one"))).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringContaining(`The folder ${root} is gone;`),
    });
    expect(store.repositories()).toEqual([]);
  });

  it("does not make a repository again that was removed between two batches", async () => {
    await planOrPublish(store, root, limits, context("one"));
    store.remove("app");
    const batch = context("one");
    expect(await indexBatch(store, root, everything, limits, batch)).toEqual({ files: 0 });
    expect(store.repositories()).toEqual([]);
  });

  it("leaves the files of a new run to that run", async () => {
    await planOrPublish(store, root, limits, context("one"));
    await planOrPublish(store, root, limits, context("two"));
    const batch = context("one");
    expect(await indexBatch(store, root, everything, limits, batch)).toEqual({ files: 0 });
    expect(store.repositories("app")[0]?.pendingFiles).toBe(60);
  });

  it("tells where ignore rules stand that were not used, until a scan finds none", async () => {
    const costly = "*a*b*c*d\n";
    mkdirSync(join(root, "in"));
    writeFileSync(join(root, ".cambiumignore"), `*.log\n${costly}`);
    writeFileSync(join(root, "in", ".gitignore"), costly);
    await planOrPublish(store, root, limits, context("one"));
    expect(store.repositories("app")[0]?.refusedRules).toEqual([".cambiumignore:2", "in/.gitignore:1"]);
    rmSync(join(root, ".cambiumignore"));
    rmSync(join(root, "in", ".gitignore"));
    await planOrPublish(store, root, limits, context("two"));
    expect(store.repositories("app")[0]?.refusedRules).toEqual([]);
  });
});
