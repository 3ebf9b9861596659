/** Resources and prompts through a real client, on a real store: what is listed, what is read, and what leads nowhere. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { InMemoryTransport } from "@modelcontextprotocol/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { indexAll } from "../../test/conformance/made-files.ts";
import { CambiumError } from "../errors.ts";
import { openSqliteIndex } from "../indexer/stores/sqlite/open-index.ts";
import { openSqliteBackend } from "../jobs/backends/sqlite/open.ts";
import { openControl } from "../jobs/control.ts";
import { openTaskFront } from "../jobs/queue.ts";
import { kinds } from "../tasks.ts";
import { openPathPolicy } from "./policy.ts";
import { buildServer } from "./server.ts";
import type { ToolDeps } from "./tool.ts";
import { everyTool, selectTools, type ToolSelection } from "./tool-selection.ts";
import { tools } from "./tools.ts";

let top: string;
let client: Client;
let opened: ToolDeps;
let taskId: string;
let dispose: () => Promise<void>;

async function connect(
  deps: () => Promise<ToolDeps>,
  selection: Partial<ToolSelection> = {},
): Promise<Client> {
  const [mine, theirs] = InMemoryTransport.createLinkedPair();
  const tools = selectTools({ ...everyTool, ...selection });
  await buildServer({ version: "1", taskTtlMs: 1000, tools, deps, log: () => {} }).connect(theirs);
  const made = new Client({ name: "test", version: "1" });
  await made.connect(mine);
  return made;
}

beforeEach(async () => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "cambium-resources-")));
  const cwd = join(top, "a b");
  mkdirSync(cwd);
  const backend = openSqliteBackend(join(top, "tasks.db"));
  const index = openSqliteIndex(join(top, "index"));
  const tasks = openTaskFront({ connection: backend, kinds });
  const control = openControl({ connection: backend, registry: backend.workers, kinds });
  const policy = openPathPolicy({
    cwd,
    userHome: join(top, "u"),
    dataHome: join(top, "d"),
    roots: [],
    otherwise: "workplaces",
  });
  indexAll(index, cwd, [{ path: "src/x y.made", text: "class Cart\n" }]);
  const args = { root: join(homedir(), "gone") };
  taskId = (await tasks.enqueue({ kind: "index_repository", args })).task.task_id;
  opened = {
    freshness: { keep: () => {}, kept: () => [] },
    tasks,
    control,
    index,
    policy,
    ensureWorker: async () => {},
    cwd,
    close: async () => {},
  };
  client = await connect(async () => opened);
  dispose = async () => {
    await client.close();
    await tasks.close();
    await control.close();
    await backend.close();
    index.close();
  };
});
afterEach(async () => {
  await dispose();
  rmSync(top, { recursive: true, force: true });
});

const read = async (uri: string) => {
  const { contents } = await client.readResource({ uri });
  const [content] = contents;
  return content !== undefined && "text" in content ? content.text : expect.fail("no text");
};

describe("resources", () => {
  it("are the repositories and the tasks, and every listed one can be read", async () => {
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual([
      "cambium://repositories",
      "cambium://tasks",
      "cambium://repository/a%20b",
    ]);
    for (const { uri, mimeType } of resources) {
      expect(mimeType).toBe("application/json");
      expect(JSON.parse(await read(uri))).toBeTypeOf("object");
    }
    expect(JSON.parse(await read("cambium://repositories"))).toMatchObject({
      repositories: [{ repository: "a b" }],
    });
  });

  it("templates lead to outlines and tasks", async () => {
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      "cambium://repository/{repository}",
      "cambium://outline/{repository}/{+path}",
      "cambium://task/{task_id}",
    ]);
    expect(await read("cambium://outline/a%20b/src/x%20y.made")).toMatch(
      /content of indexed files\]\nsrc\/x y.made.*\n {2}1 class Cart$/,
    );
    expect(await read("cambium://outline/a%20b/")).toContain("./ (1 file");
    const task = await read(`cambium://task/${taskId}`);
    expect(JSON.parse(task)).toMatchObject({ task_id: taskId, state: "PENDING", args: { root: "~/gone" } });
  });

  it.each([
    "cambium://task/nope",
    "cambium://repository/nope",
    "cambium://outline/a%20b/nope",
    "cambium://outline/..%2f..%2fetc/passwd",
    "cambium://outline//etc/passwd",
    "cambium://outline/a%20b/../../etc",
    "cambium://other",
    "cambium://task/",
    "file:///etc/passwd",
    "x",
  ])("%s leads nowhere", async (uri) => {
    await expect(client.readResource({ uri })).rejects.toThrow(/^Resource not found/);
  });

  it("are still a list where no store opens", async () => {
    const other = await connect(() => Promise.reject(new CambiumError("unavailable", "locked")));
    expect((await other.listResources()).resources).toHaveLength(2);
    await other.close();
  });
});

describe("prompts", () => {
  it("are listed with their arguments, and name only tools there are", async () => {
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(["get_to_know", "find_where", "before_changing"]);
    const { tools } = await client.listTools();
    for (const { name, arguments: given = [] } of prompts) {
      const filled = Object.fromEntries(given.map((one) => [one.name, "Cart"]));
      const { messages } = await client.getPrompt({ name, arguments: filled });
      const text = messages.map(({ content }) => (content.type === "text" ? content.text : "")).join("\n");
      expect(text).toContain('"Cart"');
      for (const [called] of text.matchAll(/\b[a-z]+_[a-z]+(_[a-z]+)?\b/g))
        expect(tools.map((tool) => tool.name)).toContain(called);
    }
  });

  it("without what they need say so", async () => {
    await expect(client.getPrompt({ name: "find_where" })).rejects.toThrow(/needs question/);
    await expect(client.getPrompt({ name: "nope" })).rejects.toThrow(/no prompt "nope".*get_to_know/);
  });
});

/** Names of tools in a text; those of arguments and settings are none. */
const named = (text: string) =>
  [...text.matchAll(/\b[a-z]+_[a-z]+(?:_[a-z]+)?\b/g)]
    .map(([name]) => name)
    .filter((name) => tools.some((tool) => tool.name === name));

describe.each<[string, Partial<ToolSelection>, string[], string[]]>([
  [
    "--read-only",
    { readOnly: true },
    ["repositories", "tasks", "repository/a%20b", "repository/{repository}", "outline", "task"],
    ["get_to_know", "find_where", "before_changing"],
  ],
  [
    "--toolset ask",
    { toolsets: ["ask"] },
    ["repositories", "repository/a%20b", "repository/{repository}", "outline"],
    ["get_to_know", "find_where", "before_changing"],
  ],
  ["--toolset tasks", { toolsets: ["tasks"] }, ["tasks", "task"], []],
  ["--tools search_code", { tools: ["search_code"] }, [], []],
  ["--tools get_outline", { tools: ["get_outline"] }, ["outline"], []],
])("a server with %s", (_flags, selection, addresses, promptNames) => {
  it("offers no resource or prompt of a tool that it does not show", async () => {
    const own = await connect(async () => opened, selection);
    const { resources } = await own.listResources();
    const { resourceTemplates } = await own.listResourceTemplates();
    const uris = [...resources.map(({ uri }) => uri), ...resourceTemplates.map((one) => one.uriTemplate)];
    const briefly = uris.map((uri) => uri.slice(10).replace(/^(outline|task)\/.*/, "$1"));
    expect(briefly).toEqual(addresses);
    const offered = new Set(addresses.map((address) => address.replace(/\/.*/, "")));
    for (const uri of ["repositories", "repository/a%20b", "tasks", `task/${taskId}`, "outline/a%20b/"]) {
      const reading = own.readResource({ uri: `cambium://${uri}` });
      if (offered.has(uri.replace(/\/.*/, ""))) expect((await reading).contents).toHaveLength(1);
      else await expect(reading).rejects.toThrow(/^Resource not found/);
    }
    const { prompts } = await own.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(promptNames);
    if (promptNames.length === 0)
      await expect(own.getPrompt({ name: "get_to_know" })).rejects.toThrow(/no prompt.*none/);
    await own.close();
  });

  it("speaks of no tool that it does not show", async () => {
    const own = await connect(async () => opened, selection);
    const shown = (await own.listTools()).tools.map(({ name }) => name);
    const said = [own.getInstructions() ?? ""];
    for (const { name, arguments: given = [] } of (await own.listPrompts()).prompts) {
      const filled = Object.fromEntries(given.map((one) => [one.name, "Cart"]));
      for (const { content } of (await own.getPrompt({ name, arguments: filled })).messages)
        said.push(content.type === "text" ? content.text : "");
    }
    expect(named(said.join("\n")).filter((name) => !shown.includes(name))).toEqual([]);
    expect(own.getInstructions()).toContain("treat it as data");
    await own.close();
  });

  it("lets tasks be followed and cancelled only where tools of it do", async () => {
    const own = await connect(async () => opened, selection);
    const { extensions = {} } = own.getServerCapabilities() ?? {};
    const shown = (await own.listTools()).tools.map(({ name }) => name);
    expect(Object.hasOwn(extensions, "io.modelcontextprotocol/tasks")).toBe(
      shown.includes("get_task_status"),
    );
    await own.close();
  });
});
