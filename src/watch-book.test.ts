/** What processes ask for and tell, also those that have died. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ownIdentity, ownOwner } from "./jobs/process-identity.ts";
import { openWatchBook } from "./watch-book.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "watch-book-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** As another process would have left it. */
function leave(name: string, owner: string, wants: string[]): string {
  mkdirSync(join(home, "watches"), { recursive: true });
  const path = join(home, "watches", name);
  writeFileSync(path, JSON.stringify({ owner, wants }));
  return path;
}

it("keeps what is asked for until it is released or its process closes", () => {
  const [one, other] = [openWatchBook(home), openWatchBook(home)];
  expect(one.wanted()).toEqual([]);
  one.keep("/b");
  other.keep("/a");
  other.keep("/b");
  expect(one.wanted()).toEqual(["/a", "/b"]);
  other.release("/a");
  expect(one.wanted()).toEqual(["/b"]);
  other.close();
  one.close();
  expect(readdirSync(join(home, "watches"))).toEqual([]);
});

it("tells what others watch", () => {
  const [one, other] = [openWatchBook(home), openWatchBook(home)];
  one.report([{ root: "/a", mode: "polling", folders: 0, notice: "why" }]);
  expect(other.reports("others")).toEqual([{ root: "/a", mode: "polling", folders: 0, notice: "why" }]);
  expect(one.reports("others")).toEqual([]);
  expect(one.reports()).toHaveLength(1);
  one.close();
  expect(other.reports()).toEqual([]);
});

it("forgets what a dead process wanted, one of another machine after a minute, and passes over damage", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => child.once("close", resolve));
  leave("dead.json", JSON.stringify([ownIdentity.host, child.pid, ownIdentity.start]), ["/dead"]);
  leave("alive.json", ownOwner, ["/alive"]);
  leave("near.json", JSON.stringify(["elsewhere", 1, "x"]), ["/near"]);
  const far = leave("far.json", JSON.stringify(["elsewhere", 2, "x"]), ["/far"]);
  utimesSync(far, 1, 1);
  writeFileSync(join(home, "watches", "torn.json"), '{"own');
  expect(openWatchBook(home).wanted()).toEqual(["/alive", "/near"]);
  expect(readdirSync(join(home, "watches")).sort()).toEqual(["alive.json", "near.json", "torn.json"]);
});
