/** The reranker against a real server and a real ledger: what each answer does to the order, and what it costs. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  type FakeOptions,
  type FakeProvider,
  relevanceOf,
  startFakeProvider,
} from "../../test/fixtures/fake-provider.ts";
import { openVoyageReranker } from "./embedders/voyage.ts";
import { rerankHits } from "./rerank.ts";
import { type Hit, placeOf } from "./search.ts";
import { openSqliteLedger } from "./stores/vectors/open-ledger.ts";

let folder: string;
let fake: FakeProvider;
let ledger: ReturnType<typeof openSqliteLedger>;
let turn = 0;

const hitOf = (snippet: string, at: number): Hit => ({
  ...{ repository: "r", path: `${at}.ts`, startLine: 1, endLine: 2, kind: "text", name: "", signature: "" },
  ...{ snippet, explain: [], copies: [] },
});
const snippets = ["nothing of it", "where a lease is renewed", "a lease"];

/** Another question each time, as the last ones are remembered. */
async function ask(
  options: FakeOptions = {},
  more: { texts?: string[]; key?: string; budget?: number } = {},
) {
  fake = await startFakeProvider({ key: "k", ...options });
  const reranker = openVoyageReranker({
    ...{ url: fake.url, key: more.key ?? "k", model: "rerank-2.5", dimensions: 0 },
    ...{ requestsPerMinute: 0, tokensPerMinute: 0, price: undefined },
  });
  const deps = { reranker, ledger, budgetTokens: more.budget ?? Number.POSITIVE_INFINITY };
  turn += 1;
  const query = `where is a lease renewed ${"again ".repeat(turn)}`;
  const hits = (more.texts ?? snippets).map(hitOf);
  return { query, again: () => rerankHits(deps, query, hits), scores: await rerankHits(deps, query, hits) };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cambium-rerank-"));
  ledger = openSqliteLedger(join(folder, "embeddings.db"));
});
afterEach(async () => {
  ledger.close();
  await fake.close();
  rmSync(folder, { recursive: true, force: true });
});

it("scores each passage by what the provider says, counts it, and pays for a question once", async () => {
  const { query, scores, again } = await ask();
  expect(scores).toEqual(
    new Map(
      snippets.map((text, at) => [placeOf("r", `${at}.ts`, 1), relevanceOf(query, `${at}.ts\n${text}`)]),
    ),
  );
  expect(await again()).toBe(scores);
  expect(fake.requests).toHaveLength(1);
  const [request] = fake.requests;
  expect(ledger.costs()).toMatchObject([
    { model: { name: "rerank-2.5" }, requests: 1, queryTokens: request?.tokens, lostRequests: 0 },
  ]);
});

it("never sends a passage that holds a secret", async () => {
  const { scores } = await ask({}, { texts: [...snippets, `lease = "ghp_${"a1".repeat(18)}"`] });
  expect(scores).toHaveProperty("size", 3);
  expect(JSON.stringify(fake.bodies)).not.toContain("ghp_");
});

it.each([
  ["429", /^rate limit/],
  ["500", /answered 500/],
  ["401", /refused the key.*VOYAGE_API_KEY/],
  ["cut", /broke off/],
  ["hang", /did not answer within 3 s/],
] as const)("%s: says why, and nothing has a score", async (trouble, why) => {
  const { scores } = await ask({ troubles: [trouble] });
  expect(scores).toMatch(why);
  expect(ledger.costs()).toMatchObject([
    { requests: 0, openRequests: 0, lostRequests: ["cut", "hang"].includes(trouble) ? 1 : 0 },
  ]);
});

it("half an answer and NaN: what has no score has none", async () => {
  expect((await ask({ troubles: ["half"] })).scores).toHaveProperty("size", 2);
  await fake.close();
  expect((await ask({ troubles: ["nan"] })).scores).toEqual(new Map());
});

it("a spent budget, an unknown model and a missing key", async () => {
  expect((await ask({}, { budget: 0 })).scores).toBe("the embeddings budget is spent");
  expect(fake.requests).toEqual([]);
  await fake.close();
  expect((await ask({ rerankModels: ["rerank-3"] })).scores).toMatch(
    /CAMBIUM_RERANK_MODEL \("rerank-2\.5"\)/,
  );
  await fake.close();
  await expect(ask({}, { key: "" })).rejects.toThrow(/VOYAGE_API_KEY/);
});

it("waits with the next question as long as the provider asks, without asking", async () => {
  const { again } = await ask({ troubles: ["429"] });
  expect(await again()).toMatch(/^rate limit until /);
  expect(fake.requests).toHaveLength(1);
});
