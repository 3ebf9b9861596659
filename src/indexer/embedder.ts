/** The embedder port: texts in, vectors out, at a provider's price and limits. It knows no ledger, no file and no task. */

/** Vectors of two models, or of two widths of one, are never compared. */
export interface EmbeddingModel {
  readonly provider: string;
  readonly name: string;
  /** 0: as many as the model gives by itself. */
  readonly dimensions: number;
}

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

/** What the provider made of one request. */
export type EmbedReply =
  | {
      readonly kind: "vectors";
      /** In the order of the texts; undefined where the answer has none that can be used. */
      readonly vectors: readonly (Float32Array | undefined)[];
      /** What is billed; undefined where the provider does not say. */
      readonly tokens: number | undefined;
    }
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

export interface Embedder {
  readonly model: EmbeddingModel;
  readonly limits: EmbedderLimits;
  /** Whom the limits belong to; holds no secret. */
  readonly account: string;
  /** US dollars for a million tokens. */
  readonly price: number;
  /** A request that takes longer is given up. */
  readonly timeoutMs: number;
  /**
   * One request. Throws what waiting does not mend, with the remedy: `forbidden` (no or a wrong key, a redirect to
   * another host) and `invalid_argument` (an unknown model, wrong dimensions).
   */
  embed(texts: readonly string[], purpose: "document" | "query", signal: AbortSignal): Promise<EmbedReply>;
}
