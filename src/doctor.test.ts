/** What the doctor says about set-ups that are broken on purpose, and that each finding has a remedy. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readConfig } from "./config.ts";
import { doctorChecks } from "./doctor.ts";
import { examine } from "./mcp/doctor.ts";
import { addToClients, type InitPlaces } from "./mcp/init.ts";
import { openSqlite } from "./sqlite.ts";

let top: string;
let places: InitPlaces;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "cambium-doctor-"));
  for (const folder of ["user", "project", "data"]) mkdirSync(join(top, folder));
  places = {
    userHome: join(top, "user"),
    cwd: join(top, "project"),
    platform: "linux",
    dataHome: join(top, "data"),
    launch: { command: process.execPath, args: [join(top, "main.js"), "mcp"] },
  };
  writeFileSync(join(top, "main.js"), "");
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

async function look(name: string, settings: Record<string, string> = {}) {
  const checks = doctorChecks({
    config: () => ({ ...readConfig({ home: join(top, "data") }), ...settings }),
    indexFolder: () => join(top, "data", "index"),
    clients: () => places,
  });
  const { checks: found } = await examine(checks.filter((check) => check.name === name));
  expect(found).toHaveLength(1);
  return found[0];
}

it("a client whose entry starts a program that has gone is named with its file", async () => {
  expect(await look("clients")).toMatchObject({ ok: true, detail: expect.stringMatching(/^none of those/) });
  mkdirSync(join(places.userHome, ".cursor"));
  mkdirSync(join(places.userHome, ".codex"));
  expect((await look("clients"))?.detail).toBe("Cursor not connected; Codex not connected");
  addToClients(places, { only: [], dryRun: false });
  expect(await look("clients")).toMatchObject({ ok: true, detail: "Cursor connected; Codex connected" });
  rmSync(join(top, "main.js"));
  const broken = await look("clients");
  expect(broken).toMatchObject({ ok: false, remedy: expect.stringContaining("cambium init") });
  expect(broken?.detail).toMatch(/Cursor \(.*mcp\.json\): it starts .*main\.js, which is not there; Codex/);
  writeFileSync(join(places.userHome, ".cursor", "mcp.json"), "{");
  expect((await look("clients"))?.detail).toMatch(/Cursor .*not readable JSON/);
});

it("a provider without its key is told before anything is bought", async () => {
  expect(await look("keys")).toMatchObject({ ok: true });
  const missing = await look("keys", { embeddings: "voyage", voyageKey: "" });
  expect(missing).toMatchObject({ ok: false, remedy: expect.stringContaining("VOYAGE_API_KEY") });
  expect(await look("keys", { embeddings: "voyage", voyageKey: "made-up" })).toMatchObject({ ok: true });
  const detail = expect.stringContaining("nothing is sent");
  expect(await look("keys", { embeddings: "local", voyageKey: "" })).toMatchObject({ ok: true, detail });
  // What is made here is not put in order elsewhere either.
  const sent = await look("keys", { embeddings: "local", rerankModel: "rerank-2.5" });
  expect(sent).toMatchObject({ ok: false, remedy: expect.stringContaining("only Voyage reranks") });
});

it("a file that another process keeps locked is named", async () => {
  mkdirSync(join(top, "data", "index"));
  const path = join(top, "data", "index", "some.db");
  const options = { name: "index", durability: "normal", cacheMiB: 1 } as const;
  const holder = openSqlite(path, { ...options, migrations: ["CREATE TABLE t (x)"] });
  expect(await look("locks")).toMatchObject({ ok: true, detail: "1 files can be written" });
  holder.exec("BEGIN IMMEDIATE");
  const held = await look("locks");
  expect(held).toMatchObject({ ok: false, remedy: expect.stringContaining("fuser") });
  expect(held?.detail).toMatch(/some\.db: .*locked/);
  holder.exec("ROLLBACK");
  expect(await look("locks")).toMatchObject({ ok: true });
  holder.close();
});

it("watching says what the system allows, and a data folder that is a file has a remedy", async () => {
  expect((await look("file watching"))?.detail).toMatch(/0 repositories with 0 folders are watched/);
  rmSync(join(top, "data"), { recursive: true });
  writeFileSync(join(top, "data"), "");
  expect(await look("data folder")).toMatchObject({
    ok: false,
    remedy: expect.stringContaining("CAMBIUM_HOME"),
  });
});

it("damaged index files are named with what to do", async () => {
  mkdirSync(join(top, "data", "index"));
  writeFileSync(join(top, "data", "index", "bad.db"), "x".repeat(5000));
  const found = await look("index files");
  expect(found).toMatchObject({ ok: false, remedy: expect.stringContaining("cambium index") });
  expect(found?.detail).toContain("bad.db");
});
