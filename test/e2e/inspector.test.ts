/**
 * The official MCP Inspector's command line, in both eras, over stdio and over HTTP. It is no dependency of ours (110 MB): the test runs where
 * `mcp-inspector` is on the PATH; CI installs it.
 */
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collect, openPlace, type Place, program } from "./cambium.ts";
import { bearer, type Served, serve } from "./served.ts";

const installed = (() => {
  try {
    execFileSync("mcp-inspector", ["--cli", "--help"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

let place: Place;
let repository: string;
let served: Served | undefined;
beforeAll(() => {
  place = openPlace();
  repository = join(place.scratch, "shop");
  place.write("shop/cart.ts", "export class ShoppingCart {\n  addItem(): void {}\n}\n");
});
afterAll(async () => {
  await served?.stop();
  place.dispose();
});

const doors: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  stdio: async () => ["--", process.execPath, program, "mcp"],
  HTTP: async () => {
    served ??= await serve(place, repository);
    const header = `Authorization: ${bearer.Authorization}`;
    return ["--server-url", `${served.url}/mcp`, "--transport", "http", "--header", header];
  },
};

/** Runs one method and returns the result as the Inspector prints it. */
async function inspect(
  target: readonly string[],
  era: string,
  method: string,
  tool?: string,
  args?: object,
): Promise<Record<string, unknown>> {
  const call =
    tool === undefined ? [] : ["--tool-name", tool, "--tool-args-json", JSON.stringify(args ?? {})];
  const child = spawn(
    "mcp-inspector",
    ["--cli", "--protocol-era", era, "--format", "json", "-q", "--method", method, ...call, ...target],
    {
      cwd: repository,
      env: { ...place.env, MCP_CATALOG_PATH: join(place.scratch, "catalog.json") },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const { status, stdout, stderr } = await collect(child);
  expect(status, stderr + stdout).toBe(0);
  const printed = JSON.parse(stdout) as Record<string, unknown>;
  return (printed["result"] ?? printed) as Record<string, unknown>;
}

const structured = (result: Record<string, unknown>) =>
  result["structuredContent"] as Record<string, unknown>;

describe("MCP Inspector", () => {
  it("is installed where CI runs", () => {
    expect(installed || process.env["CI"] !== "true").toBe(true);
  });

  it.skipIf(!installed).each([
    ["legacy", "stdio"],
    ["modern", "stdio"],
    ["legacy", "HTTP"],
    ["modern", "HTTP"],
  ])(
    "%s era over %s: list, index, wait, search, cancel (needs mcp-inspector on the PATH)",
    async (era, door) => {
      const target = (await doors[door]?.()) ?? [];
      const { tools } = (await inspect(target, era, "tools/list")) as { tools: { name: string }[] };
      expect(tools.map(({ name }) => name)).toContain("index_repository");
      const { task_id } = structured(
        await inspect(target, era, "tools/call", "index_repository", { path: repository }),
      );
      const done = structured(
        await inspect(target, era, "tools/call", "wait_for_task", { task_id, timeout_s: 50 }),
      );
      expect(done).toMatchObject({ task_id, state: "SUCCESS" });
      const found = (await inspect(target, era, "tools/call", "search_code", { query: "shopping cart" })) as {
        content: { text: string }[];
      };
      expect(found.content[0]?.text).toContain("cart.ts");
      const second = structured(
        await inspect(target, era, "tools/call", "index_repository", { path: repository }),
      );
      const cancelled = structured(
        await inspect(target, era, "tools/call", "cancel_task", { task_id: second["task_id"] }),
      );
      expect(cancelled["task_id"]).toBe(second["task_id"]);
      const ended = structured(
        await inspect(target, era, "tools/call", "wait_for_task", {
          task_id: second["task_id"],
          timeout_s: 50,
        }),
      );
      expect(["REVOKED", "SUCCESS"]).toContain(ended["state"]);
    },
  );
});
