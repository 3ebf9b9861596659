/** The README's tables are what the code says; `npx vitest run --project house -u` rewrites them. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { manifestOf } from "../mcpb.mjs";
import { settings } from "../src/config.ts";
import { clients } from "../src/mcp/client-settings.ts";
import { tools } from "../src/mcp/tools.ts";

const readme = join(dirname(fileURLToPath(import.meta.url)), "..", "README.md");
const firstSentence = (text: string) => /^.*?\.(?=\s|$)/s.exec(text)?.[0] ?? text;

const tables: Record<string, string> = {
  tools: [
    "| tool | does |",
    "|---|---|",
    ...tools.map(
      (tool) => `| \`${tool.name}\` | ${firstSentence(tool.description).replaceAll("|", "\\|")} |`,
    ),
  ].join("\n"),
  settings: [
    "| variable | default | meaning |",
    "|---|---|---|",
    ...Object.values(settings).map(
      (setting) => `| \`${setting.env}\` | ${defaultOf(setting)} | ${setting.about} |`,
    ),
  ].join("\n"),
};

/** Defaults that depend on the machine are told in words. */
function defaultOf({ env, schema }: { env: string; schema: { parse(value: undefined): unknown } }): string {
  if (env === "CAMBIUM_HOME") return "`~/.cambium`";
  if (env === "CAMBIUM_CONCURRENCY") return "cores";
  const value = schema.parse(undefined);
  return Array.isArray(value) || value === "" || value === false ? "" : `\`${String(value)}\``;
}

describe("README", () => {
  it("has the tables that the code says", async () => {
    let text = readFileSync(readme, "utf8");
    for (const [name, table] of Object.entries(tables)) {
      const section = new RegExp(`(<!-- ${name} -->)[\\s\\S]*?(<!-- /${name} -->)`);
      expect(text).toMatch(section);
      text = text.replace(section, (_all, open, close) => `${open}\n${table}\n\n${close}`);
    }
    await expect(text).toMatchFileSnapshot(readme);
  });
});

describe("SECURITY.md", () => {
  const read = (name: string) => readFileSync(join(dirname(readme), name), "utf8");
  const rows = read("SECURITY.md")
    .split("\n")
    .filter((line) => /^\| (?!threat|-)/.test(line))
    .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")));

  /** What a cell with proofs lacks. */
  const lacking = (proof: string): string[] => {
    const named = [...proof.matchAll(/`([\w./-]+\.test\.ts)`: ((?:"[^"]+"(?:, )?)+)/g)];
    const gone = named.flatMap(([, file = "", names = ""]) =>
      [...names.matchAll(/"([^"]+)"/g)].flatMap(([, name = ""]) =>
        read(file).includes(name) ? [] : [`${file} has no test "${name}"`],
      ),
    );
    return named.length === 0 ? ["no test is named"] : gone;
  };

  it.each(rows)("names the tests of: %s", (_threat, _against, proof = "") => {
    expect(lacking(proof)).toEqual([]);
  });

  it("does not pass without a test, or with one that is not there", () => {
    expect(rows.length).toBeGreaterThan(15);
    expect(lacking("it is so")).toHaveLength(1);
    expect(lacking('`src/mcp/policy.test.ts`: "a test that nobody has written"')).toHaveLength(1);
  });
});

describe("CLIENTS.md", () => {
  const text = readFileSync(join(dirname(readme), "CLIENTS.md"), "utf8");

  it.each(clients.map(({ id, title }) => [id, title]))("has a section for %s", (id, title) => {
    const section = new RegExp(`\\n## ${title}[^\\n]*\\n([\\s\\S]*?)(?=\\n## |$)`).exec(text)?.[1] ?? "";
    for (const part of ["- Settings: ", `--client ${id}\``, "- It works when ", "- Known problem: "])
      expect(section).toContain(part);
  });
});

describe("server.json, for the MCP registry", () => {
  const read = (name: string) => JSON.parse(readFileSync(join(dirname(readme), name), "utf8"));

  it("says what package.json and the settings say", () => {
    const [own, server] = [read("package.json"), read("server.json")];
    const [entry, ...others] = server.packages;
    expect(others).toEqual([]);
    expect([server.name, server.version]).toEqual([own.mcpName, own.version]);
    expect([entry.identifier, entry.version]).toEqual([own.name, own.version]);
    expect(server.name).toMatch(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/);
    // The namespace of an account: publishing asks for its owner's login.
    expect(server.name).toMatch(/^io\.github\.[a-zA-Z0-9-]+\//);
    for (const text of [server.description, server.title]) {
      expect(text.length).toBeGreaterThan(0);
      expect(text.length).toBeLessThanOrEqual(100);
    }
    expect(server.$schema).toMatch(
      /^https:\/\/static\.modelcontextprotocol\.io\/schemas\/[\d-]+\/server\.schema\.json$/,
    );
    expect([entry.registryType, entry.runtimeHint, entry.transport]).toEqual([
      "npm",
      "npx",
      { type: "stdio" },
    ]);
    // Ranges and `latest` are refused by the registry.
    expect(entry.version).toMatch(/^\d+\.\d+\.\d+$/);
    for (const argument of entry.packageArguments)
      expect(argument).toEqual({ type: "positional", value: expect.any(String) });
    expect(entry.environmentVariables.every((one: object) => "name" in one && "description" in one)).toBe(
      true,
    );
    const known = Object.values(settings).map(({ env }) => env as string);
    for (const { name } of entry.environmentVariables) expect(known).toContain(name);
  });
});

describe("the manifest of the .mcpb bundle", () => {
  it("says what package.json says, and lists the tools that are served", () => {
    const own = JSON.parse(readFileSync(join(dirname(readme), "package.json"), "utf8"));
    const manifest = manifestOf(tools);
    expect(manifest).toMatchObject({
      version: own.version,
      description: own.description,
      license: own.license,
    });
    expect(manifest["compatibility"]).toMatchObject({ runtimes: { node: own.engines.node } });
    const listed = manifest["tools"] as { name: string; description: string }[];
    expect(listed.map(({ name }) => name)).toEqual(tools.map(({ name }) => name));
    expect(listed.every(({ description }) => description.length > 0)).toBe(true);
  });
});
