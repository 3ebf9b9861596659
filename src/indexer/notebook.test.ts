/** Notebooks: cells in their languages, at the lines of the JSON file; outputs are left out; what is broken is text. */
import { describe, expect, it } from "vitest";
import { skipByText } from "./classify-text.ts";
import { extractFile } from "./extract-file.ts";
import { readNotebook } from "./notebook.ts";

const limits = { parseLimitMs: 60_000 };
const code = (source: unknown, more: object = {}) => ({
  cell_type: "code",
  metadata: {},
  outputs: [],
  source,
  ...more,
});
const notebook = (cells: unknown[], metadata: object = {}) => JSON.stringify({ cells, metadata }, null, 1);
const languagesOf = (cells: unknown[], metadata?: object) =>
  readNotebook(notebook(cells, metadata))?.map(({ language }) => language);

describe("readNotebook", () => {
  it("takes a cell's language from the cell, its magic, or the kernel", () => {
    const r = { language_info: { name: "R" } };
    expect(languagesOf([code("f(1)")], r)).toEqual(["r"]);
    expect(languagesOf([code("f(1)")], { kernelspec: { language: "julia" } })).toEqual(["julia"]);
    expect(languagesOf([code("f(1)")])).toEqual(["python"]);
    expect(languagesOf([code("f(1)")], { language_info: { name: "unheard-of" } })).toEqual([undefined]);
    expect(languagesOf([code("%%bash\nls"), code("%%time\nf()"), code("%%odd\nf()")])).toEqual([
      "bash",
      "python",
      undefined,
    ]);
    expect(languagesOf([code("f()", { metadata: { vscode: { languageId: "sql" } } })])).toEqual(["sql"]);
    expect(
      languagesOf([
        { cell_type: "markdown", source: ["# A"] },
        { cell_type: "raw", source: "a" },
      ]),
    ).toEqual(["markdown", undefined]);
  });

  it("gives every character its place in the file", () => {
    const json = notebook([code(['a = "é\\n"\n', "\tb\u2028😀\n"])]);
    const [cell] = readNotebook(json) ?? [];
    expect(cell?.text).toBe('a = "é\\n"\n\tb\u2028😀\n');
    const places = [...(cell?.text ?? "")].map((sign, at) => [sign, json[cell?.origin[at] ?? -1]]);
    expect(places.slice(0, 6)).toEqual(
      [..."a = "]
        .map((sign) => [sign, sign])
        .concat([
          ['"', "\\"],
          ["é", "é"],
        ]),
    );
    expect(cell?.origin).toHaveLength((cell?.text.length ?? 0) + 1);
  });

  it("keeps an operator at the beginning of a line, and blanks what only IPython reads", () => {
    const [cell] = readNotebook(notebook([code("x = ('%d'\n  % y)\n!ls\n%cd a\nhelp??\n")])) ?? [];
    expect(cell?.text.split("\n").map((line) => line.trim())).toEqual(["x = ('%d'", "% y)", "", "", "", ""]);
  });

  it.each([
    ["no JSON", "{"],
    ["a string that does not end", '{"cells": ["a]}'],
    ["an escape that is none", '{"cells": [{"cell_type": "code", "source": "\\x"}]}'],
    ["other JSON", '{"a": 1}'],
    ["JSON of great depth", `{"cells": ${"[".repeat(100_000)}`],
    ["nothing", ""],
  ])("is not misled by %s", (_, json) => {
    expect(readNotebook(json)).toBeUndefined();
  });

  it("reads cells in sheets, as the third format has them", () => {
    const json = JSON.stringify({ worksheets: [{ cells: [{ cell_type: "code", input: ["f()\n"] }] }] });
    expect(readNotebook(json)).toMatchObject([{ language: "python", text: "f()\n" }]);
  });
});

describe("a notebook", () => {
  const image = "iVBORw0KGgo".repeat(20_000);
  const json = notebook([
    { cell_type: "markdown", metadata: {}, source: ["# Plan\n"] },
    code(["def plan(a):\n", '    """Plans \\"a\\"."""\n', "    return act(a)\n"], {
      outputs: [{ data: { "image/png": image, "text/plain": ["def no(): pass"] } }],
    }),
  ]);

  it("is not taken for minified text because of its outputs", () => {
    expect(skipByText("a/b.ipynb", json)).toBeUndefined();
  });

  it("has symbols at the file's lines and bytes, and no chunk of an output", async () => {
    const { definitions, references, chunks, parseErrors } = await extractFile(json, "jupyter", limits);
    const lines = json.split("\n");
    expect(definitions.map(({ kind, name, line }) => [kind, name, line])).toEqual([
      ["section", "Plan", lines.findIndex((line) => line.includes("# Plan")) + 1],
      ["function", "plan", lines.findIndex((line) => line.includes("def plan")) + 1],
    ]);
    const [use] = references;
    expect(lines[(use?.line ?? 0) - 1]?.slice((use?.column ?? 0) - 1)).toMatch(/^act\(a\)/);
    expect(use?.enclosing).toBe(1);
    const bytes = Buffer.from(json);
    const texts = chunks.map(({ startByte, endByte }) => bytes.subarray(startByte, endByte).toString());
    expect(texts).toHaveLength(2);
    expect(texts[1]).toMatch(/^"def plan[\s\S]*act\(a\)\\n"$/);
    expect(chunks.map((chunk) => chunk.definitions)).toEqual([[0], [1]]);
    expect(lines.slice((chunks[1]?.startLine ?? 0) - 1, chunks[1]?.endLine).join("\n")).toContain("def plan");
    expect(parseErrors).toBe(0);
  });

  it("on one line has its cells apart all the same", async () => {
    const { chunks, definitions } = await extractFile(JSON.stringify(JSON.parse(json)), "jupyter", limits);
    expect(definitions.map(({ line }) => line)).toEqual([1, 1]);
    expect(chunks).toHaveLength(2);
    expect(Math.max(...chunks.map(({ startByte, endByte }) => endByte - startByte))).toBeLessThan(200);
  });

  it("that is none is searchable as text", async () => {
    const { chunks, definitions } = await extractFile("def no(): pass\n", "jupyter", limits);
    expect([chunks.length, definitions.length]).toEqual([1, 0]);
  });
});
