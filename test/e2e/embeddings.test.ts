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
    // What was spent is told without a provider, too.
    const after = await place.run(["cost", "--json"], {
      env: { CAMBIUM_EMBEDDINGS: "none", VOYAGE_API_KEY: "" },
    });
    expect(JSON.parse(after.stdout)).toEqual(cost);
    const preview = await place.json(["embed", "shop", "--dry-run"]);
    expect(preview).toMatchObject({ files: 5, chunks: 5, known: 5, tokens: 0, price_usd: 0 });
  });

  it("of the repository's own text need no key and no network, cost nothing and answer in other words", async () => {
    const root = await begin({}, { CAMBIUM_EMBEDDINGS: "local", VOYAGE_API_KEY: "" });
    for (let at = 0; at < 12; at += 1) {
      place.write(`shop/src/a${at}.ts`, `export const invoice${at} = () => settle(ledger, charge, ${at});\n`);
      place.write(`shop/src/b${at}.ts`, `export const purse${at} = () => pay(ledger, settle, ${at});\n`);
    }
    const note = "Answered without meaning: shop has no vectors yet; run `cambium embed`";
    // Else vectors would be made at once.
    await place.run(["index", root, "--wait"], { env: { CAMBIUM_EMBEDDINGS: "none" } });
    const search = (mode: string) =>
      place.json(["search", "what can charge things", "--repo", "shop", "--mode", mode, "--limit", "40"]);
    expect(await search("hybrid")).toMatchObject({ note });
    const before = await place.json(["embed", "shop", "--dry-run"]);
    expect(before).toMatchObject({ chunks: 29, known: 0, tokens: 0, price_usd: 0, url: "this machine" });
    await place.json(["control", "shutdown", "--timeout", "30"]);
    expect(JSON.parse((await embed()).stdout)).toMatchObject({ state: "SUCCESS", chunks: 29, withheld: 0 });
    const paths = ({ hits }: Record<string, unknown>) => (hits as { path: string }[]).map(({ path }) => path);
    expect(paths(await search("lexical")).some((path) => path.startsWith("src/b"))).toBe(false);
    const answer = await search("hybrid");
    expect(answer["note"]).toBeUndefined();
    expect(paths(answer).some((path) => /^src\/b\d/.test(path))).toBe(true);
    const { stdout } = await place.run(["embed", "shop", "--dry-run"]);
    expect(stdout).toContain("nothing is sent");
    expect((await place.run(["cost"])).stdout).toMatch(
      /^local\/own-text-\w{8} \(128\): 29 vectors made on this machine, free/,
    );
    expect(fake.requests).toEqual([]);
  });

  it("wait for a rate limit and an outage, and say so; a wrong key fails at once with the remedy", async () => {
    const root = await begin({ troubles: ["429", "503", "half"], retryAfter: "10" });
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

  it("a reranker puts the first hits in order; where it does not answer the order stays, and the answer says so", async () => {
    const root = await begin({}, { CAMBIUM_RERANK_MODEL: "rerank-2.5" });
    await place.json(["index", root, "--wait"]);
    expect(await embedTask()).toMatchObject({ state: "SUCCESS" });
    const search = (query: string) => place.json(["search", query, "--repo", "shop", "--explain"]);
    const answer = await search("storage of the shop");
    const [first] = answer["hits"] as { path: string; explain: { rule: string }[] }[];
    expect(first?.path).toBe("src/storage.ts");
    expect(first?.explain[0]).toEqual({ rule: "rerank", value: 1 });
    expect(answer["note"]).toBeUndefined();
    const asked = fake.bodies.find((body) => body["query"] !== undefined);
    expect(asked).toMatchObject({ model: "rerank-2.5", query: "storage of the shop" });
    expect(JSON.stringify(asked?.["documents"])).not.toContain("AKIA");
    fake.troubles.push(undefined, "500");
    const without = await search("the parser of the shop");
    expect(without["note"]).toMatch(/^Not reranked: .* answered 500/);
    expect(without["hits"]).toMatchObject([{ path: "src/parser.ts" }, {}, {}, {}]);
    const { models } = (await place.json(["cost"])) as { models: Record<string, unknown>[] };
    expect(models).toMatchObject([
      {},
      { model: "voyage/rerank-2.5", requests: 1, query_tokens: expect.any(Number) },
    ]);
    expect(models[1]?.["query_tokens"]).toBeGreaterThan(20);
  });

  it("another model than the worker's is not bought by it: the task says what to do", async () => {
    const root = await begin({ models: ["voyage-code-3", "voyage-next"] });
    await place.json(["index", root, "--wait"]);
    expect(await embedTask()).toMatchObject({ state: "SUCCESS" });
    const env = { CAMBIUM_EMBEDDINGS_MODEL: "voyage-next" };
    const { stdout } = await place.run(["embed", "shop", "--json"], { env });
    const { task_id } = JSON.parse(stdout) as { task_id: string };
    const look = async () => JSON.parse((await place.run(["task", task_id, "--json"], { env })).stdout);
    const waiting = await until("the task waits for another worker", async () => {
      const { progress } = (await look()) as { progress: { waiting_for?: string } | null };
      return progress?.waiting_for;
    });
    expect(waiting).toMatch(/voyage-next \(256\).*voyage-code-3 \(256\).*cambium control shutdown/);
    expect(fake.bodies.some(({ model }) => model === "voyage-next")).toBe(false);
    await place.json(["control", "shutdown", "--timeout", "30"]);
    await until("a worker with the new settings buys", async () => (await look()).state === "SUCCESS");
    // Whether a worker is alive just then is not the question here.
    const { checks } = JSON.parse((await place.run(["doctor", "--json"])).stdout);
    const said = expect.stringContaining("voyage/voyage-code-3 (256)");
    expect(checks).toContainEqual(expect.objectContaining({ name: "keys", ok: true, detail: said }));
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
