/**
 * Mixed jobs while workers, children, producers and the store itself are killed at random. Short here; whole with
 * `npm run chaos`, which runs 20,000 jobs and 200 kills on each store.
 */

import Database from "better-sqlite3";
import { afterEach, describe, expect, it } from "vitest";
import { type ChaosReport, runChaos } from "../clock/chaos.ts";
import { openPlaceFor, type Place } from "../clock/place.ts";
import { seedOfRun } from "../fixtures/seeded.mjs";
import { type OwnServer, startRedis } from "../fixtures/start-stores.ts";
import { missingStore } from "../fixtures/stores.ts";

const isWhole = process.env["CAMBIUM_CHAOS"] === "whole";
const plan = isWhole ? { tasks: 18_000, kills: 200 } : { tasks: 600, kills: 24 };
const seed = seedOfRun();

function expectUnbroken(report: ChaosReport): void {
  process.stderr.write(`${JSON.stringify(report)}\n`);
  expect(report.broken).toEqual([]);
  expect(report.succeeded + report.quarantined).toBe(report.accepted);
  for (const victim of ["worker", "child"]) expect(report.kills[victim]).toBeGreaterThan(0);
}

const run = (place: Place, more: { readonly killStore?: () => Promise<void> } = {}) =>
  runChaos(place, { ...plan, processes: 3, seed, ...more });

describe(`chaos, seed ${seed}`, () => {
  it("on SQLite, whose file is sound afterwards", async () => {
    await openPlaceFor("sqlite", async (place) => {
      const report = await run(place);
      expectUnbroken(report);
      expect(report.unheard).toBe(0);
      const db = new Database(place.url.replace("sqlite:", ""), { readonly: true });
      expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
      db.close();
    });
  });

  it.skipIf(missingStore("postgres") !== undefined)("on PostgreSQL", async () => {
    // BullMQ's reader there passes over events whose transactions commit out of turn, so that some stay unheard.
    await openPlaceFor("postgres", async (place) => expectUnbroken(await run(place)));
  });

  describe.skipIf(missingStore("redis") !== undefined)("on a Redis that is killed too", () => {
    let server: OwnServer;
    afterEach(() => server.stop());

    it("and comes back with its append-only file", async () => {
      server = await startRedis(["--appendfsync", "always"]);
      const killStore = async () => {
        await server.kill();
        server = await startRedis(["--appendfsync", "always"], server);
      };
      const fresh = { url: `${server.url}/0?prefix=chaos`, drop: async () => {} };
      await openPlaceFor("redis", async (place) => expectUnbroken(await run(place, { killStore })), fresh);
    });
  });
});
