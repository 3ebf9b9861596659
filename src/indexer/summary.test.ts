/** The summary of a repository on a real index: what it finds, what it leaves out, and that it stays within bounds. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  derived,
  indexAll,
  type MadeFile,
  scanned,
  writeResults,
} from "../../test/conformance/made-files.ts";
import { findEntryPoints } from "./entry-points.ts";
import { firstLines } from "./readme.ts";
import type { IndexStore } from "./store.ts";
import { openSqliteIndex } from "./stores/sqlite/open-index.ts";
import { summarize } from "./summary.ts";

let top: string;
let root: string;
let store: IndexStore;
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "cambium-summary-")));
  root = join(top, "shop");
  mkdirSync(root);
  store = openSqliteIndex(join(top, "index"));
});
afterEach(() => {
  store.close();
  rmSync(top, { recursive: true, force: true });
});

const user = (path: string, name: string, text = ""): MadeFile => ({
  path,
  text: `function ${path.replace(/\W/g, "_")}\n  ${name}(1)\n${text}`,
});
const summaryOf = (files: readonly MadeFile[]) => summarize(store, indexAll(store, root, files)).summary;

describe("a summary", () => {
  it("counts by language and folder, names the largest and the most used, and begins with the README", () => {
    const summary = summaryOf([
      { path: "README.md", text: "# Shop\n\n[![build](x.svg)](y)\n\nSells things.\n" },
      { path: "src/cart.made", text: "class Cart\n  method add\n    check(1)\n" },
      user("src/a.made", "Cart"),
      user("src/b.made", "Cart"),
      user("src/c.made", "checkout"),
      { path: "lib/checkout.made", text: "function checkout\n" },
      user("test/x.test.made", "checkout"),
    ]);
    expect(summary.folders.map(({ name, files }) => [name, files])).toEqual([
      ["src", 4],
      [".", 1],
      ["test", 1],
      ["lib", 1],
    ]);
    expect(summary.languages.map(({ name }) => name)).toContain("made");
    expect(summary.mostUsed).toEqual([
      { name: "Cart", kind: "class", path: "src/cart.made", line: 1, files: 2 },
      { name: "checkout", kind: "function", path: "lib/checkout.made", line: 1, files: 2 },
    ]);
    expect(summary.counted).toEqual({ files: 5, of: 5 });
    expect(summary.largest.map(({ path }) => path)).not.toContain("test/x.test.made");
    expect(summary.readme).toEqual({ path: "README.md", lines: ["# Shop", "Sells things."] });
  });

  it("does not name what many files define or none does", () => {
    const many = ["a", "b", "c", "d"].map((name) => user(`${name}.made`, "open", "\nfunction open\n"));
    const summary = summaryOf([...many, user("e.made", "print"), user("f.made", "print")]);
    expect(summary.mostUsed).toEqual([]);
  });

  it("is the same for the same files, in whatever order they were written", () => {
    const files = Array.from({ length: 30 }, (_, index) =>
      user(`f${index}.made`, `f${(index * 7) % 30}_made`),
    );
    const first = summaryOf(files);
    store.remove("shop");
    store.register(root);
    store.begin("shop", files.map(scanned), { commit: null, run: "x" });
    writeResults(store, "shop", files.toReversed().map(derived), "x");
    store.publish("shop");
    expect(summarize(store, "shop").summary).toEqual(first);
  });

  it("counts an even sample of many files and says so", () => {
    const files = Array.from({ length: 1100 }, (_, index) => user(`f${index}.made`, "hub"));
    const summary = summaryOf([...files, { path: "hub.made", text: "function hub\n" }]);
    expect(summary.counted).toEqual({ files: 1000, of: 1100 });
    expect(summary.mostUsed[0]).toMatchObject({ name: "hub", path: "hub.made", files: 1000 });
  });
});

describe("entry points", () => {
  it("are what manifests name, with a built target traced to its source", () => {
    const files: MadeFile[] = [
      { path: "package.json", text: '{"bin": {"shop": "dist/cli.js"}, "main": "./lib/api.js"}' },
      { path: "src/cli.ts", text: "x" },
      { path: "lib/api.js", text: "x" },
      { path: "py/pyproject.toml", text: '[project.scripts]\nshop = "shop.cli:main"\n[tool.x]\na = "b"\n' },
      { path: "py/src/shop/cli.py", text: "x" },
      { path: "deep/er/than/three/main.py", text: "x" },
      { path: "tests/main.py", text: "x" },
      { path: "broken/package.json", text: "{" },
    ];
    const repository = indexAll(store, root, files);
    expect(findEntryPoints(store, repository, store.files(repository))).toEqual([
      { path: "src/cli.ts", line: null, why: "command shop of package.json" },
      { path: "lib/api.js", line: null, why: "main of package.json" },
      { path: "py/src/shop/cli.py", line: null, why: "command shop of py/pyproject.toml" },
    ]);
  });
});

describe("the first lines of a README", () => {
  it.each([
    ["---\ntitle: x\n---\n# A tool\ntext", ["# A tool", "text"]],
    ['<p align="center"><img src="x"></p>\n<h1>A tool</h1>\n\nIt works.', ["A tool", "It works."]],
    ["[a](b) | [c](d)\n\n[![x](y)](z) ![q](w)\nSee [the docs](https://x).", ["See the docs."]],
    ["Title\n=====\n\n.. image:: x\n   :alt: y\n\nWords.", ["Title", "Words."]],
    ["<!-- hidden\ncomment -->\nShown", ["Shown"]],
    ["", []],
  ])("%j", (text, lines) => {
    expect(firstLines(text)).toEqual(lines);
  });

  it("takes no time over hostile text", () => {
    const began = performance.now();
    firstLines("[![".repeat(5000));
    firstLines(`${"[".repeat(10_000)}\n${"<!--".repeat(4000)}`);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
