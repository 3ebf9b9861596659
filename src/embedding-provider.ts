/** Which embedding provider the settings mean, and the ledger beside it; opened only where one is set. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Config, readBudget } from "./config.ts";
import { CambiumError } from "./errors.ts";
import { type Embedder, type EmbeddingModel, nameModel, type Reranker } from "./indexer/embedder.ts";
import { openLocal } from "./indexer/embedders/local.ts";
import { openOpenAi } from "./indexer/embedders/openai.ts";
import type { ProviderSettings } from "./indexer/embedders/provider-settings.ts";
import { openVoyage, openVoyageReranker } from "./indexer/embedders/voyage.ts";
import type { Meaning, Spending } from "./indexer/meaning.ts";
import type { PassageSource } from "./indexer/passage-source.ts";
import { openSqliteLedger } from "./indexer/stores/vectors/open-ledger.ts";
import { openVectorCare } from "./indexer/stores/vectors/sweep.ts";
import type { VectorCare } from "./indexer/vector-care.ts";
import { isDead, ownOwner, parseOwner } from "./jobs/process-identity.ts";

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
  | "rerankModel"
  | "voyageKey"
  | "openaiKey"
>;

/** `model` instead of the one that is set: questions go to the model that a repository was embedded with. Throws `forbidden` where a key is missing. */
function openEmbedder(config: ProviderConfig, model?: EmbeddingModel): Embedder {
  const isVoyage = config.embeddings === "voyage";
  return (isVoyage ? openVoyage : openOpenAi)(
    settingsFor(config, model?.name ?? config.embeddingsModel, model?.dimensions),
  );
}

const settingsFor = (config: ProviderConfig, model: string, dimensions?: number): ProviderSettings => ({
  url: config.embeddingsUrl,
  key: config.embeddings === "voyage" ? config.voyageKey : config.openaiKey,
  model,
  dimensions: dimensions ?? config.embeddingsDimensions,
  requestsPerMinute: config.embeddingsRequestsPerMinute,
  tokensPerMinute: config.embeddingsTokensPerMinute,
  price: config.embeddingsPrice === "" ? undefined : config.embeddingsPrice,
});

function openReranker(config: ProviderConfig): Reranker | undefined {
  if (config.rerankModel === "") return undefined;
  if (config.embeddings === "voyage") return openVoyageReranker(settingsFor(config, config.rerankModel));
  const text = `CAMBIUM_RERANK_MODEL is ${config.rerankModel}, but only Voyage reranks. Set CAMBIUM_EMBEDDINGS to voyage, or leave it empty.`;
  throw new CambiumError("invalid_argument", text);
}

/** Throws as `openMeaning`. Opens no file. */
export function describeProvider(config: ProviderConfig): string {
  if (config.embeddings === "local") {
    openReranker(config);
    return "none is needed, as vectors are made here from each repository's own text, and nothing is sent";
  }
  const { model, account, limits } = openEmbedder(config);
  const reranker = openReranker(config);
  const { requestsPerMinute, tokensPerMinute } = limits;
  const order = reranker === undefined ? "" : `, then ${nameModel(reranker.model)}`;
  return `${nameModel(model)}${order} at ${account}, at most ${requestsPerMinute} requests and ${tokensPerMinute} tokens a minute`;
}

/** Each child process buys under its own name, so that one that was killed is known to be dead. */
const senders = { own: ownOwner, isDead: (sender: string) => sender !== "" && isDead(parseOwner(sender)) };

const ledgerPath = (home: string) => join(home, "embeddings.db");

/** Also where no provider is set any more; undefined where nothing was ever bought. */
export const openBoughtVectors = (home: string): VectorCare | undefined =>
  existsSync(ledgerPath(home)) ? openVectorCare(ledgerPath(home)) : undefined;

function budgetOf({ embeddingsBudget }: ProviderConfig): Pick<Spending, "budgetTokens" | "budgetDollars"> {
  const budget = readBudget(embeddingsBudget) ?? { tokens: Number.POSITIVE_INFINITY };
  return {
    budgetTokens: "tokens" in budget ? budget.tokens : Number.POSITIVE_INFINITY,
    budgetDollars: "dollars" in budget ? budget.dollars : undefined,
  };
}

/** Asks for no key. */
export function readSpending(config: ProviderConfig): Spending {
  const path = ledgerPath(config.home);
  const ledger = existsSync(path) ? openSqliteLedger(path, Date.now, senders) : undefined;
  try {
    return { models: ledger?.costs() ?? [], ...budgetOf(config) };
  } finally {
    ledger?.close();
  }
}

/** Throws `invalid_argument` where no provider is set, `forbidden` where its key is missing. */
export function openMeaning(config: ProviderConfig, source: PassageSource): Meaning {
  if (config.embeddings === "none") {
    const text =
      "No provider of embeddings is set. Set CAMBIUM_EMBEDDINGS to local (made here, nothing is sent), voyage (with VOYAGE_API_KEY) or openai (with CAMBIUM_EMBEDDINGS_URL), then run `cambium embed`.";
    throw new CambiumError("invalid_argument", text);
  }
  const isLocal = config.embeddings === "local";
  const bought = isLocal ? undefined : openEmbedder(config);
  const reranker = openReranker(config);
  const ledger = openSqliteLedger(ledgerPath(config.home), Date.now, senders);
  const local = openLocal((model) => ledger.space(model));
  return {
    embedder: bought ?? local.untrained,
    reranker,
    ledger,
    vectors: ledger,
    source,
    ...budgetOf(config),
    embedderFor: (model) => {
      if (isLocal) return local.embedderFor(model);
      const same = openEmbedder(config, model);
      return same.model.provider === model.provider ? same : undefined;
    },
  };
}
