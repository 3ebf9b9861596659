/** The bundle for one-click installation: made, validated and unpacked by its makers' own tool, then started as its manifest says. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasRegistry } from "../fixtures/has-registry.ts";
import { openPlace, type Place, program } from "./cambium.ts";

let place: Place;
beforeAll(() => {
  place = openPlace();
});
afterAll(() => place.dispose());

it.skipIf(!hasRegistry)(
  "the bundle validates and works (needs npm's registry: it does not answer)",
  async () => {
    const checkout = dirname(dirname(program));
    const out = join(place.scratch, "out");
    mkdirSync(out);
    // It runs the tool's `validate` and `pack`, and ends with an error when one refuses.
    execFileSync(process.execPath, [join(checkout, "mcpb.mjs"), out], { stdio: "ignore" });
    const [bundle = ""] = readdirSync(out);
    expect(bundle).toMatch(/^cambium-[\d.]+-\w+-\w+\.mcpb$/);
    const unpacked = join(out, "unpacked");
    execFileSync("npx", ["-y", "@anthropic-ai/mcpb@2.1.2", "unpack", join(out, bundle), unpacked], {
      stdio: "ignore",
    });

    const manifest = JSON.parse(readFileSync(join(unpacked, "manifest.json"), "utf8")) as {
      server: { mcp_config: { args: string[] } };
    };
    place.write("code/cart.ts", "export class ShoppingCart {}\n");
    const folder = join(place.scratch, "code");
    const args = manifest.server.mcp_config.args.map((arg) =>
      // biome-ignore lint/suspicious/noTemplateCurlyInString: what a client fills in.
      arg.replace("${__dirname}", unpacked).replace("${user_config.folder}", folder),
    );
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "legacy" } });
    const env = place.env as Record<string, string>;
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args, env, cwd: out, stderr: "ignore" }),
    );
    const call = async (name: string, given: Record<string, unknown>) =>
      JSON.stringify(await client.callTool({ name, arguments: given }));
    const started = (await client.callTool({ name: "index_repository", arguments: { path: folder } }))
      .structuredContent as { task_id: string };
    expect(await call("wait_for_task", { task_id: started.task_id, timeout_s: 50 })).toContain("SUCCESS");
    expect(await call("find_symbol", { name: "ShoppingCart" })).toContain("cart.ts");
    expect(await call("index_repository", { path: checkout })).toContain("forbidden");
    await client.close();
    expect(readdirSync(place.home)).not.toContain("native");
  },
  400_000,
);
