/** Files over the parse limit: indexed as text in bounded memory, shown in part, told in the ledger. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { indexFolder, limits } from "../../test/fixtures/index-folder.ts";
import { readLarge } from "./large-file.ts";
import { searchCode } from "./search.ts";
import type { IndexStore, TextPart } from "./store.ts";
import { openSqliteIndex } from "./stores/sqlite/open-index.ts";

const MiB = 1024 * 1024;
const large = { ...limits, maxTextBytes: 8 * MiB };

const begin = "-----BEGIN RSA PRIVATE KEY-----";
const end = "-----END RSA PRIVATE KEY-----";

let top: string;
let root: string;
let store: IndexStore;

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "large-")));
  root = join(top, "app");
  mkdirSync(root);
  store = openSqliteIndex(join(top, "data"));
});
afterEach(() => {
  store.close();
  rmSync(top, { recursive: true, force: true });
});

/** Lines of different lengths with signs of one to four bytes. */
function manyLines(bytes: number): string {
  const lines: string[] = [];
  for (let length = 0, line = 1; length < bytes; line += 1) {
    const text = `line ${line} é你😀 ${"pad ".repeat(line % 40)}marker${line}${line % 7 === 0 ? "\r\n" : "\n"}`;
    lines.push(text);
    length += Buffer.byteLength(text);
  }
  return lines.join("");
}

function segmentsOf(path: string): TextPart[] {
  const found = readLarge(root, path, 8 * MiB);
  return "skip" in found ? expect.fail(found.skip.reason) : [...found.parts()];
}

describe("a text over the parse limit", () => {
  it("is cut into segments and chunks that are the text, line for line", () => {
    const text = manyLines(3 * MiB);
    writeFileSync(join(root, "big.txt"), `\ufeff${text}`);
    const segments = segmentsOf("big.txt");
    expect(segments.length).toBeGreaterThan(2);
    expect(segments.map((segment) => segment.text).join("")).toBe(text);
    const bytes = Buffer.from(text);
    const lines = text.split("\n");
    for (const chunk of segments.flatMap(({ chunks }) => chunks)) {
      const shown = bytes.toString("utf8", chunk.startByte, chunk.endByte);
      expect(shown.split("\n")).toHaveLength(chunk.endLine - chunk.startLine + 1);
      expect(lines[chunk.startLine - 1]?.trimEnd()).toBe(shown.split("\n")[0]?.trimEnd());
    }
  });

  it.each([
    [1, "x".repeat(2 * MiB + 5)],
    [2, "é".repeat(MiB + 5)],
    [4, "😀".repeat(MiB / 2 + 5)],
  ])("is never cut inside a character of %i bytes", (_bytes, word) => {
    // Prose may have such lines; a program may not.
    writeFileSync(join(root, "one.md"), `${word}\n${"words of prose\n".repeat(400_000)}`);
    const segments = segmentsOf("one.md");
    expect(segments.map(({ text }) => text).join("")).toBe(readFileSync(join(root, "one.md"), "utf8"));
    expect(segments.at(-1)?.chunks.at(-1)?.endLine).toBe(400_001);
  });

  it.each([
    ["a key with a line each", (body: string) => `${begin}\n${body}\n${end}\n`],
    [
      "a key on one line",
      (body: string) => `const key = "${begin}\\n${body.replaceAll("\n", "\\n")}\\n${end}";\n`,
    ],
  ])("%s is masked wherever a part of the file ends in it, and the ledger says so", async (_name, quote) => {
    const body = Array.from({ length: 26 }, () => "a1B2c3D4".repeat(8)).join("\n");
    const quoted = quote(body);
    for (const before of [10, 200, 900, quoted.length - 5]) {
      const lines = "int padding_of_the_file;\n".repeat(MiB);
      const text = `${lines.slice(0, MiB - before - 1)}\n${quoted}${"int more;\n".repeat(200_000)}`;
      writeFileSync(join(root, "big.c"), text);
      await indexFolder(store, root, { limits: large });
      const kept = store.text("app", "big.c") ?? "";
      expect(kept.length).toBe(text.length);
      expect(kept).not.toContain("a1B2c3D4");
      expect(kept.split("\n")).toHaveLength(text.split("\n").length);
      expect(store.skipped("app")[0]?.detail).toMatch(/^indexed as text, .*; masked: a private key$/);
    }
  });

  it("a token is masked wherever a line without an end is cut", () => {
    const token = `ghp_${"a1B2c3D4".repeat(5)}`;
    for (const before of [3, 20, 40]) {
      const text = `${"word ".repeat(MiB).slice(0, MiB - before - 1)} ${token} ${"more ".repeat(300_000)}\n`;
      writeFileSync(join(root, "one.md"), `${text}${"words of prose\n".repeat(300_000)}`);
      const kept = segmentsOf("one.md").map((segment) => segment.text);
      expect(kept.join("")).not.toContain("a1B2c3D4");
      expect(kept.join("")).toHaveLength(text.length + 300_000 * 15);
    }
  });

  it("a key that never ends costs no more than any text", () => {
    writeFileSync(
      join(root, "odd.c"),
      `${"int padding;\n".repeat(80_000)}${begin}\n${"AAAA\n".repeat(600_000)}`,
    );
    writeFileSync(
      join(root, "odd.md"),
      `${"words \n".repeat(80_000)}${begin.repeat(100_000)}\n${"words of prose\n".repeat(300_000)}`,
    );
    for (const path of ["odd.c", "odd.md"]) {
      const text = readFileSync(join(root, path), "utf8");
      expect(
        segmentsOf(path)
          .map((segment) => segment.text)
          .join("") === text,
      ).toBe(true);
    }
  });

  it("is found, shown in part, told in the ledger, and let go of without a rest", async () => {
    writeFileSync(join(root, "big.c"), manyLines(3 * MiB));
    await indexFolder(store, root, { limits: large });
    const [hit] = searchCode(store, { query: "marker19999" }).hits;
    expect(hit).toMatchObject({ path: "big.c", kind: "text" });
    expect(hit?.snippet).toContain("line 19999 é你😀");
    expect(hit?.startLine).toBeLessThanOrEqual(19_999);
    expect(hit?.endLine).toBeGreaterThanOrEqual(19_999);
    expect(store.text("app", "big.c")).toBe(readFileSync(join(root, "big.c"), "utf8"));
    expect(store.skipped("app")).toEqual([
      { path: "big.c", reason: "too_large", detail: expect.stringContaining("indexed as text, not parsed") },
    ]);
    expect(store.care.coverage("app")).toMatchObject({ indexed: 1, asText: 1, skipped: [] });
    expect(store.repositories("app")[0]).toMatchObject({ files: 1, filesSkipped: 0 });
    rmSync(join(root, "big.c"));
    writeFileSync(join(root, "small.txt"), "rest\n");
    await indexFolder(store, root, { limits: large });
    expect(searchCode(store, { query: "marker19999" }).hits).toEqual([]);
    expect(store.care.bytes()).toBeLessThan(MiB);
  });

  it("is parsed once the limit allows it, and becomes text again", async () => {
    writeFileSync(join(root, "big.ts"), "export function wanted() {}\n".repeat(40));
    const names = () => store.findDefinitions("app", "wanted", { match: "exact", limit: 1 }).length;
    const low = { ...limits, maxFileBytes: 1000, maxTextBytes: MiB };
    for (const [used, found] of [
      [low, 0],
      [limits, 1],
      [low, 0],
    ] as const) {
      await indexFolder(store, root, { limits: used });
      expect(names()).toBe(found);
    }
  });

  it("is left out where it is no text, minified, generated, secret or larger still", async () => {
    const filler = "const value = compute(1, 2, 3);\n".repeat(60_000);
    writeFileSync(join(root, "binary.c"), `${filler}\0`);
    writeFileSync(join(root, "latin1.c"), Buffer.from(`${filler}caf\xe9`, "latin1"));
    writeFileSync(join(root, "min.js"), `var a=1;${"x=f(x,1);".repeat(250_000)}`);
    writeFileSync(join(root, "made.go"), `// Code generated by protoc-gen-go. DO NOT EDIT.\n${filler}`);
    writeFileSync(join(root, "key.txt"), `-----BEGIN RSA PRIVATE KEY-----\n${filler}`);
    writeFileSync(join(root, "larger.c"), filler.repeat(5));
    writeFileSync(join(root, "wide.c"), Buffer.from(`\ufeff${filler}`, "utf16le"));
    writeFileSync(join(root, "good.c"), filler);
    await indexFolder(store, root, { limits: large });
    expect(store.skipped("app").map(({ path, reason }) => [path, reason])).toEqual([
      ["binary.c", "binary"],
      ["good.c", "too_large"],
      ["key.txt", "secret"],
      ["larger.c", "too_large"],
      ["latin1.c", "not_utf8"],
      ["made.go", "generated"],
      ["min.js", "minified"],
      ["wide.c", "too_large"],
    ]);
    expect(store.repositories("app")[0]).toMatchObject({ files: 1, filesSkipped: 7 });
  });

  it("fails, to be tried again, when it is changed while it is read", () => {
    writeFileSync(join(root, "big.txt"), manyLines(2 * MiB));
    const found = readLarge(root, "big.txt", 8 * MiB);
    if ("skip" in found) expect.fail(found.skip.reason);
    const segments = found.parts();
    segments.next();
    writeFileSync(join(root, "big.txt"), manyLines(2 * MiB).replaceAll("marker", "makrer"));
    expect(() => [...segments]).toThrow(/was changed while it was read/);
  });
});
