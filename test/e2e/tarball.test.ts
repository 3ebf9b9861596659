/**
 * What is published: packed, installed under an empty HOME into an empty prefix as a user does it, and used. It asks
 * npm's registry for the dependencies, and is skipped by name where there is none.
 */
import { execFileSync, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasRegistry } from "../fixtures/has-registry.ts";
import { collect, program, type Run } from "./cambium.ts";

const checkout = dirname(dirname(program));
const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

const top = mkdtempSync(join(tmpdir(), "cambium-tarball-"));
afterAll(() => rmSync(top, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));

/** A user who has Node and npm, and nothing else: no settings, no cache, nothing installed. */
function newUser(name: string, more: NodeJS.ProcessEnv = {}) {
  const home = join(top, name);
  const work = join(home, "work");
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, "cart.ts"), "export class ShoppingCart {\n  addItem(): void {}\n}\n");
  const kept = Object.entries(process.env).filter(([key]) => !/^npm_|^CAMBIUM_/i.test(key));
  const env = {
    ...Object.fromEntries(kept),
    HOME: home,
    NO_COLOR: "1",
    CAMBIUM_WORKER_IDLE_MS: "1000",
    npm_config_prefix: join(home, "prefix"),
    ...more,
  };
  const run = (command: string, ...args: string[]): Promise<Run> =>
    collect(spawn(command, args, { cwd: work, env, stdio: ["ignore", "pipe", "pipe"] }));
  return { home, work, env, run };
}

describe("the tarball", () => {
  let tarball: string;
  beforeAll(() => {
    const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", top], {
      cwd: checkout,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [{ filename, files }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
    tarball = join(top, filename);
    const strangers = files.map(({ path }) => path).filter((path) => /^(src|test)\/|\/corpus\//.test(path));
    expect(strangers).toEqual([]);
  });

  const asks = "npm's registry does not answer";
  it.skipIf(!hasRegistry)(
    `is run by npx (needs it: ${asks})`,
    async () => {
      const { run, work } = newUser("npx");
      copyFileSync(tarball, join(work, "cambium.tgz"));
      expect(await run("npx", "-y", "./cambium.tgz", "--version")).toMatchObject({
        status: 0,
        stdout: `${version}\n`,
      });
    },
    560_000,
  );

  describe.skipIf(!hasRegistry)(`installed (needs it: ${asks})`, () => {
    const user = newUser("installed");
    const cambium = join(user.home, "prefix", "bin", "cambium");
    const connect = async () => {
      const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "legacy" } });
      const { env, work: cwd } = user;
      await client.connect(
        new StdioClientTransport({ command: cambium, args: ["mcp"], env, cwd, stderr: "ignore" }),
      );
      return client;
    };

    it("installs into an empty prefix", async () => {
      const { status, stderr } = await user.run("npm", "install", "--global", "--no-audit", tarball);
      expect(status, stderr).toBe(0);
    }, 300_000);

    it("lists its tools over stdio, whether or not npm left a native module", async () => {
      const client = await connect();
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toContain("index_repository");
      await client.close();
    });

    it("gets the native module where npm left none, indexes and answers", async () => {
      const { status, stdout, stderr } = await user.run(cambium, "index", ".", "--wait", "--json");
      expect(status, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ state: "SUCCESS", files: 1 });
      const client = await connect();
      const found = await client.callTool({ name: "find_symbol", arguments: { name: "ShoppingCart" } });
      expect(JSON.stringify(found)).toContain("cart.ts");
      await client.close();
      const told = JSON.parse((await user.run(cambium, "doctor", "--json")).stdout) as {
        checks: { name: string; ok: boolean }[];
      };
      expect(told.checks.find(({ name }) => name === "native module")).toMatchObject({ ok: true });
    }, 560_000);
  });
});

describe("where nothing can be got", () => {
  // The package as it is unpacked where no install script ran: no better-sqlite3 can be found from there.
  const bare = join(top, "bare");
  const main = join(bare, "dist", "main.js");
  beforeAll(() => {
    mkdirSync(join(bare, "dist"), { recursive: true });
    for (const file of ["package.json", "native-sqlite.mjs", "object-wrap.h"])
      copyFileSync(join(checkout, file), join(bare, file));
    copyFileSync(program, main);
    mkdirSync(join(bare, "dist", "parts"));
    const parts = join(checkout, "dist", "parts");
    for (const name of readdirSync(parts)) copyFileSync(join(parts, name), join(bare, "dist", "parts", name));
    // What is no part of the bundle: all packages but the native one.
    mkdirSync(join(bare, "node_modules"));
    for (const name of readdirSync(join(checkout, "node_modules")))
      if (!/^\.|better-sqlite3/.test(name)) symlinkTo(name);
  });
  const symlinkTo = (name: string) =>
    execFileSync("ln", ["-s", join(checkout, "node_modules", name), join(bare, "node_modules", name)]);

  it("says what is missing, and takes a module that it is given", async () => {
    const { home, run } = newUser("offline", { npm_config_offline: "true" });
    const refused = await run(process.execPath, main, "tasks", "--json");
    expect(refused.status).toBe(75);
    const { error } = JSON.parse(refused.stdout) as { error: { code: string; message: string } };
    expect(error.code).toBe("unavailable");
    expect(error.message).toMatch(/could not be got.*C\+\+ compiler.*ENOTCACHED/);
    const target = /be given (\S+\.node) from/.exec(error.message)?.[1] ?? "";
    expect(target.startsWith(join(home, ".cambium", "native"))).toBe(true);

    const doctor = JSON.parse((await run(process.execPath, main, "doctor", "--json")).stdout) as {
      ok: boolean;
      checks: { name: string; ok: boolean; remedy: string | null }[];
    };
    expect(doctor.ok).toBe(false);
    const check = doctor.checks.find(({ name }) => name === "native module");
    expect(check).toMatchObject({ ok: false, remedy: expect.stringContaining(target) });

    const built = join(checkout, "node_modules/better-sqlite3/build/Release/better_sqlite3.node");
    expect(existsSync(built)).toBe(true);
    copyFileSync(built, target);
    const answered = await run(process.execPath, main, "tasks", "--json");
    expect(answered).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(answered.stdout)).toMatchObject({ tasks: [] });
  });
});
