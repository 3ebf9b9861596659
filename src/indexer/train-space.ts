/** Which space of words a repository has, and making one where it has none or has become another repository since. */
import { createHash } from "node:crypto";
import type { EmbedContext, EmbeddingDesk } from "./embed-plan.ts";
import { type Embedder, type EmbeddingModel, localProvider } from "./embedder.ts";
import type { PassageSource } from "./passage-source.ts";
import { dimensions, packSpace, passagesMax, passageText, trainSpace } from "./word-space.ts";

/** Of the passages: when so many came, went or are others, the words are others too. */
const changedShare = 0.5;
const blobsAtOnce = 50;

/** Who makes the repository's vectors; undefined where a space has to be trained first. */
export function standingEmbedder(deps: EmbeddingDesk, repository: string): Embedder | undefined {
  const { embedder, ledger, source } = deps;
  if (embedder.local === undefined) return embedder;
  const trained = ledger.trained(repository);
  if (trained === undefined) return undefined;
  const blobs = source.blobs(repository);
  const chunks = blobs.reduce((sum, blob) => sum + blob.chunks, 0);
  const isOtherSize = Math.abs(chunks - trained.chunks) > changedShare * trained.chunks;
  if (isOtherSize) return undefined;
  // A space that was never planned for, as something broke off, is made again: the same from the same text.
  const { chunks: known } = ledger.standing(
    trained.model,
    blobs.map(({ blob }) => blob),
  );
  if (known < (1 - changedShare) * chunks) return undefined;
  return deps.embedderFor(trained.model);
}

/** The same, trained where it has to be. Throws `signal`'s reason. */
export async function trainedEmbedder(
  deps: EmbeddingDesk,
  repository: string,
  context: EmbedContext,
): Promise<Embedder> {
  const standing = standingEmbedder(deps, repository);
  if (standing !== undefined) return standing;
  const { texts, chunks } = await samplePassages(deps.source, repository, context);
  const packed = packSpace(trainSpace(texts));
  const id = createHash("sha256").update(packed).digest("hex").slice(0, 8);
  const model: EmbeddingModel = { provider: localProvider, name: `own-text-${id}`, dimensions };
  deps.ledger.keepSpace(repository, { model, chunks }, packed);
  return deps.embedderFor(model) ?? deps.embedder;
}

/** Spread evenly over the repository, in the order of its paths. */
async function samplePassages(
  source: PassageSource,
  repository: string,
  { signal, report }: EmbedContext,
): Promise<{ readonly texts: readonly string[]; readonly chunks: number }> {
  const blobs = source.blobs(repository);
  const chunks = blobs.reduce((sum, blob) => sum + blob.chunks, 0);
  const stride = Math.max(1, chunks / passagesMax);
  const texts: string[] = [];
  let first = 0;
  let next = 0;
  for (const [index, { blob, path, chunks: count }] of blobs.entries()) {
    const last = first + count;
    if (next < last) {
      const found = source.passages(repository, path, blob);
      for (; next < last; next += stride) {
        const chunk = found?.chunks[Math.floor(next) - first];
        if (found !== undefined && chunk !== undefined)
          texts.push(passageText(path, found.text.toString("utf8", chunk.startByte, chunk.endByte)));
      }
    }
    first = last;
    if (index % blobsAtOnce !== 0) continue;
    report({ phase: "plan", done: index, total: blobs.length });
    // Reading waits for nothing, so without a turn of the event loop no abort would ever arrive.
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
  return { texts, chunks };
}
