/** Whatever speaks OpenAI's `/v1/embeddings`: OpenAI itself, Ollama, LM Studio, vLLM and others. */
import { CambiumError } from "../../errors.ts";
import type { Embedder } from "../embedder.ts";
import { postEmbeddings } from "./provider-http.ts";
import { type ProviderSettings, paceOf } from "./provider-settings.ts";

/** A model on the same machine may have to be loaded first. */
const timeoutMs = 120_000;
const own = "https://api.openai.com/v1";
/** US dollars for a million tokens, as published; a model that is not told counts as the dearest. */
const prices: ReadonlyMap<string, number> = new Map([
  ["text-embedding-3-small", 0.02],
  ["text-embedding-3-large", 0.13],
  ["text-embedding-ada-002", 0.1],
]);
const dearest = Math.max(...prices.values());

/** Throws `forbidden` where OpenAI itself is asked without a key. */
export function openOpenAi(settings: ProviderSettings): Embedder {
  const url = new URL(`${settings.url || own}/embeddings`);
  const isOwn = url.host === new URL(own).host;
  if (isOwn && settings.key === "")
    throw new CambiumError(
      "forbidden",
      "CAMBIUM_EMBEDDINGS is openai, but there is no key. Set OPENAI_API_KEY, or CAMBIUM_EMBEDDINGS_URL to a server of your own, for example http://127.0.0.1:11434/v1.",
    );
  const name = settings.model || "text-embedding-3-small";
  const { dimensions } = settings;
  return {
    model: { provider: isOwn ? "openai" : url.host, name, dimensions },
    limits: {
      texts: isOwn ? 2048 : 64,
      tokens: isOwn ? 250_000 : 30_000,
      textTokens: 8000,
      requestsAtOnce: isOwn ? 8 : 2,
      ...paceOf(settings, {
        requestsPerMinute: isOwn ? 3000 : 60_000,
        tokensPerMinute: isOwn ? 1_000_000 : 100_000_000,
      }),
    },
    account: url.host,
    price: settings.price ?? (isOwn ? (prices.get(name) ?? dearest) : 0),
    timeoutMs,
    embed: (texts, _purpose, signal) =>
      postEmbeddings({
        ...{ url, key: settings.key, dimensions, timeoutMs, signal },
        body: { model: name, input: texts, ...(dimensions > 0 ? { dimensions } : {}) },
        keyRemedy: "Check OPENAI_API_KEY, and that it belongs to CAMBIUM_EMBEDDINGS_URL.",
      }),
  };
}
