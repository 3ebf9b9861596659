/** Texts of one language in a file of another: right places, right owners, and no more than is there. */
import { describe, expect, it } from "vitest";
import { extractFile } from "./extract-file.ts";

const limits = { parseLimitMs: 60_000 };

describe("a text in another language", () => {
  it("is found at its lines, columns and bytes of the file, after text of several bytes", async () => {
    const text = "<p>é😀名</p>\r\n<script>/* 😀 */ function tail() {\r\n  call(); }\r\n</script>\r\n";
    const { definitions, references, parseErrors } = await extractFile(text, "html", limits);
    expect(definitions).toMatchObject([{ name: "tail", line: 2, startLine: 2, endLine: 3, parent: "" }]);
    const [tail] = definitions;
    const bytes = Buffer.from(text).subarray(tail?.startByte, tail?.endByte).toString();
    expect(bytes).toBe("function tail() {\r\n  call(); }");
    expect(references).toMatchObject([{ name: "call", line: 3, column: 3, enclosing: 0 }]);
    expect(parseErrors).toBe(0);
  });

  it("has its top level in the definition around it, and its own parents inside", async () => {
    const text = "# Use\n\n```ts\nclass Box { open() { turn(); } }\nstart();\n```\n\n# Other\n";
    const { definitions, references, chunks } = await extractFile(text, "markdown", limits);
    expect(definitions.map(({ kind, name, parent }) => [kind, name, parent])).toEqual([
      ["section", "Use", ""],
      ["class", "Box", ""],
      ["method", "open", "Box"],
      ["section", "Other", ""],
    ]);
    const owners = references.map(({ name, enclosing }) => [name, definitions[enclosing]?.name]);
    expect(owners).toEqual([
      ["turn", "open"],
      ["start", "Use"],
    ]);
    expect(chunks[0]?.definitions).toEqual([0, 1, 2, 3]);
  });

  it("is read without the marks of a quotation and the indentation of a list", async () => {
    const text =
      "> ```py\n> def quoted():\n>     call()\n> ```\n\n- a\n\n  ```py\n  def listed():\n      call()\n  ```\n";
    const { definitions, references, parseErrors } = await extractFile(text, "markdown", limits);
    expect(definitions.map(({ name, line, endLine }) => [name, line, endLine])).toEqual([
      ["quoted", 2, 3],
      ["listed", 9, 10],
    ]);
    expect(references.map(({ line, column, enclosing }) => [line, column, enclosing])).toEqual([
      [3, 7, 0],
      [10, 7, 1],
    ]);
    expect(parseErrors).toBe(0);
  });

  it("is read in a page in a page", async () => {
    const text = "# A\n\n```vue\n<script lang='ts'>\nconst deep: Far = go();\n</script>\n```\n";
    const { definitions } = await extractFile(text, "markdown", limits);
    expect(definitions).toMatchObject([{ name: "A" }, { name: "deep", line: 5, visibility: "private" }]);
  });

  it("is left as text where nobody reads the language that it names", async () => {
    const text =
      '<script type="text/x-template">function no() {}</script>\n<script type="">let a = 1</script>';
    const { definitions, parseErrors } = await extractFile(text, "html", limits);
    expect(definitions.map(({ name }) => name)).toEqual(["a"]);
    expect(parseErrors).toBe(0);
  });

  it("has its expressions in the script's language", async () => {
    const text = '<template><b @click="run(a as Far)"/></template>\n<script lang="ts">let a = 1</script>\n';
    const { references, parseErrors } = await extractFile(text, "vue", limits);
    expect(references.map(({ name, role }) => [name, role])).toContainEqual(["Far", "type"]);
    expect(parseErrors).toBe(0);
    const alone = await extractFile('<template><b @click="run(a)"/></template>\n', "vue", limits);
    expect(alone.references).toEqual([]);
  });

  it("is cut where its own parts begin when it is large", async () => {
    const body = "  step();\n".repeat(140);
    const functions = [0, 1, 2, 3, 4, 5].map((at) => `function f${at}() {\n${body}}\n`).join("");
    const { chunks } = await extractFile(`<script>\n${functions}</script>\n`, "svelte", limits);
    const starts = new Set(chunks.map(({ startLine }) => startLine));
    expect([144, 286, 428, 570, 712].filter((line) => starts.has(line))).toHaveLength(5);
  });

  it("shares the file's time with it", async () => {
    const text = `<script>${"f(".repeat(20_000)}</script>`;
    await expect(extractFile(text, "html", { parseLimitMs: 0 })).rejects.toMatchObject({ code: "timeout" });
  });

  it("costs work in proportion to the number of such texts", async () => {
    const text = `<script>\nlet a = 1;\n</script>\n${"{f(a)}\n".repeat(2_500)}`;
    const { references } = await extractFile(text, "svelte", limits);
    // Two thousand texts are read, the script one of them; each expression has a call and its argument.
    expect(references).toHaveLength(2 * 1_999);
  });
});
