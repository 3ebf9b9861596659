/** Which repository is meant: names, near names, paths, the current folder; and what only an exact name may do. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IndexStore } from "../indexer/store.ts";
import { openSqliteIndex } from "../indexer/stores/sqlite/open-index.ts";
import { chooseExactly, chooseRepository } from "./repository-choice.ts";

let top: string;
let index: IndexStore;
const at = (path: string) => join(top, path);

beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "cambium-choice-")));
  for (const folder of ["shop/src", "shop/vendored/inner", "shop-twin", "Api", "outside"])
    mkdirSync(at(folder), { recursive: true });
  symlinkSync(at("shop"), at("link"));
  index = openSqliteIndex(at("data"));
  for (const root of ["shop", "shop/vendored/inner", "Api"]) index.register(at(root));
});
afterAll(() => {
  index.close();
  rmSync(top, { recursive: true, force: true });
});

const chosen = (named: string | undefined, cwd = "outside") =>
  chooseRepository(index, named, at(cwd)).chosen?.repository;

describe("nothing said", () => {
  it.each([
    ["shop", "shop"],
    ["shop/src", "shop"],
    ["shop/vendored/inner", "inner"],
    ["link/src", "shop"],
    ["shop-twin", undefined],
    ["outside", undefined],
    ["no/such/folder", undefined],
  ])("in %s means %s", (cwd, expected) => {
    expect(chosen(undefined, cwd)).toBe(expected);
    expect(chosen("  ", cwd)).toBe(expected);
  });
});

describe("a name or a path", () => {
  it.each([
    ["shop", "shop"],
    ["SHOP", "shop"],
    ["api", "Api"],
    ["someone/shop", "shop"],
    ["../shop", "shop"],
    ["../shop/src", "shop"],
    ["../link", "shop"],
  ])("%s means %s", (named, expected) => {
    expect(chosen(named)).toBe(expected);
  });

  it("an absolute path and a file address", () => {
    expect(chosen(at("shop/vendored/inner"))).toBe("inner");
    expect(chosen(`file://${at("shop")}`)).toBe("shop");
  });

  it.each(["nope", "../shop-twin", "../shop/missing", ".", "sho", "constructor", "a\0b"])(
    "%j is unknown, and the known ones are named",
    (named) => {
      expect(() => chosen(named)).toThrow(/no indexed repository .*Indexed: Api, inner, shop\./);
    },
  );

  it("a mistyped name is unknown even where the current folder is indexed", () => {
    expect(() => chosen("shpo", "shop")).toThrow(/no indexed repository "shpo"/);
  });
});

describe("for what cannot be undone", () => {
  it("a name or the folder itself will do, a path inside it will not", () => {
    const exactly = (named: string) => chooseExactly(index, named, at("shop")).repository;
    expect(exactly("shop")).toBe("shop");
    expect(exactly(".")).toBe("shop");
    expect(exactly(at("link"))).toBe("shop");
    for (const named of ["src", "", "  ", "nope"])
      expect(() => exactly(named), named).toThrow(/no indexed repository/);
  });
});

describe("beside an index that cannot be read", () => {
  it("what is missing may be in it: that is said, and a folder can be named all the same", () => {
    const broken = join(at("data"), "0123456789abcdef.db");
    writeFileSync(broken, "no database at all");
    try {
      expect(() => chosen("nope")).toThrow(/damaged.*If it holds "nope", index that repository again/);
      expect(() => chooseExactly(index, "nope", at("shop"))).toThrow(/damaged.*"nope".*by its folder/);
      expect(chooseExactly(index, "../outside", at("shop"))).toEqual({
        repository: "outside",
        root: at("outside"),
        files: null,
      });
      expect(chooseExactly(index, at("gone"), at("shop"))).toMatchObject({ root: at("gone"), files: null });
      expect(chooseExactly(index, "shop", at("outside"))).toMatchObject({ root: at("shop"), files: 0 });
    } finally {
      rmSync(broken);
    }
  });
});
