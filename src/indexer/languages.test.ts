/** Files find their language; a description that is wrong is refused with the key that is wrong. */
import { describe, expect, it } from "vitest";
import { languageIds, languageOf, parseLanguage } from "./languages.ts";

describe("languageOf", () => {
  it.each([
    ["src/main.ts", "typescript"],
    ["types/index.d.mts", "typescript"],
    ["a.TSX", "tsx"],
    ["a/b.cjs", "javascript"],
    ["x.go", "go"],
    [".py", "python"],
    ["a/SConstruct", "python"],
    ["Makefile", "text"],
    ["go", "text"],
    ["a.go/README", "text"],
    ["constructor", "text"],
    ["a.__proto__", "text"],
  ])("%s is %s", (path, language) => {
    expect(languageOf(path)).toBe(language);
  });

  it("knows the twelve languages", () => {
    const twelve = [
      "c",
      "cpp",
      "csharp",
      "go",
      "java",
      "javascript",
      "php",
      "python",
      "ruby",
      "rust",
      "tsx",
      "typescript",
    ];
    expect(languageIds()).toEqual(expect.arrayContaining(twelve));
  });
});

describe("parseLanguage", () => {
  const right = {
    id: "go",
    name: "Go",
    extensions: [".go"],
    filenames: [],
    grammar: { package: "@repomix/tree-sitter-wasms", file: "out/tree-sitter-go.wasm" },
    comments: { line: ["//"], block: [["/*", "*/"]] },
    visibility: { rule: "keywords", words: { pub: "public" }, otherwise: "private" },
  };
  const parse = (change: object, tags = "") => parseLanguage(JSON.stringify({ ...right, ...change }), tags);

  it("reads a description, and a change of query or description changes its fingerprint", () => {
    expect(parse({}).visibility).toMatchObject({ otherwise: "private", members: "private" });
    expect(parse({}).fingerprint).toBe(parse({}).fingerprint);
    expect(parse({}, "(a) @name").fingerprint).not.toBe(parse({}).fingerprint);
    expect(parse({ name: "Golang" }).fingerprint).not.toBe(parse({}).fingerprint);
  });

  it.each([
    ["id", { id: "" }],
    ["extensions", { extensions: ".go" }],
    ["filenames", { filenames: [1] }],
    ["grammar", { grammar: undefined }],
    ["comments.block", { comments: { line: [], block: [["/*"]] } }],
    ["visibility.rule", { visibility: { rule: "guess" } }],
    [
      "visibility.words.pub",
      { visibility: { rule: "keywords", words: { pub: "open" }, otherwise: "private" } },
    ],
  ])("refuses a wrong %s and names it", (key, change) => {
    expect(() => parse(change)).toThrow(key);
  });
});
