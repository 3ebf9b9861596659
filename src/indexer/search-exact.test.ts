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
  for (const name of ["app", "long", "pages", "slow", "many"]) mkdirSync(join(top, name));
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

  it("shows the lines around, and the place in the line", async () => {
    const { hits } = await searchExact(store, { query: "push", context: 2 });
    expect(hits).toEqual([
      {
        repository: "app",
        path: "src/router.made",
        language: "made",
        startLine: 3,
        endLine: 3,
        column: 5,
        snippet: "    push(route)",
        before: ["class Router", "  method addRoute"],
        after: ["", "  method match"],
      },
    ]);
    const [wide] = (await searchExact(store, { query: "ADDROUTE" })).hits;
    expect(wide?.column).toBe(11);
    const long = { path: "long.made", text: `${"- ".repeat(25_000)}needle${" -".repeat(25_000)}\n` };
    indexAll(store, join(top, "long"), [long]);
    const [cut] = (await searchExact(store, { query: "needle", repository: "long" })).hits;
    expect(cut?.snippet).toMatch(/^…[- ]{1000}needle[- ]{2994}…$/);
  });

  it("filters by path and language", async () => {
    expect(await found("oute", { path: "src/server*" })).toHaveLength(3 - 1);
    expect(await found("oute", { language: "markdown" })).toEqual(["docs/é.md:1"]);
  });

  it("gives every hit once over all pages, in one order", async () => {
    const many = Array.from({ length: 40 }, (_, index) => ({
      path: `f${index}.made`,
      text: `one line\n${"two line\n".repeat(index % 7)}`,
    }));
    indexAll(store, join(top, "pages"), many);
    const all = (await searchExact(store, { query: "line", repository: "pages", limit: 1000 })).hits;
    const seen: string[] = [];
    let cursor: string | undefined;
    let totals = new Set<number>();
    do {
      const page = await searchExact(store, {
        query: "line",
        repository: "pages",
        limit: 11,
        ...(cursor === undefined ? {} : { cursor }),
      });
      seen.push(...page.hits.map(({ path, startLine }) => `${path}:${startLine}`));
      totals = totals.add(page.total);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(all.map(({ path, startLine }) => `${path}:${startLine}`));
    expect(seen).toHaveLength(155);
    expect([...totals]).toEqual([155]);
  });

  it("refuses a cursor of another question or generation, and what makes no sense", async () => {
    const { nextCursor } = await searchExact(store, { query: "oute", repository: "app", limit: 1 });
    const cursor = nextCursor ?? "";
    for (const request of [
      { query: "outer", repository: "app", cursor },
      { query: "oute", repository: "app", word: true, cursor },
      { query: "oute", cursor: "nonsense" },
    ])
      await expect(searchExact(store, request)).rejects.toThrow(/without cursor/);
    await expect(searchExact(store, { query: "" })).rejects.toThrow(/query/);
    await expect(searchExact(store, { query: "x", limit: 10_001 })).rejects.toThrow(/limit/);
    await expect(searchExact(store, { query: "x", context: 21 })).rejects.toThrow(/context/);
    await expect(searchExact(store, { query: "x", timeLimitMs: 0 })).rejects.toThrow(/timeLimitMs/);
    await expect(searchExact(store, { query: "x", repository: "none" })).rejects.toThrow(/Indexed are/);
    indexAll(store, join(top, "app"), [...files, { path: "z.made", text: "more\n" }]);
    await expect(searchExact(store, { query: "oute", repository: "app", limit: 1, cursor })).rejects.toThrow(
      /without cursor/,
    );
  });

  it("answers what was found when the time is over, says so, and goes on from there", async () => {
    const many = Array.from({ length: 300 }, (_, index) => ({
      path: `slow-${1000 + index}.made`,
      text: `line ${index} ${"- ".repeat(30_000)}a\n`,
    }));
    indexAll(store, join(top, "slow"), many);
    const request = { query: "^line.*a$", repository: "slow", limit: 1000, timeLimitMs: 5 };
    const first = await searchExact(store, request);
    expect(first.partial).toMatch(/time limit/);
    expect(first.totalCapped).toBe(true);
    expect(first.hits.length).toBeLessThan(300);
    const rest = await searchExact(store, {
      ...request,
      timeLimitMs: 60_000,
      cursor: first.nextCursor ?? "",
    });
    expect(rest.partial).toBeNull();
    expect([...first.hits, ...rest.hits].map(({ path }) => path)).toEqual(many.map(({ path }) => path));
    expect(rest.total).toBe(300);
  });

  it("stops counting where there are very many, and ends when the caller gives up", async () => {
    const many = Array.from({ length: 30 }, (_, index) => ({
      path: `m${index}.made`,
      text: "x\n".repeat(100),
    }));
    indexAll(store, join(top, "many"), many);
    const answer = await searchExact(store, { query: "x", repository: "many", limit: 5 });
    expect(answer).toMatchObject({ total: 1000, totalCapped: true, partial: null });
    const given = AbortSignal.abort(new Error("given up"));
    await expect(searchExact(store, { query: "x", repository: "slow" }, given)).rejects.toThrow("given up");
  });
});
