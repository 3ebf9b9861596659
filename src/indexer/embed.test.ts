/** From chunks to vectors with a real ledger and a real server: what every answer of a provider leads to. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeOptions, type FakeProvider, startFakeProvider } from "../../test/fixtures/fake-provider.ts";
import { embedBatch } from "./embed-batch.ts";
import {
  batchSizeFor,
  type EmbeddingDeps,
  isComplete,
  planEmbeddings,
  previewEmbeddings,
} from "./embed-plan.ts";
import { openOpenAi } from "./embedders/openai.ts";
import { postEmbeddings, readRetryAfter } from "./embedders/provider-http.ts";
import type { ProviderSettings } from "./embedders/provider-settings.ts";
import { openVoyage } from "./embedders/voyage.ts";
import type { SendOrder } from "./embedding-ledger.ts";
import type { PassageSource } from "./passage-source.ts";
import type { IndexStore } from "./store.ts";
import { openSqliteLedger } from "./stores/vectors/open-ledger.ts";

const blobHash = "ab".repeat(32);
const blob = { hash: blobHash, language: "text", extractor: 1 };
let folder: string;
let fake: FakeProvider | undefined;
/** Milliseconds that the ledger's clock is ahead. */
let ahead = 0;
/** Where a test counts the time itself. */
let stopped: number | undefined;
let ledger: ReturnType<typeof openSqliteLedger>;
let texts: string[];

/** One file whose chunks are its lines. */
const text = () => texts.join("\n");
const source = (): PassageSource => ({
  blobs: () => [{ blob, path: "a.txt", chunks: texts.length }],
  passages: () => {
    let at = 0;
    const chunks = texts.map((line, index) => {
      const startByte = at;
      at += Buffer.byteLength(line) + 1;
      return { startLine: index + 1, endLine: index + 1, startByte, endByte: at - 1, definitions: [] };
    });
    return { text: Buffer.from(text()), chunks };
  },
  matches: () => [],
});
const store = { text: () => text() } as unknown as IndexStore;
const settings = (more: Partial<ProviderSettings>): ProviderSettings => ({
  ...{ url: fake?.url ?? "", key: "k", model: "", dimensions: 64 },
  ...{ requestsPerMinute: 0, tokensPerMinute: 0, price: undefined },
  ...more,
});

async function begin(
  options: FakeOptions = {},
  more: Partial<ProviderSettings> = {},
): Promise<EmbeddingDeps> {
  fake = await startFakeProvider({ key: "k", retryAfter: "0", ...options });
  return {
    embedder: openVoyage(settings(more)),
    ledger,
    source: source(),
    budgetTokens: Number.POSITIVE_INFINITY,
  };
}
const context = { signal: new AbortController().signal, report: () => {} };

/** Plans and buys all of it, as the jobs do. */
async function buyAll(deps: EmbeddingDeps) {
  const { batches } = await planEmbeddings(deps, "r", context);
  for (const batch of batches)
    await embedBatch(deps, store, batch, "job", context, () => ({ done: 0, total: 1 }));
  return ledger.standing(deps.embedder.model, [blob]);
}
const timesBilled = () => [...(fake?.billed.values() ?? [])];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cambium-ledger-"));
  ahead = 0;
  stopped = undefined;
  ledger = openSqliteLedger(join(folder, "embeddings.db"), () => (stopped ?? Date.now()) + ahead);
  texts = Array.from({ length: 20 }, (_, line) => `line number ${line} of the text ${"x".repeat(line)}`);
});
afterEach(async () => {
  ledger.close();
  await fake?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("answers of a provider", () => {
  it.each(["429", "503", "shuffle"] as const)("%s: everything is bought once", async (trouble) => {
    const standing = await buyAll(await begin({ troubles: [trouble] }));
    expect(standing).toMatchObject({ chunks: 20, embedded: 20, batches: [] });
    expect(timesBilled()).toEqual(texts.map(() => 1));
  });

  it("half a batch: the other half is bought, the first not again", async () => {
    const standing = await buyAll(await begin({ troubles: ["half"] }));
    expect(isComplete(standing)).toBe(true);
    expect(timesBilled().filter((times) => times > 1)).toHaveLength(10);
    expect(ledger.costs()).toMatchObject([{ requests: 2, vectors: 20 }]);
  });

  it("a cut answer counts as lost and is asked for again", async () => {
    expect(isComplete(await buyAll(await begin({ troubles: ["cut"] })))).toBe(true);
    expect(ledger.costs()).toMatchObject([{ vectors: 20, lostRequests: 1, requests: 1 }]);
  });

  it.each([
    ["html", 1],
    ["reset", 1],
    ["500", 0],
  ] as const)("%s: is asked again; what may be billed counts as lost", async (trouble, lostRequests) => {
    expect(isComplete(await buyAll(await begin({ troubles: [trouble] })))).toBe(true);
    expect(ledger.costs()).toMatchObject([{ vectors: 20, lostRequests, requests: 1 }]);
  });

  it("a proxy that hangs is given up after a while, counts as lost, and everything is bought", async () => {
    const deps = await begin({ troubles: ["hang"] });
    const hasty: EmbeddingDeps["embedder"] = {
      ...deps.embedder,
      embed: (input, _, signal) =>
        postEmbeddings({
          ...{ url: new URL(`${fake?.url}/embeddings`), key: "k", dimensions: 64, keyRemedy: "" },
          ...{
            body: { model: deps.embedder.model.name, input, output_dimension: 64 },
            timeoutMs: 300,
            signal,
          },
        }),
    };
    const { batches } = await planEmbeddings(deps, "r", context);
    for (const batch of batches)
      await embedBatch({ ...deps, embedder: hasty }, store, batch, "job", context, () => ({
        done: 0,
        total: 1,
      }));
    expect(isComplete(ledger.standing(deps.embedder.model, [blob]))).toBe(true);
    expect(ledger.costs()).toMatchObject([{ vectors: 20, lostRequests: 1, requests: 1, openRequests: 0 }]);
    expect(timesBilled()).toEqual(texts.map(() => 2));
  });

  it("NaN: the chunk is left out after three times, the others stay", async () => {
    texts = ["only one"];
    const standing = await buyAll(await begin({ troubles: ["nan", "nan", "nan"] }));
    expect(standing).toMatchObject({ embedded: 0, withheld: 1 });
  });

  it.each([
    ["401", "forbidden", /Check VOYAGE_API_KEY/],
    ["400", "invalid_argument", /CAMBIUM_EMBEDDINGS_MODEL/],
    ["redirect", "forbidden", /redirects to elsewhere\.example\.org/],
    ["wide", "invalid_argument", /65 dimensions instead of 64.*CAMBIUM_EMBEDDINGS_DIMENSIONS to 65/],
  ] as const)("%s: fails at once, with the remedy, and the batch stays", async (trouble, code, message) => {
    const deps = await begin({ troubles: [trouble] });
    await expect(buyAll(deps)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(isComplete(await buyAll(deps))).toBe(true);
  });

  it("an unknown model and a missing key are named", async () => {
    await expect(buyAll(await begin({}, { model: "voyage-code-x" }))).rejects.toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining("voyage-code-x"),
    });
    expect(() => openVoyage(settings({ key: "" }))).toThrow(/VOYAGE_API_KEY/);
    expect(() => openOpenAi(settings({ url: "", key: "" }))).toThrow(/OPENAI_API_KEY/);
  });

  it.each([
    ["is cut", ["short", "y".repeat(2000)], 320, { embedded: 2, withheld: 0 }],
    ["is left out where no cut is short enough", ["z".repeat(900)], 5, { embedded: 0, withheld: 1 }],
  ])("a chunk that is too long %s", async (_, lines, textTokensMax, expected) => {
    texts = lines;
    expect(await buyAll(await begin({ textTokensMax }))).toMatchObject(expected);
  });

  it("OpenAI's form: numbers instead of base64, no input type", async () => {
    const deps = await begin({ models: ["m"] });
    const openai = openOpenAi(settings({ model: "m" }));
    expect(isComplete(await buyAll({ ...deps, embedder: openai }))).toBe(true);
    expect(fake?.bodies[0]).toEqual({ model: "m", input: texts, dimensions: 64 });
  });

  it.each([
    ["text-embedding-3-small", 0.02],
    ["text-embedding-3-large", 0.13],
    ["text-embedding-ada-002", 0.1],
    // As much as the dearest, so that a budget is not overrun.
    ["text-embedding-next", 0.13],
  ])("OpenAI's price of %s is %d dollars", (model, price) => {
    expect(openOpenAi(settings({ url: "", model })).price).toBe(price);
    expect(openOpenAi(settings({ url: "http://127.0.0.1:1/v1", model })).price).toBe(0);
  });

  it("Retry-After in seconds and as a date; nonsense says nothing", () => {
    expect(readRetryAfter("2.5", 0)).toBe(2500);
    expect(readRetryAfter(new Date(5000).toUTCString(), 2000)).toBe(3000);
    expect([null, "-1", "soon", ""].map((value) => readRetryAfter(value, 9e12))).toEqual(
      Array(4).fill(undefined),
    );
  });
});

describe("the ledger", () => {
  const order = (more: Partial<SendOrder> = {}): SendOrder => ({
    ...{ model: { provider: "voyage", name: "m", dimensions: 64 }, account: "host", timeoutMs: 60_000 },
    ...{
      tokens: 100,
      requestsPerMinute: 3,
      tokensPerMinute: 250,
      requestsAtOnce: 9,
      budgetTokens: Number.POSITIVE_INFINITY,
    },
    ...more,
  });

  it("never lets more through in any minute, open requests included, and all of it over time", () => {
    stopped = Date.now();
    const sent: { at: number; tokens: number }[] = [];
    for (let tick = 0; tick < 4000; tick += 1) {
      ahead += 100;
      const tokens = 10 + ((tick * 37) % 60);
      const grant = ledger.claim(undefined, "q", order({ tokens, requestsPerMinute: 10 }));
      if (grant.kind !== "go") continue;
      ledger.settle(grant.send, [], tokens);
      sent.push({ at: ahead, tokens });
    }
    for (const { at } of sent) {
      const inside = sent.filter((one) => one.at <= at && one.at > at - 60_000);
      expect(inside.length).toBeLessThanOrEqual(10);
      expect(inside.reduce((sum, one) => sum + one.tokens, 0)).toBeLessThanOrEqual(250);
    }
    const all = sent.reduce((sum, one) => sum + one.tokens, 0);
    expect(all).toBeGreaterThan((400 / 60) * 250 * 0.9);
  });

  it("a request whose process died is counted as lost, by its own job at once and by others when it is over", async () => {
    const deps = await begin();
    const { batches } = await planEmbeddings(deps, "r", context);
    const [batch = 0] = batches;
    const wanted = order({ model: deps.embedder.model, tokensPerMinute: 1e9, requestsPerMinute: 1e9 });
    expect(ledger.claim(batch, "job a", wanted)).toMatchObject({ kind: "go", isAgain: false });
    expect(ledger.claim(batch, "job b", wanted)).toMatchObject({ kind: "wait" });
    const again = ledger.claim(batch, "job a", wanted);
    expect(again).toMatchObject({ kind: "go", isAgain: true });
    ahead += 70_000;
    expect(ledger.claim(batch, "job b", wanted)).toMatchObject({ kind: "go", isAgain: true });
    expect(ledger.costs()).toMatchObject([{ lostRequests: 2, lostTokens: 200, openRequests: 1 }]);
    // The answer of the one that was thought dead comes after all: it is kept, and not paid for once more.
    const chunks = ledger.batch(batch)?.chunks ?? [];
    const code = { signs: Buffer.alloc(8), rest: Buffer.alloc(16) };
    if (again.kind === "go")
      ledger.settle(
        again.send,
        chunks.map(({ vector }) => ({ vector, code })),
        90,
      );
    expect(isComplete(ledger.standing(deps.embedder.model, [blob]))).toBe(true);
    expect(ledger.claim(batch, "job b", wanted)).toEqual({ kind: "done" });
  });

  it("a request of a process that died keeps nobody else waiting, and counts as lost", () => {
    const path = join(folder, "embeddings.db");
    const dead = openSqliteLedger(path, Date.now, { own: "dead", isDead: () => false });
    const wanted = order({ requestsAtOnce: 1 });
    expect(dead.claim(undefined, "q", wanted).kind).toBe("go");
    dead.close();
    const alive = (isDead: (sender: string) => boolean) =>
      openSqliteLedger(path, Date.now, { own: "own", isDead });
    const unsure = alive(() => false);
    expect(unsure.claim(undefined, "q", wanted)).toMatchObject({
      kind: "wait",
      reason: "requests under way",
    });
    unsure.close();
    const sure = alive((sender) => sender === "dead");
    expect(sure.claim(undefined, "q", wanted).kind).toBe("go");
    // Its own is under way still.
    expect(sure.claim(undefined, "q", wanted).kind).toBe("wait");
    expect(sure.costs()).toMatchObject([{ lostRequests: 1, lostTokens: 100, openRequests: 1 }]);
    sure.close();
  });

  it("a clock that goes back lengthens no pause and opens no second window", () => {
    const first = ledger.claim(undefined, "q", order());
    if (first.kind !== "go") throw new Error(first.kind);
    ledger.postpone(first.send, { reason: "rate limit (x)", holdMs: 10_000, isDoubtful: false });
    ahead = -86_400_000;
    expect(ledger.claim(undefined, "q", order())).toMatchObject({
      kind: "wait",
      ms: 10_000,
      reason: expect.stringMatching(/^rate limit until .*\(x\)$/),
    });
    ahead += 10_001;
    const second = ledger.claim(undefined, "q", order());
    expect(second.kind).toBe("go");
    ahead -= 3_600_000;
    expect(ledger.claim(undefined, "q", order({ tokens: 200 }))).toMatchObject({ kind: "wait" });
  });

  it("stops before the budget is overrun, with what is open counted", async () => {
    const deps = { ...(await begin()), budgetTokens: 0 };
    await expect(buyAll(deps)).rejects.toMatchObject({ code: "exhausted" });
    expect(fake?.requests).toEqual([]);
    expect(ledger.claim(undefined, "q", order({ budgetTokens: 150 })).kind).toBe("go");
    expect(ledger.claim(undefined, "q", order({ budgetTokens: 150 }))).toEqual({
      kind: "over_budget",
      spent: 100,
    });
  });

  it("tables of numbers have more tokens than code, and do not overrun a budget either", async () => {
    texts = Array.from({ length: 20 }, (_, line) => `0x1f, 0x${10 + line}, `.repeat(20));
    const bytes = Buffer.byteLength(texts.join(""));
    // Nearly every byte is a token to most tokenizers.
    const deps = { ...(await begin()), budgetTokens: Math.floor(bytes * 0.7) };
    await expect(buyAll(deps)).rejects.toMatchObject({ code: "exhausted" });
    expect(fake?.requests).toEqual([]);
    expect(isComplete(await buyAll({ ...deps, budgetTokens: bytes }))).toBe(true);
  });

  it("a budget in money counts what each model cost at its own price", () => {
    const budget = { budgetDollars: 0.002, tokensPerMinute: 1e9, requestsPerMinute: 1e9 };
    const dear = order({ ...budget, tokens: 10_000, price: 0.15 });
    const cheap = order({ ...budget, tokens: 10_000, price: 0.02, model: { ...dear.model, name: "small" } });
    const first = ledger.claim(undefined, "q", dear);
    if (first.kind !== "go") throw new Error(first.kind);
    ledger.settle(first.send, [], 8000);
    // 0.0012 are spent.
    expect(ledger.claim(undefined, "q", dear)).toEqual({ kind: "over_budget", spent: 0.0012 });
    const second = ledger.claim(undefined, "q", cheap);
    if (second.kind !== "go") throw new Error(second.kind);
    ledger.postpone(second.send, { reason: "broke off", holdMs: 0, isDoubtful: true });
    expect(ledger.costs().map(({ dollars }) => dollars)).toEqual([0.0012, 0.0002]);
    for (const left of [3, 2, 1])
      expect([left, ledger.claim(undefined, "q", cheap).kind]).toEqual([left, "go"]);
    expect(ledger.claim(undefined, "q", cheap)).toEqual({ kind: "over_budget", spent: 0.002 });
  });

  it("another model is built beside the first one and takes over with its last vector", async () => {
    const deps = await begin({ models: ["voyage-code-3", "voyage-next"] });
    await buyAll(deps);
    await planEmbeddings(deps, "r", context);
    const next = { ...deps, embedder: openVoyage(settings({ model: "voyage-next" })) };
    const { batches } = await planEmbeddings(next, "r", context);
    expect(ledger.published("r")?.name).toBe("voyage-code-3");
    for (const batch of batches)
      await embedBatch(next, store, batch, "job", context, () => ({ done: 0, total: 1 }));
    await planEmbeddings(next, "r", context);
    expect(ledger.published("r")?.name).toBe("voyage-next");
  });

  it("a dry run counts what would be bought and stores nothing", async () => {
    const deps = await begin();
    texts[3] = `token = "ghp_${"a1".repeat(18)}"`;
    texts[4] = texts[5] ?? "";
    const preview = previewEmbeddings(deps, "r");
    expect(preview).toMatchObject({ files: 1, chunks: 20, known: 1, withheld: 1 });
    expect(preview.tokens).toBeGreaterThan(100);
    expect(ledger.costs()).toEqual([]);
    await buyAll(deps);
    expect(JSON.stringify(fake?.bodies)).not.toContain("ghp_");
  });

  it("fills batches for the limits of a free account and of a large one", () => {
    const limits = { texts: 1000, tokens: 120_000, textTokens: 32_000, requestsAtOnce: 8 };
    const tokens = (requestsPerMinute: number, tokensPerMinute: number) =>
      batchSizeFor({ ...limits, requestsPerMinute, tokensPerMinute }, 1).bytes;
    expect(tokens(3, 10_000)).toBe(3000);
    expect(tokens(2000, 3_000_000)).toBe(50_000);
  });
});
