/** The limiter beside a provider that enforces its limits, fails, dawdles and breaks off: nearly all is used, never too much. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { embedBatch } from "../../src/indexer/embed-batch.ts";
import { type EmbeddingDeps, isComplete, planEmbeddings } from "../../src/indexer/embed-plan.ts";
import { openVoyage } from "../../src/indexer/embedders/voyage.ts";
import type { PassageSource } from "../../src/indexer/passage-source.ts";
import type { IndexStore } from "../../src/indexer/store.ts";
import { openSqliteLedger } from "../../src/indexer/stores/vectors/open-ledger.ts";
import { startFakeProvider, type Trouble, tokensOf } from "../fixtures/fake-provider.ts";

const limits = { requestsPerMinute: 400, tokensPerMinute: 120_000 };
/** There is more to buy than these allow, and what they allowed is counted. */
const minutes = 2;
const runsAtOnce = 8;
const troubles: Trouble[] = ["429", "slow", "500", "cut", "half", "reset", "slow", "503"];

it("uses 97 % of what is allowed, and no request is over the limits", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cambium-limiter-"));
  // One trouble in ten requests.
  const planned = troubles.flatMap((trouble) => [...Array<undefined>(9), trouble]);
  const fake = await startFakeProvider({ ...limits, latencyMs: 150, troubles: planned, retryAfter: "1" });
  const line = (at: number) => `const value${at} = compute(${"argument, ".repeat(20)}${at});`;
  const count = Math.ceil(((minutes + 1) * limits.tokensPerMinute) / (tokensOf(line(1000)) + 0.5));
  const lines = Array.from({ length: count }, (_, at) => line(at));
  const text = lines.join("\n");
  const blob = { hash: "ab".repeat(32), language: "text", extractor: 1 };
  let at = 0;
  const chunks = lines.map((one, index) => {
    const startByte = at;
    at += Buffer.byteLength(one) + 1;
    return { startLine: index + 1, endLine: index + 1, startByte, endByte: at - 1, definitions: [] };
  });
  const source: PassageSource = {
    blobs: () => [{ blob, path: "a.txt", chunks: chunks.length }],
    passages: () => ({ text: Buffer.from(text), chunks }),
    matches: () => [],
  };
  const store = { text: () => text } as unknown as IndexStore;
  // The next minute's tokens are let through when this is over, and no earlier.
  const signal = AbortSignal.timeout(minutes * 60_000 + 2000);
  const context = { signal, report: () => {} };
  const embedder = openVoyage({
    ...{ url: fake.url, key: "k", model: "", dimensions: 64, price: undefined },
    ...limits,
  });
  // Two connections, as two workers have.
  const ledgers = [0, 1].map(() => openSqliteLedger(join(folder, "embeddings.db")));
  const deps = ledgers.map(
    (ledger): EmbeddingDeps => ({ embedder, ledger, source, budgetTokens: Number.POSITIVE_INFINITY }),
  );
  try {
    const [first] = deps as [EmbeddingDeps];
    let standing = await planEmbeddings(first, "r", context);
    for (; !isComplete(standing) && !signal.aborted; standing = await planEmbeddings(first, "r", context)) {
      const queue = [...standing.batches];
      const run = async (_: unknown, worker: number) => {
        const own = deps[worker % deps.length] as EmbeddingDeps;
        for (let batch = queue.shift(); batch !== undefined; batch = queue.shift())
          await embedBatch(own, store, batch, `job ${batch}`, context, () => ({ done: 0, total: 1 }));
      };
      await Promise.allSettled(Array.from({ length: runsAtOnce }, run));
    }
    const began = fake.requests[0]?.at ?? 0;
    const within = fake.requests.filter((one) => one.status === 200 && one.at < began + minutes * 60_000);
    const tokens = within.reduce((sum, one) => sum + one.tokens, 0);
    const share = tokens / (minutes * limits.tokensPerMinute);
    const refused = fake.requests.filter(({ status }) => status === 429).length;
    const report = { tokens, share, refused, peak: fake.peak(), requests: fake.requests.length };
    process.stderr.write(`${JSON.stringify(report)}\n`);
    expect(fake.troubles).toEqual([]);
    // Only the one that the server was told to refuse.
    expect(refused).toBe(troubles.filter((one) => one === "429").length);
    expect(fake.peak().tokens).toBeLessThanOrEqual(limits.tokensPerMinute);
    expect(fake.peak().requests).toBeLessThanOrEqual(limits.requestsPerMinute);
    expect(share).toBeGreaterThan(0.97);
  } finally {
    for (const ledger of ledgers) ledger.close();
    await fake.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
