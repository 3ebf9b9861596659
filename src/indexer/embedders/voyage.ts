/** Voyage's embeddings: its wire format, limits and price. */
import { CambiumError } from "../../errors.ts";
import type { Embedder } from "../embedder.ts";
import { postEmbeddings } from "./provider-http.ts";
import type { ProviderSettings } from "./provider-settings.ts";

const timeoutMs = 60_000;
const usualModel = "voyage-code-3";
const usualDimensions = 1024;
/** Its first tier of limits, and its published price; both can be set. */
const usual = { requestsPerMinute: 2000, tokensPerMinute: 3_000_000, price: 0.18 };

/** Throws `forbidden` where there is no key. */
export function openVoyage(settings: ProviderSettings): Embedder {
  if (settings.key === "")
    throw new CambiumError(
      "forbidden",
      "CAMBIUM_EMBEDDINGS is voyage, but there is no key. Set VOYAGE_API_KEY, or CAMBIUM_EMBEDDINGS to none.",
    );
  const url = new URL(`${settings.url || "https://api.voyageai.com/v1"}/embeddings`);
  const name = settings.model || usualModel;
  const dimensions = settings.dimensions || usualDimensions;
  return {
    model: { provider: "voyage", name, dimensions },
    limits: {
      texts: 1000,
      tokens: 120_000,
      textTokens: 32_000,
      requestsAtOnce: 8,
      requestsPerMinute: settings.requestsPerMinute || usual.requestsPerMinute,
      tokensPerMinute: settings.tokensPerMinute || usual.tokensPerMinute,
    },
    account: url.host,
    price: settings.price ?? usual.price,
    timeoutMs,
    embed: (texts, purpose, signal) =>
      postEmbeddings({
        ...{ url, key: settings.key, dimensions, timeoutMs, signal },
        body: {
          model: name,
          input: texts,
          input_type: purpose,
          output_dimension: dimensions,
          truncation: true,
          encoding_format: "base64",
        },
        keyRemedy:
          "Check VOYAGE_API_KEY. Keys that begin with pa- belong to https://api.voyageai.com/v1, keys that begin with al- to https://ai.mongodb.com/v1 (CAMBIUM_EMBEDDINGS_URL), and each host refuses the other's.",
      }),
  };
}
