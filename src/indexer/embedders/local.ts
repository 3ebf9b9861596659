/**
 * Vectors from a repository's own text: a space of its words is the model. Nothing is sent, and only questions in words
 * gain by them.
 */
import { type Embedder, type EmbeddingModel, localProvider } from "../embedder.ts";
import { dimensions, unpackSpace, vectorOfQuestion, vectorOfText, type WordSpace } from "../word-space.ts";

/** What questions in words gain most by without moving what is first already (BENCHMARKS.md). */
const passages = 30;
const weight = 0.4;
/** Each takes a few megabytes. */
const spacesKept = 20;

export interface LocalEmbedders {
  /** Stands for whatever will be made of a repository: knows no word. */
  readonly untrained: Embedder;
  /** Undefined for a model of a provider, and for one whose space is gone. */
  embedderFor(model: EmbeddingModel): Embedder | undefined;
}

/** `spaceOf` finds the packed space of a model. */
export function openLocal(spaceOf: (model: EmbeddingModel) => Buffer | undefined): LocalEmbedders {
  const kept = new Map<string, Embedder>();
  return {
    untrained: embedderOf({ provider: localProvider, name: "own-text", dimensions }, undefined),
    embedderFor: (model) => {
      if (model.provider !== localProvider) return undefined;
      const known = kept.get(model.name);
      if (known !== undefined) return known;
      const packed = spaceOf(model);
      const space = packed === undefined ? undefined : unpackSpace(packed);
      if (space === undefined) return undefined;
      const opened = embedderOf(model, space);
      kept.set(model.name, opened);
      const [oldest] = kept.keys();
      if (kept.size > spacesKept && oldest !== undefined) kept.delete(oldest);
      return opened;
    },
  };
}

function embedderOf(model: EmbeddingModel, space: WordSpace | undefined): Embedder {
  return {
    model,
    account: "this machine",
    price: 0,
    timeoutMs: 600_000,
    limits: {
      ...{ texts: 1000, tokens: 500_000, textTokens: 1_000_000, requestsAtOnce: 1000 },
      ...{ requestsPerMinute: 1_000_000, tokensPerMinute: 1_000_000_000 },
    },
    embed: async (texts) => ({
      kind: "vectors",
      vectors: texts.map((text) => (space === undefined ? undefined : vectorOfText(space, text))),
      tokens: 0,
    }),
    local: {
      vectorOf: (question) => (space === undefined ? undefined : vectorOfQuestion(space, question)),
      ...{ passages, weight },
    },
  };
}
