/** Questions to a provider that is a real server: what each of its answers, or its silence, makes of a search. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type FakeOptions, type FakeProvider, startFakeProvider } from "../../test/fixtures/fake-provider.ts";
import { indexFolder } from "../../test/fixtures/index-folder.ts";
import { embedBatch } from "./embed-batch.ts";
import { planEmbeddings } from "./embed-plan.ts";
import { openVoyage, openVoyageReranker } from "./embedders/voyage.ts";
import { askCode, type Meaning } from "./meaning.ts";
import type { SearchRequest } from "./search.ts";
import { openSqliteIndex } from "./stores/sqlite/open-index.ts";
import { openSqliteLedger } from "./stores/vectors/open-ledger.ts";

const names = ["bakery", "garage", "harbour"];
let folder: string;
let fake: FakeProvider;
let ledger: ReturnType<typeof openSqliteLedger>;
let store: Awaited<ReturnType<typeof openSqliteIndex>>;
let turn = 0;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cambium-meaning-"));
  ledger = openSqliteLedger(join(folder, "embeddings.db"));
  store = await openSqliteIndex(join(folder, "index"));
});
afterEach(async () => {
  ledger.close();
  store.close();
  await fake.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Some repositories, indexed and with all of their vectors. */
async function begin(options: FakeOptions = {}, more: Partial<Meaning> = {}): Promise<Meaning> {
  fake = await startFakeProvider({ key: "k", dimensions: 64, ...options });
  const settings = {
    ...{ url: fake.url, key: "k", model: "", dimensions: 64, price: undefined },
    ...{ requestsPerMinute: 0, tokensPerMinute: 0 },
  };
  const embedder = openVoyage(settings);
  const meaning: Meaning = {
    ...{ embedder, ledger, vectors: ledger, source: store, reranker: undefined },
    ...{ budgetTokens: Number.POSITIVE_INFINITY, embedderFor: () => embedder },
    ...more,
  };
  const context = { signal: new AbortController().signal, report: () => {} };
  for (const name of names) {
    const root = join(folder, name);
    mkdirSync(root);
    writeFileSync(join(root, "plan.ts"), `/** The ${name} opens at dawn. */\nexport const ${name} = 1;\n`);
    const repository = (await indexFolder(store, root))?.repository ?? "";
    const { batches } = await planEmbeddings(meaning, repository, context);
    for (const batch of batches)
      await embedBatch(meaning, store, batch, "job", context, () => ({ done: 0, total: 1 }));
    await planEmbeddings(meaning, repository, context);
  }
  return meaning;
}

/** Another question each time, as the last ones are remembered. */
async function ask(meaning: Meaning, request: Partial<SearchRequest> = {}) {
  const before = fake.bodies.length;
  const began = performance.now();
  turn += 1;
  const query = request.query ?? `which one opens at dawn ${"really ".repeat(turn)}`;
  const answer = await askCode(store, async () => meaning, { ...request, query, mode: "hybrid" });
  return { answer, ms: performance.now() - began, sent: fake.bodies.slice(before) };
}

it("asks the provider once, however many repositories are searched", async () => {
  const { answer, sent } = await ask(await begin());
  expect(answer.note).toBeUndefined();
  expect(answer.hits).toHaveLength(3);
  expect(sent).toMatchObject([{ input_type: "query" }]);
});

it("a provider that hangs is waited for once in a search, and not at all by those right after it", async () => {
  const meaning = await begin();
  fake.troubles.push("hang", "hang", "hang");
  const first = await ask(meaning);
  expect(first.answer.note).toMatch(/^Answered without meaning: the provider did not answer within 4 s/);
  expect(first.answer.hits).toHaveLength(3);
  expect(first.ms).toBeLessThan(4000 + 3500);
  expect(first.sent).toHaveLength(1);
  const second = await ask(meaning);
  expect(second.answer.note).toMatch(/did not answer within 4 s; it is asked again/);
  expect(second.sent).toEqual([]);
  expect(ledger.costs()).toMatchObject([{ lostRequests: 1, openRequests: 0 }]);
}, 20_000);

it("waits with the next question as long as the provider asks, without asking", async () => {
  const meaning = await begin();
  fake.troubles.push("429");
  expect((await ask(meaning)).answer.note).toMatch(/^Answered without meaning: rate limit/);
  const { answer, sent } = await ask(meaning);
  expect(answer.note).toMatch(/^Answered without meaning: rate limit until 20\d\d-/);
  expect(sent).toEqual([]);
});

it("an answer that broke off counts as lost, as it may be billed", async () => {
  const meaning = await begin();
  fake.troubles.push("cut");
  expect((await ask(meaning)).answer.note).toMatch(/broke off/);
  expect(ledger.costs()).toMatchObject([{ lostRequests: 1, openRequests: 0 }]);
});

it("a question that holds a secret is not sent, to nobody", async () => {
  const meaning = await begin();
  const reranker = openVoyageReranker({
    ...{ url: fake.url, key: "k", model: "rerank-2.5", dimensions: 0 },
    ...{ requestsPerMinute: 0, tokensPerMinute: 0, price: undefined },
  });
  const query = `who opens at dawn with ghp_${"a1".repeat(18)}`;
  const { answer, sent } = await ask({ ...meaning, reranker }, { query });
  expect(answer.note).toMatch(/the question holds a GitHub token, which is never sent/);
  expect(answer.note).not.toContain("ghp_");
  expect(answer.hits).toHaveLength(3);
  expect(sent).toEqual([]);
});

it("is answered while everything that may be under way at once is bought", async () => {
  const meaning = await begin();
  const { embedder } = meaning;
  const { model, account, timeoutMs, limits } = embedder;
  writeFileSync(join(folder, "bakery", "more.ts"), "export const more = 1;\n");
  await indexFolder(store, join(folder, "bakery"));
  const context = { signal: new AbortController().signal, report: () => {} };
  const { batches } = await planEmbeddings(meaning, "bakery", context);
  const order = { model, account, timeoutMs, ...limits, tokens: 10, budgetTokens: meaning.budgetTokens };
  expect(ledger.claim(batches[0], "job", { ...order, requestsAtOnce: 1 }).kind).toBe("go");
  const narrow = { ...embedder, limits: { ...limits, requestsAtOnce: 1 } };
  const { answer } = await ask({ ...meaning, embedder: narrow, embedderFor: () => narrow });
  expect(answer.note).toBeUndefined();
});
