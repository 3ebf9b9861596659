/**
 * The ports to a provider: texts in, vectors or an order out, at its price and limits. They know no ledger, no file and
 * no task.
 */

/** Vectors of two models, or of two widths of one, are never compared. */
export interface EmbeddingModel {
  readonly provider: string;
  readonly name: string;
  /** 0: as many as the model gives by itself. */
  readonly dimensions: number;
}

export const nameModel = ({ provider, name, dimensions }: EmbeddingModel): string =>
  `${provider}/${name}${dimensions > 0 ? ` (${dimensions})` : ""}`;

export interface EmbedderLimits {
  /** Of one request. */
  readonly texts: number;
  readonly tokens: number;
  /** Of one text; longer ones are cut. */
  readonly textTokens: number;
  /** In any 60 seconds, over all who use the account. */
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
  /** Under way at the same time: what a crash may cost, and what a small server can bear. */
  readonly requestsAtOnce: number;
}

/** Why the provider made nothing of a request, and what helps. */
export type Refusal =
  /** Not now: a rate limit, an outage, an answer that broke off. */
  | {
      readonly kind: "busy";
      readonly reason: string;
      readonly retryAfterMs: number | undefined;
      /** The provider may have done the work, and bill it. */
      readonly isDoubtful: boolean;
    }
  /** A text or the whole request is longer than the provider takes. */
  | { readonly kind: "too_long"; readonly reason: string };

export type EmbedReply =
  | {
      readonly kind: "vectors";
      /** In the order of the texts; undefined where the answer has none that can be used. */
      readonly vectors: readonly (Float32Array | undefined)[];
      /** What is billed; undefined where the provider does not say. */
      readonly tokens: number | undefined;
    }
  | Refusal;

export type RerankReply =
  | {
      readonly kind: "scores";
      /** How well each text answers; undefined where the answer does not say. */
      readonly scores: readonly (number | undefined)[];
      readonly tokens: number | undefined;
    }
  | Refusal;

/** A model at a provider, and what it takes to ask it. */
export interface Purchase {
  readonly model: EmbeddingModel;
  readonly limits: EmbedderLimits;
  /** Whom the limits belong to; holds no secret. */
  readonly account: string;
  /** US dollars for a million tokens. */
  readonly price: number;
  /** A request that takes longer is given up. */
  readonly timeoutMs: number;
}

/** How vectors that are made here take part in an answer. */
export interface LocalUse {
  /** Undefined where no word of it is known. */
  vectorOf(question: string): Float32Array | undefined;
  /** So many of the nearest become candidates beside those that words find. */
  readonly passages: number;
  /** What being the nearest counts in ranking. */
  readonly weight: number;
}

/** The provider's name of all models that are made here. */
export const localProvider = "local";

/** Reads texts beside a question, and says how well each answers it. */
export interface Reranker extends Purchase {
  /** One request. Throws as `embed` does. */
  rerank(query: string, texts: readonly string[], signal: AbortSignal): Promise<RerankReply>;
}

export interface Embedder extends Purchase {
  /** Only where vectors are made on this machine: nothing is sent, costs or waits. */
  readonly local?: LocalUse;
  /**
   * One request. Throws what waiting does not mend, with the remedy: `forbidden` (no or a wrong key, a redirect to
   * another host) and `invalid_argument` (an unknown model, wrong dimensions).
   */
  embed(texts: readonly string[], purpose: "document" | "query", signal: AbortSignal): Promise<EmbedReply>;
}
