/** Voyage's embeddings and its reranker: their wire format, limits and prices. */
import { CambiumError } from "../../errors.ts";
import type { Embedder, Reranker } from "../embedder.ts";
import { type OutputType, outputTypes, postEmbeddings, postRerank } from "./provider-http.ts";
import { type ProviderSettings, paceOf } from "./provider-settings.ts";

const timeoutMs = 60_000;
const usualModel = "voyage-code-3";
const usualDimensions = 1024;
/** Its first tier of limits, and its published price; both can be set. */
const usual = { requestsPerMinute: 2000, tokensPerMinute: 3_000_000, price: 0.18 };

const usualRerank = { requestsPerMinute: 2000, tokensPerMinute: 2_000_000, price: 0.05 };
const keyRemedy =
  "Check VOYAGE_API_KEY. Keys that begin with pa- belong to https://api.voyageai.com/v1, keys that begin with al- to https://ai.mongodb.com/v1 (CAMBIUM_EMBEDDINGS_URL), and each host refuses the other's.";

function addressOf({ key, url }: ProviderSettings, what: string): URL {
  if (key === "")
    throw new CambiumError(
      "forbidden",
      "CAMBIUM_EMBEDDINGS is voyage, but there is no key. Set VOYAGE_API_KEY, or CAMBIUM_EMBEDDINGS to none.",
    );
  return new URL(`${url || "https://api.voyageai.com/v1"}/${what}`);
}

/** `voyage-code-3@int8` is a model of its own for us, as its vectors are others. */
function readModel(text: string): { readonly model: string; readonly outputType: OutputType } {
  const [model = "", type = "float"] = text.split("@");
  const outputType = outputTypes.find((one) => one === type);
  if (outputType !== undefined) return { model: model || usualModel, outputType };
  throw new CambiumError(
    "invalid_argument",
    `CAMBIUM_EMBEDDINGS_MODEL is ${text}, but Voyage has no vectors of type ${type}: behind the @ stands float, int8, uint8, binary or ubinary.`,
  );
}

/** Throws `forbidden` where there is no key, `invalid_argument` for an output type that is none. */
export function openVoyage(settings: ProviderSettings): Embedder {
  const url = addressOf(settings, "embeddings");
  const { model, outputType } = readModel(settings.model);
  const name = outputType === "float" ? model : `${model}@${outputType}`;
  const dimensions = settings.dimensions || usualDimensions;
  return {
    model: { provider: "voyage", name, dimensions },
    limits: {
      texts: 1000,
      tokens: 120_000,
      textTokens: 32_000,
      requestsAtOnce: 8,
      ...paceOf(settings, usual),
    },
    account: url.host,
    price: settings.price ?? usual.price,
    timeoutMs,
    embed: (texts, purpose, signal) =>
      postEmbeddings({
        ...{ url, key: settings.key, dimensions, outputType, timeoutMs, signal },
        body: {
          model,
          input: texts,
          input_type: purpose,
          output_dimension: dimensions,
          ...(outputType === "float" ? {} : { output_dtype: outputType }),
          truncation: true,
          encoding_format: "base64",
        },
        keyRemedy,
      }),
  };
}

/** Throws `forbidden` where there is no key. */
export function openVoyageReranker(settings: ProviderSettings): Reranker {
  const url = addressOf(settings, "rerank");
  const { model: name, key } = settings;
  return {
    model: { provider: "voyage", name, dimensions: 0 },
    limits: {
      texts: 1000,
      tokens: 300_000,
      textTokens: 8000,
      requestsAtOnce: 8,
      ...paceOf(settings, usualRerank),
    },
    // Its limits are counted apart from those of embeddings.
    account: `${url.host}/rerank`,
    price: usualRerank.price,
    timeoutMs,
    rerank: (query, texts, signal) =>
      postRerank({
        ...{ url, key, timeoutMs, signal, keyRemedy },
        body: { model: name, query, documents: texts, truncation: true },
      }),
  };
}
