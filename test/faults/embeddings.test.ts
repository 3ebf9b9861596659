/** Nothing is bought twice or goes missing: `kill -9` of the worker and of the process that buys, at random moments. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { kill, openPlace, type Place, until } from "../e2e/cambium.ts";
import { type FakeProvider, startFakeProvider, tokensOf } from "../fixtures/fake-provider.ts";
import { seeded, seedOfRun } from "../fixtures/seeded.mjs";
import { copyPackages } from "./corpus.ts";

const small = ["zod", "hono"];
const more = [
  "bullmq",
  "openai",
  "voyageai",
  "vite",
  "ajv",
  "luxon",
  "@modelcontextprotocol",
  "@types",
  "@vitest",
];
/** Short here; whole with `npm run chaos`: 100 kills while more than 20,000 passages are bought. */
const plan =
  process.env["CAMBIUM_CHAOS"] === "whole"
    ? { kills: 100, packages: [...small, ...more], least: 20_000 }
    : { kills: 12, packages: small, least: 4000 };
const seed = seedOfRun();
/** Of the server that is bought from: `openai.ts` sends no more at once to one that is not OpenAI's own. */
const textsAtOnce = 64;
const requestsAtOnce = 2;
const latencyMs = 400;
let place: Place;
let fake: FakeProvider;

beforeAll(async () => {
  fake = await startFakeProvider({ models: ["m"], latencyMs, dimensions: 64 });
  place = openPlace({
    ...{ CAMBIUM_EMBEDDINGS: "openai", CAMBIUM_EMBEDDINGS_URL: fake.url, CAMBIUM_EMBEDDINGS_MODEL: "m" },
    ...{ CAMBIUM_EMBEDDINGS_DIMENSIONS: "64", CAMBIUM_CONCURRENCY: "2" },
  });
});
afterAll(async () => {
  place.dispose();
  await fake.close();
});

it(`${plan.kills} kills while it buys, seed ${seed}: every vector is there, and what was paid twice is known`, async () => {
  const random = seeded(seed);
  const corpus = copyPackages(join(place.scratch, "packages"), plan.packages);
  await place.json(["index", corpus, "--wait"]);
  const { task_id } = await place.json(["embed", corpus]);
  let kills = 0;
  let task: Record<string, unknown> = {};
  while (task["state"] !== "SUCCESS") {
    // Looking at one unfinished task also starts a worker where none is left.
    task = await place.json(["task", String(task_id)]);
    expect(task["state"], JSON.stringify(task)).not.toBe("FAILURE");
    // A few requests later, at any moment of the one that is under way.
    const seen = fake.requests.length + 1 + Math.floor(random() * 3);
    await until("more requests, or a look at the task", () => fake.requests.length >= seen, 3000).catch(
      () => {},
    );
    if (fake.requests.length < seen) continue;
    await new Promise((wake) => setTimeout(wake, random() * latencyMs));
    const words = kills % 4 === 3 ? "main.js worker" : "main.js child";
    const alive = place.processes(words);
    if (alive.length === 0 || kills >= plan.kills) continue;
    for (const pid of alive) kill(pid);
    kills += 1;
  }
  expect(kills).toBeGreaterThanOrEqual(plan.kills / 2);
  const done = await place.json(["embed", corpus, "--wait"]);
  expect(done).toMatchObject({ state: "SUCCESS" });
  expect(Number(done["embedded"]) + Number(done["withheld"])).toBe(done["chunks"]);
  const { models } = (await place.json(["cost"])) as { models: Record<string, number>[] };
  const [cost] = models;
  const answered = fake.requests.filter(({ status }) => status === 200);
  const again = [...fake.billed.values()].reduce((sum, times) => sum + times - 1, 0);
  const report = { seed, kills, ...cost, answered: answered.length, again };
  process.stderr.write(`${JSON.stringify(report)}\n`);
  const { vectors = 0, requests = 0, lost_requests: lost = 0, lost_tokens: lostTokens = 0 } = cost ?? {};
  expect(vectors).toBeGreaterThanOrEqual(plan.least);
  expect(vectors).toBe(fake.billed.size);
  // What the provider billed is what the ledger has as settled or lost, and only lost requests were paid again.
  expect(answered.length).toBeLessThanOrEqual(requests + lost);
  expect(again).toBeLessThanOrEqual(lost * textsAtOnce);
  expect(tokensPaidAgain(fake)).toBeLessThanOrEqual(lostTokens);
  // And no more were lost than were in flight when something was killed.
  expect(lost).toBeLessThanOrEqual(kills * requestsAtOnce);
  expect(cost?.["open_requests"] ?? 0).toBe(0);
});

function tokensPaidAgain({ billed }: FakeProvider): number {
  let tokens = 0;
  for (const [text, times] of billed) tokens += (times - 1) * tokensOf(text);
  return tokens;
}
