/** Which embedding provider the settings mean, and the ledger beside it; opened only where one is set. */
import { join } from "node:path";
import { type Config, readBudget } from "./config.ts";
import { CambiumError } from "./errors.ts";
import type { EmbeddingDeps } from "./indexer/embed-plan.ts";
import type { Embedder, EmbeddingModel } from "./indexer/embedder.ts";
import { openOpenAi } from "./indexer/embedders/openai.ts";
import { openVoyage } from "./indexer/embedders/voyage.ts";
import type { Meaning } from "./indexer/meaning.ts";
import type { PassageSource } from "./indexer/passage-source.ts";
import { openSqliteLedger } from "./indexer/stores/vectors/open-ledger.ts";

type ProviderConfig = Pick<
  Config,
  | "home"
  | "embeddings"
  | "embeddingsUrl"
  | "embeddingsModel"
  | "embeddingsDimensions"
  | "embeddingsBudget"
  | "embeddingsRequestsPerMinute"
  | "embeddingsTokensPerMinute"
  | "embeddingsPrice"
  | "voyageKey"
  | "openaiKey"
>;

/** `model` instead of the one that is set: questions go to the model that a repository was embedded with. */
function openEmbedder(config: ProviderConfig, model?: EmbeddingModel): Embedder {
  const isVoyage = config.embeddings === "voyage";
  return (isVoyage ? openVoyage : openOpenAi)({
    url: config.embeddingsUrl,
    key: isVoyage ? config.voyageKey : config.openaiKey,
    model: model?.name ?? config.embeddingsModel,
    dimensions: model?.dimensions ?? config.embeddingsDimensions,
    requestsPerMinute: config.embeddingsRequestsPerMinute,
    tokensPerMinute: config.embeddingsTokensPerMinute,
    price: config.embeddingsPrice === "" ? undefined : config.embeddingsPrice,
  });
}

/** Throws `invalid_argument` where no provider is set, `forbidden` where its key is missing. */
export function openMeaning(config: ProviderConfig, source: PassageSource): Meaning & EmbeddingDeps {
  if (config.embeddings === "none") {
    const text =
      "No provider of embeddings is set. Set CAMBIUM_EMBEDDINGS to voyage (with VOYAGE_API_KEY) or openai (with CAMBIUM_EMBEDDINGS_URL), then run `cambium embed`.";
    throw new CambiumError("invalid_argument", text);
  }
  const embedder = openEmbedder(config);
  const budget = readBudget(config.embeddingsBudget) ?? { tokens: Number.POSITIVE_INFINITY };
  const ledger = openSqliteLedger(join(config.home, "embeddings.db"));
  return {
    embedder,
    ledger,
    vectors: ledger,
    source,
    budgetTokens:
      "tokens" in budget ? budget.tokens : Math.floor((budget.dollars / (embedder.price || 1e-12)) * 1e6),
    embedderFor: (model) => {
      const same = openEmbedder(config, model);
      return same.model.provider === model.provider ? same : undefined;
    },
  };
}
