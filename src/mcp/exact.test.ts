/** Patterns through the tool and the command line, on a real index. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { indexAll } from "../../test/conformance/made-files.ts";
import type { IndexStore } from "../indexer/store.ts";
import { openSqliteIndex } from "../indexer/stores/sqlite/open-index.ts";
import { readArguments } from "./arguments.ts";
import { type CliRoot, runCli } from "./cli.ts";
import type { ToolDeps } from "./tool.ts";
import { findTool } from "./tools.ts";

const files = [
  { path: "a.made", text: "one\ntwo cart\nthree\nfour Cart\n" },
  { path: "b.made", text: `${"x".repeat(500)}cart\u202e${"y".repeat(500)}\ncart(\n  1)\n` },
  { path: "many.made", text: `${"x".repeat(90)}\n`.repeat(40) },
];
let top: string;
let index: IndexStore;
let deps: ToolDeps;

beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "exact-doors-")));
  index = openSqliteIndex(join(top, "index"));
  mkdirSync(join(top, "shop"));
  indexAll(index, join(top, "shop"), files);
  deps = {
    index,
    cwd: join(top, "shop"),
    tasks: { list: async () => [] },
    close: async () => {},
  } as unknown as ToolDeps;
});
afterAll(() => {
  index.close();
  rmSync(top, { recursive: true, force: true });
});

async function ask(args: object): Promise<string> {
  const tool = findTool("search_code") ?? expect.fail();
  const { signal } = new AbortController();
  return (await tool.run(readArguments(tool, { mode: "regex", ...args }), deps, { signal })).text;
}

describe("search_code with mode regex", () => {
  it("answers as grep does, grouped by file, with its evidence", async () => {
    const [evidence, ...lines] = (await ask({ query: "cart", path: "a.made", context_lines: 1 })).split("\n");
    expect(evidence).toMatch(/^\[shop generation 1, 0 files pending/);
    expect(lines).toEqual(["a.made", "  1- one", "  2: two cart", "  3- three", "1 hit in all."]);
    expect(await ask({ query: "cart", path: "a.made", ignore_case: true, context: 1 })).toContain(
      "  1- one\n  2: two cart\n  3- three\n  4: four Cart\n2 hits in all.",
    );
  });

  it("shows a long line around its match, and cleans it", async () => {
    const text = await ask({ query: "cart", path: "b.made" });
    expect(text).toMatch(/^ {2}1: …x{40,60}carty+…$/m);
    expect(text).not.toContain("\u202e");
    expect(await ask({ query: "cart\\(\\n" })).toContain("  2: cart(\n1 hit in all.");
    expect(await ask({ query: "cart[^)]*\\)", multiline: true, path: "b.made" })).toContain("  1: …x");
  });

  it("keeps within the tokens asked for, and goes on with a cursor", async () => {
    const whole = await ask({ query: "x", path: "many.made", limit: 50 });
    const cut = await ask({ query: "x", path: "many.made", limit: 50, max_tokens: 250 });
    expect(whole).toContain("40 hits in all.");
    expect(Buffer.byteLength(cut)).toBeLessThan(850);
    expect(cut).toMatch(/\n\d of 40 hits; .*cursor "/);
  });

  it("pages with a cursor, and says why there is nothing", async () => {
    const first = await ask({ query: "cart", limit: 1 });
    const cursor = /cursor "([^"]+)"/.exec(first)?.[1] ?? "";
    expect(await ask({ query: "cart", limit: 5, cursor })).toMatch(/b\.made\n.*3 hits in all\.$/s);
    expect(await ask({ query: "CART" })).toMatch(
      /No line matches "CART"\.\nCapital and small letters differ/,
    );
  });

  it("refuses what does not go together, and a pattern that is wrong, with the reason", async () => {
    await expect(ask({ query: "x", kind: "class" })).rejects.toThrow(/kind does not go with mode regex/);
    await expect(ask({ query: "x", mode: "lexical", word: true })).rejects.toThrow(/word goes with mode/);
    await expect(ask({ query: "a(b" })).rejects.toThrow(/unclosed group/);
  });
});

describe("cambium search --mode regex", () => {
  async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
    const [out, err] = [new PassThrough(), new PassThrough()];
    const stream = (of: PassThrough) => Object.assign(of, { isTTY: false });
    const io = {
      stdout: stream(out),
      stderr: stream(err),
      noColor: true,
      signal: new AbortController().signal,
    };
    const root = { version: "1.2.3", settings: {}, open: async () => deps } as unknown as CliRoot;
    const code = await runCli(["search", ...argv], io, root);
    return { code, out: String(out.read() ?? ""), err: String(err.read() ?? "") };
  }

  it("prints lines as grep does, or one JSON document", async () => {
    const { code, out, err } = await run("--mode", "regex", "Cart|three", "-C", "1");
    expect(code).toBe(0);
    expect(out.trimEnd().split("\n")).toEqual([
      "a.made-2-two cart",
      "a.made:3:three",
      "a.made-4-four Cart",
      "--",
      "a.made-3-three",
      "a.made:4:four Cart",
    ]);
    expect(err).toContain("2 hits [shop generation 1");
    const json = JSON.parse((await run("--mode", "regex", "-F", "cart(", "--json")).out);
    expect(json).toMatchObject({
      hits: [
        { path: "b.made", start_line: 2, end_line: 2, column: 1, kind: "text", name: "", snippet: "cart(" },
      ],
      total: 1,
      total_capped: false,
      partial: false,
      partial_reason: null,
      generation: 1,
      pending_files: 0,
      next_cursor: null,
    });
  });

  it("refuses options that go with another mode", async () => {
    expect(await run("cart", "-w")).toMatchObject({ code: 2, err: expect.stringContaining("--mode regex") });
    expect(await run("cart", "--limit", "500")).toMatchObject({
      code: 2,
      err: expect.stringContaining("100"),
    });
    expect(await run("--mode", "regex", "x", "--kind", "class")).toMatchObject({ code: 2 });
    expect(await run("--mode", "regex", "a(b")).toMatchObject({
      code: 2,
      err: expect.stringContaining("unclosed"),
    });
  });
});
