/** Nothing is bought twice or goes missing: `kill -9` of the worker and of the process that buys, at random moments. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { kill, openPlace, type Place } from "../e2e/cambium.ts";
import { type FakeProvider, startFakeProvider } from "../fixtures/fake-provider.ts";
import { copyPackages } from "./corpus.ts";

/** The whole form: CAMBIUM_KILLS=100, with a corpus of 20,000 chunks (CAMBIUM_CORPUS=<folder>). */
const killsWanted = Number(process.env["CAMBIUM_KILLS"] ?? 12);
const textsAtOnce = 64;
let place: Place;
let fake: FakeProvider;

beforeAll(async () => {
  fake = await startFakeProvider({ models: ["m"], latencyMs: 400, dimensions: 64 });
  place = openPlace({
    ...{ CAMBIUM_EMBEDDINGS: "openai", CAMBIUM_EMBEDDINGS_URL: fake.url, CAMBIUM_EMBEDDINGS_MODEL: "m" },
    ...{ CAMBIUM_EMBEDDINGS_DIMENSIONS: "64", CAMBIUM_CONCURRENCY: "2" },
  });
});
afterAll(async () => {
  place.dispose();
  await fake.close();
});

it(`${killsWanted} kills while it buys: every vector is there, and what was paid twice is known`, async () => {
  const corpus =
    process.env["CAMBIUM_CORPUS"] ?? copyPackages(join(place.scratch, "packages"), ["zod", "hono"]);
  await place.json(["index", corpus, "--wait"]);
  const { task_id } = await place.json(["embed", corpus]);
  let kills = 0;
  let task: Record<string, unknown> = {};
  while (task["state"] !== "SUCCESS") {
    // Looking at one unfinished task also starts a worker where none is left.
    task = await place.json(["task", String(task_id)]);
    expect(task["state"], JSON.stringify(task)).not.toBe("FAILURE");
    await new Promise((wake) => setTimeout(wake, 300 + Math.random() * 1500));
    const words = kills % 4 === 3 ? "main.js worker" : "main.js child";
    const alive = place.processes(words);
    const pid = alive[Math.floor(Math.random() * alive.length)];
    if (pid === undefined || kills >= killsWanted) continue;
    kill(pid);
    kills += 1;
  }
  expect(kills).toBeGreaterThan(Math.min(killsWanted, 12) / 2);
  const done = await place.json(["embed", corpus, "--wait"]);
  expect(done).toMatchObject({ state: "SUCCESS" });
  expect(Number(done["embedded"]) + Number(done["withheld"])).toBe(done["chunks"]);
  const { models } = (await place.json(["cost"])) as { models: Record<string, number>[] };
  const [cost] = models;
  const answered = fake.requests.filter(({ status }) => status === 200).length;
  const again = [...fake.billed.values()].reduce((sum, times) => sum + times - 1, 0);
  process.stderr.write(`${JSON.stringify({ kills, ...cost, answered, again })}\n`);
  expect(cost?.["vectors"]).toBe(fake.billed.size);
  // What the provider billed is what the ledger has as settled or lost, and only lost requests were paid again.
  expect(answered).toBeLessThanOrEqual((cost?.["requests"] ?? 0) + (cost?.["lost_requests"] ?? 0));
  expect(again).toBeLessThanOrEqual((cost?.["lost_requests"] ?? 0) * textsAtOnce);
});
