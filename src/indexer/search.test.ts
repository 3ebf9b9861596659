/** Search, symbols and ranking over a real store. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { indexAll, longAgo, type MadeFile } from "../../test/conformance/made-files.ts";
import { indexFolder } from "../../test/golden/ask.ts";
import { rankMatches } from "./rank.ts";
import { searchCode } from "./search.ts";
import type { IndexStore } from "./store.ts";
import { openSqliteIndex } from "./stores/sqlite/open-index.ts";
import type { Definition } from "./symbol.ts";
import { findReferences, findSymbol } from "./symbols.ts";

const files: readonly MadeFile[] = [
  { path: "src/router.made", text: "class Router\n  method addRoute\n  method match\n    normalize(url)\n" },
  {
    path: "src/server.made",
    text: "class HTTPServer\n  method listen\n    addRoute(1)\n\nfunction routerHelper\n  addRoute(2) Router\n",
  },
  {
    path: "test/router.test.made",
    text: "function testAddRoute\n  addRoute(Router) addRoute(Router) Router addRoute\n",
  },
  {
    path: "examples/router.made",
    text: "class Router\n  method addRoute\n  method match\n    normalize(url)\n\nfunction demo\n",
  },
  ...Array.from({ length: 15 }, (_, index) => ({
    path: `src/plugin-${String(index).padStart(2, "0")}.made`,
    text: `function plugin${index}\n  registerPlugin(Router)\n`,
  })),
];

describe("questions to an index", () => {
  let top: string;
  let store: IndexStore;

  beforeEach(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), "search-")));
    store = openSqliteIndex(join(top, "data"));
    mkdirSync(join(top, "app"));
    indexAll(store, join(top, "app"), files);
  });
  afterEach(() => {
    store.close();
    rmSync(top, { recursive: true, force: true });
  });

  it("puts the definition of what is named first, and examples and tests behind", () => {
    const { hits, evidence } = searchCode(store, { query: "where is Router addRoute", limit: 30 });
    expect(hits[0]).toMatchObject({ repository: "app", path: "src/router.made", startLine: 1, endLine: 4 });
    expect(hits[0]?.snippet).toBe(files[0]?.text);
    expect(["Router", "Router.addRoute"]).toContain(hits[0]?.name);
    const order = hits.map(({ path }) => path);
    expect(order.indexOf("test/router.test.made")).toBeGreaterThan(order.indexOf("src/server.made"));
    // A copy is not shown beside what it is a copy of.
    expect(order).not.toContain("examples/router.made");
    expect(hits[0]?.copies).toEqual([{ path: "examples/router.made", startLine: 1, endLine: 4 }]);
    const apart = searchCode(store, {
      query: "where is Router addRoute",
      limit: 30,
      without: new Set(["copies"]),
    });
    expect(apart.hits.map(({ path }) => path)).toContain("examples/router.made");
    expect(evidence).toEqual([
      expect.objectContaining({ repository: "app", generation: 1, pendingFiles: 0 }),
    ]);
  });

  it("shows no text of a file that was indexed anew since it was found", () => {
    const fleeting = { path: "src/fleeting.made", text: "function fleetingMoment\n" };
    indexAll(store, join(top, "app"), [fleeting]);
    const racing: IndexStore = {
      ...store,
      searchText(...args) {
        const found = store.searchText(...args);
        indexAll(store, join(top, "app"), [{ ...fleeting, text: "other words\n", mtimeMs: longAgo + 7 }]);
        return found;
      },
    };
    expect(searchCode(racing, { query: "fleetingMoment" }).hits).toEqual([]);
  });

  it("puts uses in tests behind other uses", () => {
    const { hits } = searchCode(store, { query: "addRoute Router" });
    const placeOf = (path: string) => hits.findIndex((hit) => hit.path === path);
    expect(placeOf("src/server.made")).toBeGreaterThanOrEqual(0);
    expect(placeOf("test/router.test.made")).toBeGreaterThan(placeOf("src/server.made"));
  });

  it("puts what was pasted word for word before the same words in another order", () => {
    indexAll(store, join(top, "app"), [
      { path: "src/a.made", text: "a session open did not end a backend session not open backend did\n" },
      { path: "src/b.made", text: "some words before the session backend did not open a session here\n" },
      { path: "src/session.made", text: "a session backend and more of the session, open or not\n" },
    ]);
    const { hits } = searchCode(store, { query: "Session backend did not open a session" });
    expect(hits[0]?.path).toBe("src/b.made");
  });

  it("finds other forms of a word", () => {
    indexAll(store, join(top, "app"), [
      { path: "src/a.made", text: "dates are parsed here\n" },
      { path: "src/b.made", text: "nothing of the kind\n" },
    ]);
    expect(searchCode(store, { query: "parsing a date" }).hits.map(({ path }) => path)).toEqual([
      "src/a.made",
    ]);
  });

  it("names the definition around a passage that begins none", async () => {
    const body = Array.from({ length: 300 }, (_, index) => `  step${index}(value);\n`).join("");
    mkdirSync(join(top, "real"));
    writeFileSync(join(top, "real", "long.js"), `function longOne(value) {\n${body}}\n`);
    const repository = await indexFolder(store, join(top, "real"));
    const [hit] = searchCode(store, { query: "step250", repository }).hits;
    expect(hit?.startLine).toBeGreaterThan(1);
    expect(hit).toMatchObject({ kind: "function", name: "longOne" });
  });

  it("puts a function before a field of its name, and code before tests", () => {
    const kinds = ["property", "function"] as const;
    const found = ["src/a.made", "src/b.made", "test/a.made"].flatMap((path) =>
      kinds.map((kind) => ({ path, kind })),
    );
    const made = found.map(({ path, kind }) => ({
      repository: "app",
      path,
      language: "made",
      definition: { kind, name: "load", line: 1 } as Definition,
    }));
    const { definitions } = findSymbol({ ...store, findDefinitions: () => made }, { name: "load" });
    expect(definitions.map(({ path, definition }) => `${definition.kind} ${path}`)).toEqual([
      "function src/a.made",
      "function src/b.made",
      "function test/a.made",
      "property src/a.made",
      "property src/b.made",
      "property test/a.made",
    ]);
  });

  it("does not hold tests back when they are asked for", () => {
    expect(searchCode(store, { query: "tests of add route" }).hits[0]?.path).toBe("test/router.test.made");
  });

  it("explains a score as the sum of its rules", () => {
    const ranked = rankMatches("Router", store.searchText("app", "Router", { limit: 50 }));
    expect(ranked.length).toBeGreaterThan(10);
    for (const { score, explain } of ranked) {
      expect(explain.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(score, 8);
    }
  });

  it("gives every hit once over all pages", () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    let total = 0;
    do {
      const page = searchCode(store, {
        query: "Router",
        limit: 4,
        ...(cursor === undefined ? {} : { cursor }),
      });
      seen.push(...page.hits.map((hit) => `${hit.path}:${hit.startLine}`));
      total = page.total;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(total);
    expect(new Set(seen).size).toBe(total);
    expect(total).toBeGreaterThan(15);
  });

  it("refuses a cursor of another question or an older generation", () => {
    const { nextCursor } = searchCode(store, { query: "Router", limit: 4 });
    const cursor = nextCursor ?? "";
    expect(() => searchCode(store, { query: "addRoute", limit: 4, cursor })).toThrow(/without cursor/);
    expect(() => searchCode(store, { query: "Router", limit: 4, cursor: "nonsense" })).toThrow(
      /without cursor/,
    );
    indexAll(store, join(top, "app"), [
      ...files,
      { path: "src/new.made", text: "function added\n", mtimeMs: longAgo },
    ]);
    expect(() => searchCode(store, { query: "Router", limit: 4, cursor })).toThrow(/without cursor/);
  });

  it("filters by kind, and shows the definition of that kind", () => {
    const { hits } = searchCode(store, { query: "addRoute", kind: "method" });
    expect(hits.length).toBeGreaterThan(0);
    expect(hits.map(({ kind }) => kind)).toEqual(hits.map(() => "method"));
  });

  it("suggests names where nothing is found", () => {
    const answer = searchCode(store, { query: "registrPlgin Rooter" });
    expect(answer.hits).toEqual([]);
    expect(answer.suggestions).toContain("Router");
    expect(searchCode(store, { query: "+-*/" })).toMatchObject({ hits: [], total: 0, nextCursor: null });
  });

  it.each([
    ["words of one name, misspelt", "rouer halper zzzz", "routerHelper"],
    ["the beginning of a name, misspelt", "testt zzzz", "testAddRoute"],
    ["only poor hits", "normalize rouer halper", "routerHelper"],
    ["a name whose parts are known", "addRuote", "addRoute"],
  ])("suggests names for %s", (_what, query, name) => {
    expect(searchCode(store, { query }).suggestions).toContain(name);
  });

  it.each([
    ["what is there", "where is Router addRoute"],
    ["what a filter hides", "Router", { path: "nowhere/**" }],
    ["a word that is missing among others", "normalize Router addRoute zzzz"],
    ["what is near nothing", "qqqqq zzzz"],
  ])("suggests nothing for %s", (_what, query, filter: { readonly path?: string } = {}) => {
    expect(searchCode(store, { query, ...filter }).suggestions).toEqual([]);
  });

  it("names the known repositories, and refuses what makes no sense", () => {
    expect(() => searchCode(store, { query: "x", repository: "ap" })).toThrow(/Indexed are: app/);
    expect(() => findSymbol(store, { name: "x", repository: "ap" })).toThrow(/Indexed are: app/);
    expect(() => searchCode(store, { query: " " })).toThrow(/query/);
    expect(() => searchCode(store, { query: "x", limit: 0 })).toThrow(/limit/);
  });

  it("finds symbols whole, by beginning and near, with paths of names", () => {
    const lines = (name: string, request = {}) => {
      const answer = findSymbol(store, { name, ...request });
      return [
        answer.match,
        ...answer.definitions.map(({ path, definition }) => `${path}:${definition.line}`),
      ];
    };
    expect(lines("addRoute")).toEqual(["exact", "src/router.made:2", "examples/router.made:2"]);
    expect(lines("Router.addRoute")).toEqual(["exact", "src/router.made:2", "examples/router.made:2"]);
    expect(lines("Router::match", { path: "src/**" })).toEqual(["exact", "src/router.made:3"]);
    expect(lines("pkg.Router.match", { path: "src/**" })).toEqual(["exact", "src/router.made:3"]);
    expect(lines("HTTPServer.match")).toEqual(["fuzzy"]);
    expect(lines("routerH")).toEqual(["prefix", "src/server.made:5"]);
    expect(lines("adRoute")).toEqual(["fuzzy", "examples/router.made:2", "src/router.made:2"]);
    expect(lines("adRoute", { match: "exact" })).toEqual(["exact"]);
    expect(findSymbol(store, { name: "addRoute", limit: 1 })).toMatchObject({ total: 2 });
  });

  it("finds uses with their totals", () => {
    const answer = findReferences(store, { name: "Router.addRoute", limit: 2 });
    expect(answer.total).toBe(4);
    expect(answer.references.map(({ path, reference }) => `${path}:${reference.line}`)).toEqual([
      "src/server.made:3",
      "src/server.made:6",
    ]);
  });

  it("says where it stopped counting", () => {
    const many = Array.from({ length: 130 }, (_, index) => ({
      path: `src/many-${index}.made`,
      text: `function many${index}\n  everywhere(1)\n`,
    }));
    const same = { path: "src/same.made", text: "function same\n".repeat(1001) };
    indexAll(store, join(top, "app"), [...many, same]);
    expect(searchCode(store, { query: "everywhere" })).toMatchObject({ total: 120, totalCapped: true });
    const narrowed = searchCode(store, { query: "everywhere", path: "src/many-1*" });
    expect(narrowed).toMatchObject({ total: 41, totalCapped: false });
    const uses = (limit: number) => findReferences(store, { name: "everywhere", limit });
    expect(uses(20)).toMatchObject({ total: 120, totalCapped: true });
    expect(uses(40)).toMatchObject({ total: 130, totalCapped: false });
    expect(findSymbol(store, { name: "many" })).toMatchObject({ total: 130, totalCapped: false });
    expect(findSymbol(store, { name: "same" })).toMatchObject({ total: 1000, totalCapped: true });
  });
});
