/** Search by meaning through the command line, against a provider that is a real server with limits and failures. */
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type FakeOptions, type FakeProvider, startFakeProvider } from "../fixtures/fake-provider.ts";
import { openPlace, type Place, until } from "./cambium.ts";

let place: Place;
let fake: FakeProvider;
const key = "pa-test-key";

async function begin(options: FakeOptions = {}, settings: NodeJS.ProcessEnv = {}): Promise<string> {
  fake = await startFakeProvider({ key, ...options });
  place = openPlace({
    ...{ CAMBIUM_EMBEDDINGS: "voyage", CAMBIUM_EMBEDDINGS_URL: fake.url, VOYAGE_API_KEY: key },
    ...{ CAMBIUM_EMBEDDINGS_DIMENSIONS: "256", CAMBIUM_WORKER_IDLE_MS: "60000", CAMBIUM_CONCURRENCY: "1" },
    ...settings,
  });
  for (const name of ["billing", "parser", "storage", "network"])
    place.write(
      `shop/src/${name}.ts`,
      `/** The ${name} of the shop. */\nexport function ${name}Total(): number {\n  return 1;\n}\n`,
    );
  place.write("shop/src/deploy.ts", `export const login = "AKIA${"ABCDEFGHIJKLMNOP"}";\n`);
  return join(place.scratch, "shop");
}

const embedTask = () =>
  until("the embedding task ends", async () => {
    const { tasks } = (await place.json(["tasks"])) as { tasks: Record<string, unknown>[] };
    return tasks.find(
      (task) => task["kind"] === "embed_repository" && ["SUCCESS", "FAILURE"].includes(String(task["state"])),
    );
  });
const embed = async () => place.run(["embed", "shop", "--wait", "--json"]);

afterEach(async () => {
  place.dispose();
  await fake.close();
});

describe("embeddings", () => {
  it("follow an index task, answer a question in other words, and are never bought twice", async () => {
    const root = await begin();
    await place.json(["index", root, "--wait"]);
    expect(await embedTask()).toMatchObject({ state: "SUCCESS" });
    const texts = fake.billed.size;
    expect(texts).toBe(4);
    // What looks like a key stays here.
    expect(JSON.stringify(fake.bodies)).not.toContain("AKIA");
    expect(fake.bodies[0]).toMatchObject({ input_type: "document", output_dimension: 256 });
    const answer = await place.json([
      "search",
      "the shop storage",
      "--mode",
      "semantic",
      "--repo",
      "shop",
      "--explain",
    ]);
    expect(answer["hits"]).toMatchObject([
      { path: "src/storage.ts", explain: [{ rule: "meaning" }] },
      {},
      {},
      {},
    ]);
    // A copy of the file and a second run cost nothing.
    place.write(
      "shop/src/copy.ts",
      "/** The billing of the shop. */\nexport function billingTotal(): number {\n  return 1;\n}\n",
    );
    await place.json(["index", root, "--wait"]);
    expect(JSON.parse((await embed()).stdout)).toMatchObject({
      state: "SUCCESS",
      chunks: 5,
      embedded: 4,
      withheld: 1,
    });
    expect([...fake.billed.values()].reduce((a, b) => a + b, 0)).toBe(texts + 1);
    const cost = (await place.json(["cost"])) as { models: Record<string, unknown>[] };
    expect(cost.models).toMatchObject([
      { model: "voyage/voyage-code-3", vectors: 4, withheld: 1, lost_requests: 0 },
    ]);
    const preview = await place.json(["embed", "shop", "--dry-run"]);
    expect(preview).toMatchObject({ files: 5, chunks: 5, known: 5, tokens: 0, price_usd: 0 });
  });

  it("wait for a rate limit and an outage, and say so; a wrong key fails at once with the remedy", async () => {
    const root = await begin({ troubles: ["429", "503", "half"], retryAfter: "2" });
    await place.json(["index", root, "--wait"]);
    const waiting = await until("the task waits", async () => {
      const { tasks } = (await place.json(["tasks"])) as {
        tasks: { progress: { waiting_for: string } | null }[];
      };
      return tasks.map(({ progress }) => progress?.waiting_for).find(Boolean);
    });
    expect(waiting).toMatch(/^rate limit until 20\d\d-/);
    expect(await embedTask()).toMatchObject({ state: "SUCCESS" });
    expect(JSON.parse((await embed()).stdout)).toMatchObject({ embedded: 4, withheld: 1 });
    fake.troubles.push("401");
    place.write("shop/src/more.ts", "export const more = 1;\n");
    await place.json(["index", root, "--wait"]);
    const failed = await until("the task fails", async () => {
      const { tasks } = (await place.json(["tasks"])) as { tasks: Record<string, unknown>[] };
      return tasks.find(({ state }) => state === "FAILURE");
    });
    expect(failed["error"]).toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("Check VOYAGE_API_KEY"),
    });
    // Nothing is lost: the next run buys what is missing.
    expect(JSON.parse((await embed()).stdout)).toMatchObject({ state: "SUCCESS", embedded: 5 });
  });

  it("stop at the budget without overrunning it, and search goes on with words", async () => {
    const root = await begin({}, { CAMBIUM_EMBEDDINGS_BUDGET: "0" });
    await place.json(["index", root, "--wait"]);
    const waiting = await until("the task is paused", async () => {
      const { tasks } = (await place.json(["tasks"])) as {
        tasks: { progress: { waiting_for: string } | null }[];
      };
      return tasks.map(({ progress }) => progress?.waiting_for).find(Boolean);
    });
    expect(waiting).toContain("CAMBIUM_EMBEDDINGS_BUDGET");
    expect(fake.requests).toEqual([]);
    const { stdout } = await place.run(["search", "storage total", "--repo", "shop", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      hits: [{ path: "src/storage.ts" }, {}, {}, {}],
      note: expect.stringContaining("budget"),
    });
  });
});
