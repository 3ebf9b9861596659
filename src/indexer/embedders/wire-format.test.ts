/** The providers' own SDKs talk to the server that our tests buy from: it speaks their wire format, as we do. */
import OpenAI from "openai";
import { afterEach, beforeEach, expect, it } from "vitest";
import { VoyageAIClient, VoyageAIError } from "voyageai";
import { type FakeProvider, startFakeProvider } from "../../../test/fixtures/fake-provider.ts";
import type { Embedder } from "../embedder.ts";
import { openOpenAi } from "./openai.ts";
import { openVoyage, openVoyageReranker } from "./voyage.ts";

const texts = ["how a batch is retried", "export const budget = 5;", "größer als 1 — ja"];
const key = "pa-test";
let fake: FakeProvider;

beforeEach(async () => {
  fake = await startFakeProvider({ key, models: ["voyage-code-3", "m"], dimensions: 256 });
});
afterEach(() => fake.close());

const settings = () => ({
  ...{ url: fake.url, key, model: "", dimensions: 256 },
  ...{ requestsPerMinute: 0, tokensPerMinute: 0, price: undefined },
});

async function ours(embedder: Embedder, purpose: "document" | "query") {
  const reply = await embedder.embed(texts, purpose, new AbortController().signal);
  if (reply.kind !== "vectors") throw new Error(reply.reason);
  return { vectors: reply.vectors.map((vector) => [...(vector ?? [])]), tokens: reply.tokens };
}

it.each(["document", "query"] as const)("voyageai's embed gives a %s the same vectors", async (inputType) => {
  const client = new VoyageAIClient({ apiKey: key, environment: fake.url, maxRetries: 0 });
  const { data, usage } = await client.embed({
    ...{ input: texts, model: "voyage-code-3", inputType, outputDimension: 256, truncation: true },
  });
  const { vectors, tokens } = await ours(openVoyage(settings()), inputType);
  expect(data?.map(({ embedding }) => embedding)).toEqual(vectors);
  expect(usage?.totalTokens).toBe(tokens);
  const [theirs, own] = fake.bodies;
  expect({ ...own, encoding_format: undefined }).toEqual({ ...theirs, encoding_format: undefined });
});

it.each(["int8", "uint8", "binary", "ubinary"] as const)(
  "voyage: %s vectors are asked for as the SDK asks, and mean what the floats mean",
  async (outputDtype) => {
    const client = new VoyageAIClient({ apiKey: key, environment: fake.url, maxRetries: 0 });
    const { data } = await client.embed({
      ...{ input: texts, model: "voyage-code-3", inputType: "document", outputDimension: 256 },
      ...{ truncation: true, outputDtype },
    });
    const embedder = openVoyage({ ...settings(), model: `voyage-code-3@${outputDtype}` });
    expect(embedder.model.name).toBe(`voyage-code-3@${outputDtype}`);
    const { vectors } = await ours(embedder, "document");
    const [theirs, own] = fake.bodies;
    expect({ ...own, encoding_format: undefined }).toEqual({ ...theirs, encoding_format: undefined });
    const raw = data?.map(({ embedding = [] }) => embedding) ?? [];
    if (outputDtype === "int8") expect(vectors).toEqual(raw);
    const floats = await ours(openVoyage(settings()), "document");
    for (const [at, vector] of vectors.entries()) {
      expect(vector).toHaveLength(256);
      expect(raw[at]).toHaveLength(outputDtype.endsWith("binary") ? 32 : 256);
      const sameSign = vector.filter((value, place) => value > 0 === (floats.vectors[at]?.[place] ?? 0) > 0);
      expect(sameSign).toHaveLength(256);
    }
    // Also where the server does not heed the wish for base64.
    const plain = await startFakeProvider({ key, dimensions: 256, isPlain: true });
    const other = openVoyage({ ...settings(), url: plain.url, model: `voyage-code-3@${outputDtype}` });
    expect((await ours(other, "document")).vectors).toEqual(vectors);
    await plain.close();
  },
);

it("an output type that Voyage does not have is named", () => {
  expect(() => openVoyage({ ...settings(), model: "voyage-code-3@int4" })).toThrow(
    /int4.*float, int8, uint8, binary or ubinary/,
  );
});

it("voyageai takes the server's refusals for what they are", async () => {
  const client = new VoyageAIClient({ apiKey: "wrong", environment: fake.url, maxRetries: 0 });
  await expect(client.embed({ input: texts, model: "voyage-code-3" })).rejects.toMatchObject({
    statusCode: 401,
    body: { detail: "Provided API key is invalid." },
  });
  fake.troubles.push("429");
  const known = new VoyageAIClient({ apiKey: key, environment: fake.url, maxRetries: 0 });
  await expect(known.embed({ input: texts, model: "voyage-code-3" })).rejects.toBeInstanceOf(VoyageAIError);
});

it("openai's embeddings give the same vectors, as numbers and as base64", async () => {
  const client = new OpenAI({ apiKey: key, baseURL: fake.url, maxRetries: 0 });
  const { vectors, tokens } = await ours(openOpenAi({ ...settings(), model: "m" }), "document");
  // The SDK asks for base64 unless it is told otherwise.
  for (const format of [{}, { encoding_format: "float" as const }]) {
    const { data, usage } = await client.embeddings.create({
      ...{ input: texts, model: "m", dimensions: 256 },
      ...format,
    });
    expect(data.map(({ embedding }) => embedding)).toEqual(vectors);
    expect(usage.total_tokens).toBe(tokens);
  }
});

it("voyageai's rerank gives the same scores", async () => {
  const client = new VoyageAIClient({ apiKey: key, environment: fake.url, maxRetries: 0 });
  const { data, usage } = await client.rerank({ query: "a batch", documents: texts, model: "rerank-2.5" });
  const reranker = openVoyageReranker({ ...settings(), model: "rerank-2.5" });
  const reply = await reranker.rerank("a batch", texts, new AbortController().signal);
  if (reply.kind !== "scores") throw new Error(reply.reason);
  const theirs = texts.map((_, at) => data?.find(({ index }) => index === at)?.relevanceScore);
  expect(reply.scores).toEqual(theirs);
  expect(new Set(theirs).size).toBeGreaterThan(1);
  expect(reply.tokens).toBe(usage?.totalTokens);
});
