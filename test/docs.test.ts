/** The README's tables are what the code says; `npx vitest run --project house -u` rewrites them. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { settings } from "../src/config.ts";
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

describe("server.json, for the MCP registry", () => {
  const read = (name: string) => JSON.parse(readFileSync(join(dirname(readme), name), "utf8"));

  it("says what package.json and the settings say", () => {
    const [own, server] = [read("package.json"), read("server.json")];
    const [entry, ...others] = server.packages;
    expect(others).toEqual([]);
    expect([server.name, server.version]).toEqual([own.mcpName, own.version]);
    expect([entry.identifier, entry.version]).toEqual([own.name, own.version]);
    expect(server.name).toMatch(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/);
    expect(server.description.length).toBeLessThanOrEqual(100);
    const known = Object.values(settings).map(({ env }) => env as string);
    for (const { name } of entry.environmentVariables) expect(known).toContain(name);
  });
});
