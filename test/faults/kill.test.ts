/** Nothing is lost: `kill -9` of the worker, its children and the MCP server at random moments. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kill, openPlace, type Place, until } from "../e2e/cambium.ts";
import { connect, type Door } from "../e2e/door.ts";
import { dumpIndex, readLedger } from "../e2e/dump-index.ts";
import { seeded, seedOfRun } from "../fixtures/seeded.mjs";
import { copyPackages } from "./corpus.ts";

const killsWanted = 50;
const victims = ["main.js worker", "main.js child", "main.js mcp"] as const;

describe("kill -9", () => {
  let calm: Place;
  let wild: Place;
  let corpus: string;

  beforeAll(async () => {
    calm = openPlace();
    wild = openPlace();
    corpus = copyPackages(join(calm.scratch, "packages"));
    await calm.json(["index", corpus, "--wait"]);
  });
  afterAll(() => {
    calm.dispose();
    wild.dispose();
  });

  it(`${killsWanted} times at random moments: the task ends SUCCESS and every row is as without interruption`, async () => {
    const seed = seedOfRun();
    process.stderr.write(`kill test seed ${seed}\n`);
    const random = seeded(seed);
    const kills = new Map<string, number>(victims.map((name) => [name, 0]));
    const killed = () => [...kills.values()].reduce((sum, count) => sum + count, 0);
    const expected = dumpIndex(calm.home);
    const ledger = readLedger(calm.home);
    expect(expected.length).toBeGreaterThan(10_000);

    while (killed() < killsWanted) {
      let door: Door = await connect(wild, corpus);
      const { task_id } = await door.call("index_repository", { path: corpus });
      let state = "PENDING";
      while (state !== "SUCCESS") {
        const pause = 50 + random() * 700;
        await new Promise((wake) => setTimeout(wake, pause));
        const words = victims[Math.floor(random() * victims.length)] ?? victims[0];
        const alive = wild.processes(words);
        const pid = alive[Math.floor(random() * alive.length)];
        if (pid !== undefined && killed() < killsWanted) {
          kill(pid);
          kills.set(words, (kills.get(words) ?? 0) + 1);
        }
        if (words.endsWith("mcp")) {
          await door.close();
          door = await connect(wild, corpus);
        }
        const task = await door.call("get_task_status", { task_id });
        state = String(task["state"]);
        expect(["PENDING", "STARTED", "PROGRESS", "RETRY", "SUCCESS"], JSON.stringify(task)).toContain(state);
      }
      // A look at what changed may be under way, whose child was killed too.
      const isEqual = () => JSON.stringify(dumpIndex(wild.home)) === JSON.stringify(expected);
      await until("every row is as without interruption", isEqual).catch(() => {});
      expect(readLedger(wild.home)).toEqual(ledger);
      expect(dumpIndex(wild.home)).toEqual(expected);
      if (killed() < killsWanted) await door.call("remove_repository", { repository: corpus });
      await door.close();
    }
    process.stderr.write(`kills: ${JSON.stringify([...kills])}\n`);
    for (const count of kills.values()) expect(count).toBeGreaterThan(0);
  });
});
