import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { indexAll, type MadeFile } from "../../test/conformance/made-files.ts";
import { type ExactRequest, searchExact } from "./search-exact.ts";
import type { IndexStore } from "./store.ts";
import { openSqliteIndex } from "./stores/sqlite/open-index.ts";

const files: MadeFile[] = [
  { path: "src/router.made", text: "class Router\n  method addRoute\n    push(route)\n\n  method match\n" },
  {
    path: "src/server.made",
    text: "function serve\n  addRoute(home)\r\n  addRouteLater(home)\n  // café ADDROUTE\n",
  },
  { path: "docs/é.md", text: "The router of the café.\nNo line feed at the end", language: "markdown" },
];

let top: string;
let store: IndexStore;

beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "exact-")));
  store = openSqliteIndex(join(top, "data"));
  mkdirSync(join(top, "app"));
  indexAll(store, join(top, "app"), files);
});
afterAll(() => {
  store.close();
  rmSync(top, { recursive: true, force: true });
});

async function found(query: string, options: Partial<ExactRequest> = {}): Promise<string[]> {
  const { hits } = await searchExact(store, { query, ...options });
  return hits.map(({ path, startLine, endLine }) =>
    startLine === endLine ? `${path}:${startLine}` : `${path}:${startLine}-${endLine}`,
  );
}

describe("exact search", () => {
  it("finds lines in the order of paths and lines", async () => {
    expect(await found("[Rr]oute")).toEqual([
      "docs/é.md:1",
      "src/router.made:1",
      "src/router.made:2",
      "src/router.made:3",
      "src/server.made:2",
      "src/server.made:3",
    ]);
    expect(await found("addroute")).toEqual([]);
    expect(await found("addroute", { ignoreCase: true })).toHaveLength(4);
    expect(await found("addRoute", { word: true })).toEqual(["src/router.made:2", "src/server.made:2"]);
    expect(await found("add(Route|Nothing)\\w+")).toEqual(["src/server.made:3"]);
    expect(await found("café\\b")).toEqual(["docs/é.md:1", "src/server.made:4"]);
    expect(await found("end$")).toEqual(["docs/é.md:2"]);
    expect(await found("^$")).toEqual(["src/router.made:4"]);
    expect(await found("(home)", { literal: true })).toEqual(["src/server.made:2", "src/server.made:3"]);
  });

  it("spans lines where the pattern says so", async () => {
    expect(await found("Route\\s+push")).toEqual([]);
    expect(await found("Route\\s+push", { multiline: true })).toEqual(["src/router.made:2-3"]);
    expect(await found("Route\\n\\s+push")).toEqual(["src/router.made:2-3"]);
    expect(await found("(?s)class.*match")).toEqual(["src/router.made:1-5"]);
    expect(await found("[^x]Router[^x]")).toEqual([]);
  });
});
