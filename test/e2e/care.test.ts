/** Upkeep with the built program: clean-up, quota, verify with repair, coverage, and taking skipped files up again. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPlace, type Place, type Run } from "./cambium.ts";

let place: Place;
let root: string;

function inIndex(sql: string): unknown[] {
  const folder = join(place.home, "index");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".db"))
    .flatMap((name) => {
      const db = new Database(join(folder, name));
      try {
        const statement = db.prepare(sql);
        return statement.reader ? statement.all() : [statement.run().changes];
      } finally {
        db.close();
      }
    });
}

beforeAll(async () => {
  place = openPlace();
  root = join(place.scratch, "app");
  place.write("app/a.ts", "export function alpha() {\n  return 1;\n}\n");
  place.write("app/b.py", "def beta():\n    return alpha()\n");
  place.write("app/large.log", "a line of the log\n".repeat(100_000));
  place.write("app/pic.png", "x");
  await place.json(["index", root, "--wait"]);
});
afterAll(() => place.dispose());

describe("cambium verify", () => {
  it("proves an index equal, finds what is wrong, repairs it, and leaves nothing beside it", async () => {
    expect(await place.json(["verify", "app"])).toMatchObject({
      state: "SUCCESS",
      equal: true,
      differences: [],
      stale: 0,
      files: 4,
    });
    inIndex("DELETE FROM definition WHERE name = 'alpha'");
    inIndex("UPDATE text_part SET text = x'00'");
    const found = await place.json(["verify", root]);
    expect(found).toMatchObject({ equal: false, differences_total: 2, repaired: 2 });
    expect(found["differences"]).toEqual([
      { path: "a.ts", what: expect.arrayContaining(["definitions"]) },
      { path: "large.log", what: expect.arrayContaining(["content"]) },
    ]);
    expect((await place.json(["symbol", "alpha", "--exact"]))["definitions"]).toHaveLength(1);
    expect(await place.json(["verify", "app"])).toMatchObject({ equal: true, differences: [], stale: 0 });
    expect(readdirSync(join(place.home, "index")).filter((name) => name.startsWith("beside-"))).toEqual([]);
  });

  it("rebuilds an index that is damaged beyond reading", async () => {
    inIndex("DROP TABLE definition");
    expect(await place.json(["verify", "app"])).toMatchObject({
      equal: false,
      differences: [{ path: "", what: ["damaged"] }],
    });
    expect(await place.json(["verify", "app"])).toMatchObject({ equal: true });
  });

  it("names the repositories there are when it knows no such one", async () => {
    const { status, stderr } = await place.run(["verify", "nothing"]);
    expect(status).toBe(2);
    expect(stderr).toContain("Indexed: app.");
  });
});

describe("cambium coverage and retry --files", () => {
  it("tell what is in the index and what is not, and look at it again", async () => {
    const coverage = await place.json(["coverage", "app", "--skipped"]);
    expect(coverage).toMatchObject({ files: 4, indexed: 3, as_text: 1, skipped: { binary: 1 } });
    expect(coverage["ledger"]).toEqual([
      { path: "large.log", reason: "too_large", detail: expect.stringContaining("as text") },
      { path: "pic.png", reason: "binary", detail: ".png" },
    ]);
    inIndex("UPDATE file SET reason = 'parser_crashed', blob = NULL WHERE path = 'b.py'");
    expect(await place.json(["index", root, "--wait"])).toMatchObject({ files: 2 });
    await place.json(["retry", "--files", "app", "--wait"]);
    expect(await place.json(["coverage", "app"])).toMatchObject({ indexed: 3 });
    expect((await place.run(["retry"])).status).toBe(2);
  });
});

describe("cambium cleanup", () => {
  it("is scheduled by the worker, and shown as no task before its time", async () => {
    const { schedules } = (await place.json(["inspect", "schedules"])) as { schedules: { kind: string }[] };
    expect(schedules.map(({ kind }) => kind)).toEqual(["cleanup"]);
    const { tasks } = (await place.json(["tasks", "--state", "active"])) as { tasks: unknown[] };
    expect(tasks).toEqual([]);
  });

  it("takes out what was not used for so long, and says so", async () => {
    place.write("old/x.txt", "an old one\n");
    await place.json(["index", join(place.scratch, "old"), "--wait"]);
    inIndex("UPDATE snapshot SET used_ms = 0 WHERE name = 'old'");
    const report = await place.json(["cleanup"]);
    expect(report).toMatchObject({ state: "SUCCESS", dropped: [{ repository: "old", reason: "unused" }] });
    expect(report).toMatchObject({ damaged: [], over_quota: false });
    const { repositories } = (await place.json(["repos"])) as { repositories: { repository: string }[] };
    expect(repositories.map(({ repository }) => repository)).toEqual(["app"]);
  });

  it("is what an index over its quota asks for: indexing fails at once and says what to do", async () => {
    const small = openPlace({ CAMBIUM_DISK_QUOTA: "2M" });
    try {
      const words = (salt: number) =>
        Array.from({ length: 10_000 }, (_, line) => `w${salt}x${line}`).join("\n");
      let failed: Run | undefined;
      for (let number = 0; number < 12 && failed === undefined; number += 1) {
        small.write(`r${number}/a.txt`, words(number));
        const run = await small.run(["index", join(small.scratch, `r${number}`), "--wait", "--json"]);
        if (run.status !== 0) failed = run;
      }
      expect(failed?.status).toBe(75);
      expect(JSON.parse(failed?.stdout ?? "")).toMatchObject({
        state: "FAILURE",
        error: { code: "exhausted" },
      });
      expect(failed?.stderr).toContain("cambium cleanup");
      const report = await small.json(["cleanup"]);
      expect(report).toMatchObject({ over_quota: false });
      expect(await small.json(["index", join(small.scratch, "r0"), "--wait"])).toMatchObject({
        state: "SUCCESS",
      });
    } finally {
      small.dispose();
    }
  });
});
