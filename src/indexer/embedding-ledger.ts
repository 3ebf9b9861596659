/**
 * The ledger port: what is to be bought, what was asked for, what came, and what it cost, so that nothing is paid twice
 * or goes missing whatever crashes. It also keeps the provider's limits over all processes. It knows no provider.
 */
import type { EmbeddingModel } from "./embedder.ts";
import type { BlobKey } from "./store.ts";

/** Where a chunk's text stands; byte offsets are half-open. */
export interface ChunkPlace {
  readonly repository: string;
  readonly path: string;
  readonly blobHash: string;
  readonly startByte: number;
  readonly endByte: number;
}

export interface PlannedChunk {
  /** Says by its text alone which vector it needs: 16 bytes of a hash. */
  readonly key: Buffer;
  readonly place: ChunkPlace;
  /** Why it is never sent. */
  readonly withheld?: string;
}

export interface PlannedBlob {
  readonly blob: BlobKey;
  readonly chunks: readonly PlannedChunk[];
}

/** A model that was made from a repository, and how many chunks that had then. */
export interface TrainedSpace {
  readonly model: EmbeddingModel;
  readonly chunks: number;
}

/** How full a batch may be. */
export interface BatchSize {
  readonly bytes: number;
  readonly texts: number;
}

export interface LedgerBatch {
  readonly id: number;
  readonly model: EmbeddingModel;
  readonly chunks: readonly { readonly vector: number; readonly place: ChunkPlace }[];
  readonly bytes: number;
}

/** How far a set of blobs is. */
export interface Standing {
  readonly chunks: number;
  readonly embedded: number;
  /** Never sent, as they look like secrets or the provider cannot take them. */
  readonly withheld: number;
  /** What must be run for the rest. */
  readonly batches: readonly number[];
  /** In chunks that are neither; bytes of their text. */
  readonly missingBytes: number;
  /** Blobs of which something is missing that is in no batch: they must be planned again. */
  readonly unplanned: readonly BlobKey[];
}

/** Who wants to send how much. */
export interface SendOrder {
  readonly model: EmbeddingModel;
  readonly account: string;
  /** At least what will be billed. */
  readonly tokens: number;
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
  readonly requestsAtOnce: number;
  /** All that may ever be spent, in tokens; Infinity for no budget. */
  readonly budgetTokens: number;
  /** The same in US dollars; undefined for no budget in money. */
  readonly budgetDollars?: number | undefined;
  /** US dollars for a million tokens; free where it is missing. */
  readonly price?: number;
  /** The request is over after this. */
  readonly timeoutMs: number;
}

export type Grant =
  /** `send` must be ended by `settle` or `postpone`. `again`: an earlier run died while it was under way. */
  | { readonly kind: "go"; readonly send: number; readonly isAgain: boolean }
  | { readonly kind: "done" }
  | { readonly kind: "wait"; readonly ms: number; readonly reason: string }
  /** In tokens, or in US dollars where the budget is in these. */
  | { readonly kind: "over_budget"; readonly spent: number };

/** What came for one chunk. */
export interface ChunkOutcome {
  readonly vector: number;
  /** Undefined: nothing of use came, and it stays to be bought, unless `withheld` says why it never will be. */
  readonly code?: { readonly signs: Buffer; readonly rest: Buffer };
  readonly withheld?: string;
}

/** What was spent with one model. Tokens as billed; where the provider does not say, as estimated. */
export interface ModelCost {
  readonly model: EmbeddingModel;
  readonly vectors: number;
  readonly withheld: number;
  readonly requests: number;
  readonly tokens: number;
  readonly queryTokens: number;
  /** Requests whose answer never came, and which may be billed all the same. */
  readonly lostRequests: number;
  readonly lostTokens: number;
  /** All of it, lost ones included, at the price of its time. */
  readonly dollars: number;
  /** Requests that are under way now. */
  readonly openRequests: number;
}

/** All that was spent in a data folder, and may be. */
export interface Spending {
  readonly models: readonly ModelCost[];
  /** Infinity for no budget. */
  readonly budgetTokens: number;
  /** Undefined for no budget in money. */
  readonly budgetDollars: number | undefined;
}

/** All throw `corrupt`, `exhausted` on a full disk and `forbidden` where nothing can be written. */
export interface EmbeddingLedger {
  /** Stores which vectors these blobs need, and packs those that nobody has or plans into batches. */
  plan(model: EmbeddingModel, blobs: readonly PlannedBlob[], size: BatchSize): void;
  standing(model: EmbeddingModel, blobs: readonly BlobKey[]): Standing;
  /** Undefined once all of it is bought. */
  batch(id: number): LedgerBatch | undefined;
  /**
   * Whether a batch may be sent now, or, where `batch` is undefined, a question. A `go` is on the disk before it is
   * returned. `owner` names the job, so that its own next run need not wait for a request that died with it.
   */
  claim(batch: number | undefined, owner: string, order: SendOrder): Grant;
  /** Stores what came and what it cost, in one transaction. `tokens` undefined: as ordered. */
  settle(send: number, outcomes: readonly ChunkOutcome[], tokens: number | undefined): void;
  /** Nothing came. With `holdMs` nobody asks this account again before that. */
  postpone(
    send: number,
    why: { readonly reason: string; readonly holdMs: number; readonly isDoubtful: boolean },
  ): void;
  /** In two, for a provider that takes less at a time; one of a single chunk stays. Returns the batches. */
  split(batch: number): readonly number[];
  /** Takes chunks out whose text is gone; where another blob needs them, they are planned again. */
  drop(batch: number, vectors: readonly number[]): void;
  /** Which of these are bought or withheld. */
  known(model: EmbeddingModel, keys: readonly Buffer[]): boolean[];
  /** The least that was seen of the model; undefined before the first answer. */
  bytesPerToken(model: EmbeddingModel): number | undefined;
  /** Chunks in batches of this model, of all repositories. */
  remaining(model: EmbeddingModel): number;
  /** Questions about the repository use this model from now on. */
  publish(repository: string, model: EmbeddingModel): void;
  published(repository: string): EmbeddingModel | undefined;
  /** The space of words that the repository's vectors are made in. */
  trained(repository: string): TrainedSpace | undefined;
  /** Bytes of a space, as they were kept. */
  space(model: EmbeddingModel): Buffer | undefined;
  keepSpace(repository: string, trained: TrainedSpace, packed: Buffer): void;
  costs(): ModelCost[];
  close(): void;
}
