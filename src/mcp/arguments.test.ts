/** Arguments are read the way they were meant; what cannot be is answered with the right call. */
import { describe, expect, it } from "vitest";
import { CambiumError } from "../errors.ts";
import { inputSchemaOf, readArguments } from "./arguments.ts";
import type { Tool } from "./tool.ts";
import { findTool, tools } from "./tools.ts";

const toolNamed = (name: string): Tool => findTool(name) ?? expect.fail(`no tool ${name}`);
const read = (name: string, raw: unknown) => readArguments(toolNamed(name), raw);
const refusal = (name: string, raw: unknown): string => {
  try {
    return expect.fail(`accepted: ${JSON.stringify(read(name, raw))}`);
  } catch (error) {
    if (!(error instanceof CambiumError)) throw error;
    expect(error.code).toBe("invalid_argument");
    return error.message;
  }
};

describe("near misses are understood", () => {
  it.each([
    ["search_code", { q: "x", repo: "flask" }, { query: "x", repository: "flask" }],
    ["search_code", { pattern: "x", lang: "go", max_results: "5" }, { query: "x", language: "go", limit: 5 }],
    ["search_code", { text: "x", glob: "src/**" }, { query: "x", path: "src/**" }],
    ["search_code", { query: "x", Detail: "FULL", mode: null, cursor: "" }, { query: "x", detail: "full" }],
    ["get_task_status", { id: "a" }, { task_id: "a" }],
    ["get_task_status", { taskId: "a" }, { task_id: "a" }],
    ["get_task_status", { task_id: 12 }, { task_id: "12" }],
    ["wait_for_task", { "task-id": "a", timeout: "30" }, { task_id: "a", timeout_s: 30 }],
    ["index_repository", { directory: "/x" }, { path: "/x" }],
    ["index_repository", { repo_path: "/x" }, { path: "/x" }],
    ["remove_repository", { name: "flask" }, { repository: "flask" }],
    ["find_symbol", { symbol: "x", type: "class" }, { name: "x", kind: "class" }],
    ["find_symbol", { query: "x" }, { name: "x" }],
    [
      "search_code",
      { querry: "x", langauge: "go", maxtokens: 300 },
      { query: "x", language: "go", max_tokens: 300 },
    ],
    [
      "search_code",
      { words: "x", paths: "src/**", detial: "full" },
      { query: "x", path: "src/**", detail: "full" },
    ],
    ["wait_for_task", { taks_id: "a", timeouts: 3 }, { task_id: "a", timeout_s: 3 }],
    ["list_repositories", undefined, {}],
  ])("%s %j", (name, raw, expected) => {
    expect(read(name, raw)).toMatchObject(expected);
  });

  it("a near name is not understood beside the right one", () => {
    expect(refusal("search_code", { query: "right", q: "near" })).toContain('Unknown argument "q".');
  });

  it("what is near two names, or near none, is unknown", () => {
    expect(refusal("search_code", { query: "x", colour: "red" })).toContain('Unknown argument "colour".');
    expect(refusal("search_code", { query: "x", kin: "class", mod: "regex", wod: true, qu: 1 })).toContain(
      'Unknown argument "qu".',
    );
  });

  it("names out of JavaScript's own objects are unknown arguments", () => {
    expect(refusal("search_code", JSON.parse('{"query":"x","__proto__":1,"constructor":2}'))).toMatch(
      /Unknown argument "__proto__"\. Unknown argument "constructor"\./,
    );
  });
});

describe("a refusal teaches", () => {
  it("names each fault, what there is, and a right call with what was right", () => {
    expect(
      refusal("search_code", { query: "parse", limit: 500, colour: "red", kind: "klass" }),
    ).toMatchInlineSnapshot(`
      "Unknown argument "colour". "kind" is "klass"; it must be one of function, method, constructor, class, interface, struct, union, enum, enum_member, trait, type, module, namespace, constant, variable, field, property, macro, event, section. "limit" is 500; it must be a whole number from 1 to 50. It takes: query (required), repository, path, language, kind, mode, ignore_case, word, literal, multiline, context, limit, cursor, max_tokens, detail.
      Call search_code {"query":"parse"}."
    `);
  });

  it.each([
    ["index_repository", {}, '"path" is missing.'],
    ["index_repository", { path: "" }, '"path" is ""; it must be text of 1 to 4096 characters.'],
    [
      "wait_for_task",
      { task_id: "a", timeout_s: 60 },
      '"timeout_s" is 60; it must be a number from 1 to 50.',
    ],
    ["search_code", "words", "The arguments must be one JSON object."],
    ["search_code", ["words"], "The arguments must be one JSON object."],
    [
      "search_code",
      { query: "x", mode: "fuzzy" },
      '"mode" is "fuzzy"; it must be one of hybrid, lexical, semantic, regex.',
    ],
    ["list_repositories", { filter: "x" }, "It takes: repository, coverage."],
  ])("%s %j", (name, raw, words) => {
    expect(refusal(name, raw)).toContain(words);
  });

  it("does not repeat a giant argument", () => {
    expect(refusal("search_code", { query: "x".repeat(100_000) }).length).toBeLessThan(1000);
  });
});

describe("every tool", () => {
  it.each(tools.map((tool) => [tool.name, tool] as const))(
    "%s has an example that is right, and bounded numbers",
    (_name, tool) => {
      expect(() => readArguments(tool, tool.example)).not.toThrow();
      for (const [name, field] of Object.entries(inputSchemaOf(tool).properties)) {
        if (field.type !== "integer" && field.type !== "number") continue;
        expect(field.minimum, name).toBeGreaterThanOrEqual(0);
        expect(field.maximum, name).toBeLessThanOrEqual(10_000);
      }
    },
  );
});
