/** What holds for every language: byte offsets, odd names, nesting; and inputs that would break a careless reader. */
import { describe, expect, it } from "vitest";
import { CambiumError } from "../errors.ts";
import { EXTRACTOR_VERSION, extractFile, extractorVersion } from "./extract-file.ts";
import { languageIds } from "./languages.ts";
import { decodeSource } from "./read-file.ts";

const limits = { parseLimitMs: 60_000 };
const goodFile = "export function good(): void {}\n";

async function expectGoodFile(): Promise<void> {
  const { definitions } = await extractFile(goodFile, "typescript", limits);
  expect(definitions.map(({ name }) => name)).toEqual(["good"]);
}

describe("extractFile", () => {
  it.each([
    ["java", "class A { int ", "a,", "a; }"],
    ["python", "", "a,", "a = 1"],
    ["c", "int ", "a,", "a;"],
    ["javascript", "const {", "a,", "a} = b;"],
    ["go", "package a\ntype A struct { ", "a,", "a int }"],
  ])("takes work in proportion to the names of one declaration in %s", async (language, head, name, tail) => {
    const measure = async (times: number) => {
      const text = `${head}${name.repeat(times)}${tail}\n`;
      const start = process.cpuUsage();
      const { definitions } = await extractFile(text, language, limits);
      expect(definitions.length).toBeGreaterThan(times / 2);
      const { user } = process.cpuUsage(start);
      return user;
    };
    await measure(1_000);
    const small = await measure(4_000);
    const large = await measure(40_000);
    // Ten times the names take ten times the CPU time, or a hundred times where the work is quadratic.
    expect(large / small).toBeLessThan(40);
  });

  it("reads a docstring of very many lines without breaking its parser", async () => {
    const text = `def f():\n    """A.\n${"    b\n".repeat(200_000)}    """\n`;
    const { definitions } = await extractFile(text, "python", limits);
    expect(definitions[0]).toMatchObject({ name: "f", doc: expect.stringMatching(/^A\.\nb\n/) });
  });

  it("counts bytes in UTF-8, columns in UTF-16, and lines from 1", async () => {
    const text = `const s = "é😀名";\n${"// 名\n".repeat(300)}/* 😀 */ function tail(): void {\n  s; call();\n}\n`;
    const { definitions, references } = await extractFile(text, "typescript", limits);
    const tail = definitions.find(({ name }) => name === "tail");
    const bytes = Buffer.from(text).subarray(tail?.startByte, tail?.endByte).toString();
    expect(bytes).toBe("function tail(): void {\n  s; call();\n}");
    expect(tail).toMatchObject({
      line: 302,
      startLine: 302,
      endLine: 304,
      signature: "function tail(): void",
    });
    expect(references).toMatchObject([{ name: "call", role: "call", line: 303, column: 6 }]);
    expect(definitions[references[0]?.enclosing ?? -1]?.name).toBe("tail");
  });

  it.each([
    ["carriage returns", "// a\r\n\r\nfunction one() {}\r\n\r\nfunction two() {\r\n}\r\n"],
    ["a byte order mark", "\ufeff// a\n\nfunction one() {}\n\nfunction two() {\n}\n"],
  ])("finds lines in a file with %s", async (_, written) => {
    const source = decodeSource(Buffer.from(written));
    const text = "text" in source ? source.text : "";
    const { definitions, chunks } = await extractFile(text, "javascript", limits);
    expect(definitions.map(({ name, line, endLine }) => [name, line, endLine])).toEqual([
      ["one", 3, 3],
      ["two", 5, 6],
    ]);
    const [first] = definitions;
    expect(Buffer.from(text).subarray(first?.startByte, first?.endByte).toString()).toBe("function one() {}");
    expect(first?.signature).toBe("function one()");
    expect(chunks[0]?.startLine).toBe(1);
  });

  it.each([
    ["cpp", "A::operator T() const { return 1; }", "operator T"],
    ["cpp", "A::operator F<void()>() const { return 1; }", "operator F<void()>"],
    ["cpp", "int A::operator()(int x) const { return x; }", "operator()"],
    ["cpp", "bool A::operator<(const A& o) const { return x; }", "operator<"],
    ["ruby", "class A\n  def <=>(other) = 0\nend", "<=>"],
    ["ruby", "class A\n  def <(other) = 0\nend", "<"],
  ])("names operators whole in %s: %s", async (language, text, name) => {
    const { definitions } = await extractFile(`${text}\n`, language, limits);
    expect(definitions.map((definition) => definition.name)).toContain(name);
  });

  it("gives headers bare", async () => {
    const { references } = await extractFile("#include <sys/types-2.h>\n", "c", limits);
    expect(references).toMatchObject([{ name: "sys/types-2.h", role: "import" }]);
  });

  it("reads words with underscores before a definition as part of it", async () => {
    const { definitions } = await extractFile("static int __init f(void)\n{\n}\n", "c", limits);
    expect(definitions).toMatchObject([
      { name: "f", visibility: "private", signature: "static int __init f(void)" },
    ]);
  });

  it("lets a namespace without braces hold what follows, up to the next one", async () => {
    const text = "<?php\nnamespace A\\B;\nclass C {}\nnamespace D;\nfunction e() {}\n";
    const { definitions } = await extractFile(text, "php", limits);
    expect(definitions.map(({ name, parent, endLine }) => [name, parent, endLine])).toEqual([
      ["A\\B", "", 3],
      ["C", "A.B", 3],
      ["D", "", 5],
      ["e", "D", 5],
    ]);
  });

  it("treats names of Object.prototype like any other", async () => {
    const text =
      "class constructor { __proto__() { return toString(); } }\nconst hasOwnProperty = () => valueOf();\n";
    const { definitions, references } = await extractFile(text, "javascript", limits);
    expect(definitions.map(({ parent, name }) => `${parent}.${name}`)).toEqual([
      ".constructor",
      "constructor.__proto__",
      ".hasOwnProperty",
    ]);
    expect(references.map(({ name, enclosing }) => [name, enclosing])).toEqual([
      ["toString", 1],
      ["valueOf", 2],
    ]);
  });

  it("leaves local variables out and finds the function around each use", async () => {
    const text = "def outer():\n    def inner():\n        call()\n    return inner\n\n\ntop = call()\n";
    const { definitions, references } = await extractFile(text, "python", limits);
    expect(definitions.map(({ name, parent }) => [name, parent])).toEqual([
      ["outer", ""],
      ["inner", "outer"],
      ["top", ""],
    ]);
    expect(references.map(({ enclosing }) => definitions[enclosing]?.name)).toEqual(["inner", "top"]);
  });

  it("reads signatures without bodies, over several lines and with braces in them", async () => {
    const text =
      "func Run(\n\tctx Context,\n\tf func() struct{ a int },\n) (interface{}, error) {\n\treturn nil, nil\n}\n";
    const { definitions } = await extractFile(text, "go", limits);
    expect(definitions[0]?.signature).toBe(
      "func Run( ctx Context, f func() struct{ a int }, ) (interface{}, error)",
    );
  });

  it("counts broken places and finds what stands around them", async () => {
    const clean = await extractFile("int a(void) { return 1; }\n", "c", limits);
    const broken = await extractFile(
      "int a(void) { return 1; }\nint b( { ] }\nint c(void) { return 2; }\n",
      "c",
      limits,
    );
    expect(clean.parseErrors).toBe(0);
    expect(broken.parseErrors).toBeGreaterThan(0);
    expect(broken.definitions.map(({ name }) => name)).toContain("a");
  });

  it("gives chunks only for a language that it has no grammar for", async () => {
    expect(await extractFile("a\n", "no such language", limits)).toMatchObject({
      definitions: [],
      parseErrors: 0,
    });
  });
});

const depth = 100_000;
const deep: readonly (readonly [language: string, text: string])[] = [
  ["javascript", `${"(".repeat(depth)}1${")".repeat(depth)}`],
  ["javascript", "[".repeat(depth / 10)],
  ["javascript", `${"function f(){".repeat(20_000)}${"}".repeat(20_000)}`],
  ["go", `package a\nvar x = ${"(".repeat(depth)}1${")".repeat(depth)}\n`],
  ["python", `x = ${"[".repeat(depth)}${"]".repeat(depth)}\n`],
  ["c", `int x = ${"(".repeat(depth)}1${")".repeat(depth)};\n`],
  ["c", "{".repeat(depth / 10)],
];

describe("inputs that would break a careless reader", () => {
  it.each(deep)("deep nesting in %s", async (language, text) => {
    const { chunks } = await extractFile(text, language, limits);
    expect(chunks.length).toBeGreaterThan(0);
    await expectGoodFile();
  });

  it("what traps inside WebAssembly is an internal failure and spoils nothing after it, ever", async () => {
    const broken = extractFile("{a:".repeat(depth), "typescript", limits);
    await expect(broken).rejects.toSatisfy(
      (error) => error instanceof CambiumError && error.code === "internal",
    );
    await expectGoodFile();
    await expectGoodFile();
  });

  it.each(languageIds())("noise as %s", async (language) => {
    let state = 12_345;
    const noise = Buffer.from(
      Array.from({ length: 30_000 }, () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return state >>> 24;
      }),
    );
    for (const text of [noise.toString("latin1"), noise.toString("utf8"), "\0".repeat(5_000)]) {
      const { chunks } = await extractFile(text, language, limits);
      expect(chunks.length).toBeGreaterThan(0);
    }
    await expectGoodFile();
  });

  it("one very long line with letters beyond ASCII", async () => {
    const text = "var é=call(1);".repeat(50_000);
    const { definitions, references, chunks } = await extractFile(text, "javascript", limits);
    expect(definitions).toHaveLength(50_000);
    expect(references).toHaveLength(50_000);
    expect(chunks.at(-1)?.endByte).toBe(Buffer.byteLength(text));
  });

  it("a file over the time limit is a timeout and spoils nothing after it", async () => {
    const late = extractFile("[".repeat(depth), "javascript", { parseLimitMs: 200 });
    await expect(late).rejects.toSatisfy(
      (error) => error instanceof CambiumError && error.code === "timeout",
    );
    await expectGoodFile();
  });
});

describe("extractorVersion", () => {
  it("is a stable 32-bit number of its own for every language", () => {
    const versions = languageIds().map(extractorVersion);
    expect(new Set(versions).size).toBe(versions.length);
    for (const version of versions) expect(version).toBe(version >>> 0);
    expect(extractorVersion("text")).toBe(extractorVersion("text"));
    expect(EXTRACTOR_VERSION).toBeGreaterThan(0);
  });
});
