/** Files find their language; a description that is wrong is refused with the key that is wrong. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { indexFolder } from "../../test/golden/ask.ts";
import { extractFile } from "./extract-file.ts";
import {
  languageIds,
  languageNamed,
  languageOf,
  languageOfText,
  languages,
  parseLanguage,
  readersOf,
} from "./languages.ts";
import { planOrPublish } from "./pipeline.ts";
import { openSqliteIndex } from "./stores/sqlite/open-index.ts";

describe("languageOf", () => {
  it.each([
    ["src/main.ts", "typescript"],
    ["types/index.d.mts", "typescript"],
    ["a.TSX", "tsx"],
    ["a/b.cjs", "javascript"],
    ["x.go", "go"],
    [".py", "python"],
    ["a/SConstruct", "python"],
    ["Makefile", "make"],
    ["LICENSE", "text"],
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

describe("languageOfText", () => {
  it.each([
    ["a.h", "#pragma once\nclass A;\n", "cpp"],
    ["A.H", "namespace a {\r\n}\r\n", "cpp"],
    ["a.h", "template<class T>\nvoid f();\n", "cpp"],
    ["a.h", "struct A {\npublic:\n};\n", "cpp"],
    ["a.h", "/* A\n * class of its own */\nint class;\n", "c"],
    ["a.h", '#ifdef __cplusplus\nextern "C" {\n#endif\n', "c"],
    ["a.c", "class A;\n", "c"],
    ["a.py", "class A:\n", "python"],
    ["h", "class A;\n", "text"],
    ["constructor", "class A;\n", "text"],
  ])("%s holding %j is %s", (path, text, language) => {
    expect(languageOfText(path, text)).toBe(language);
  });

  it.each([
    ["bin/run", "#!/usr/bin/env python3\nprint()\n", "python"],
    ["run", "#!/usr/bin/env -S FOO=1 node --flag\n", "javascript"],
    ["run.in", "#! /bin/sh -e\n", "bash"],
    ["run", "#!/usr/local/bin/perl5.36 -w\r\n", "perl"],
    ["run", "#!/usr/bin/env Rscript\n", "r"],
    ["run", "#!/opt/odd/interpreter\n", "text"],
    ["run", "#!", "text"],
    ["run", " #!/bin/sh\n", "text"],
    // The name is stronger than the line.
    ["run.py", "#!/bin/sh\n", "python"],
    ["Makefile", "#!/bin/sh\n", "make"],
  ])("%s beginning with %j is %s", (path, text, language) => {
    expect(languageOfText(path, text)).toBe(language);
  });

  it("tells which languages may read a file that has another one's name", () => {
    expect(readersOf("c")).toEqual(["c", "cpp", "objc"]);
    expect(readersOf("cpp")).toEqual(["cpp"]);
    expect(readersOf("text")).toEqual(["text", ...languageIds()]);
  });
});

describe("languageNamed", () => {
  it.each([
    ["ts", "typescript"],
    ["C++", "cpp"],
    ["c#", "csharp"],
    ["{.haskell .numberLines}", "haskell"],
    ["{r}", "r"],
    ["rust,ignore", "rust"],
    ["Shell", "bash"],
    ["text/javascript", "javascript"],
    ["application/json", undefined],
    ["mermaid", undefined],
    ["constructor", undefined],
    ["", undefined],
  ])("%s is %s", (name, language) => {
    expect(languageNamed(name)).toBe(language);
  });

  it("knows every language by its id, and gives no alias to two", () => {
    const aliases = [...languages().values()].flatMap((spec) => spec.aliases);
    expect(aliases).toHaveLength(new Set(aliases).size);
    for (const id of languageIds()) expect(languageNamed(id)).toBe(id);
  });
});

describe("a header that is C++", () => {
  let top: string;

  beforeEach(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), "headers-")));
  });

  afterEach(() => {
    rmSync(top, { recursive: true, force: true });
  });

  it("is indexed as such, and not read again by the next run", async () => {
    const root = join(top, "project");
    mkdirSync(root);
    writeFileSync(
      join(root, "shape.h"),
      "#pragma once\nclass Shape {\n public:\n  int area() { return 1; }\n};\n",
    );
    writeFileSync(join(root, "plain.h"), "int plain(void);\nstruct class_of { int x; };\n");
    // What was written a moment before a scan is read again in any case.
    for (const name of ["shape.h", "plain.h"]) utimesSync(join(root, name), 1_700_000_000, 1_700_000_000);
    const store = openSqliteIndex(join(top, "index"));
    try {
      const repository = await indexFolder(store, root);
      const find = (name: string) =>
        store
          .findDefinitions(repository, name, { match: "exact", limit: 9 })
          .map(({ language, definition }) => [language, definition.kind]);
      expect(find("Shape")).toEqual([["cpp", "class"]]);
      expect(find("class_of")).toEqual([["c", "struct"]]);
      const step = {
        run: "second",
        signal: new AbortController().signal,
        report: () => undefined,
        isolate: false,
        extract: extractFile,
      };
      const limits = { maxFileBytes: 1_000_000, parseLimitMs: 60_000, concurrency: 1 };
      const outcome = await planOrPublish(store, root, limits, step);
      expect(outcome).toMatchObject({ published: { files: 2, filesReused: 2 } });
    } finally {
      store.close();
    }
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
    ["claims.h", { claims: { ".h": ["class ", ""] } }],
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
