/** What `--json` says of where an answer comes from. */
import type { Evidence } from "../indexer/store.ts";
import { pendingInAll } from "./evidence.ts";

/** `generation` is null where several repositories answered: each has its own in `evidence`. */
export function viewEvidence(evidence: readonly Evidence[]) {
  return {
    generation: evidence.length === 1 ? (evidence[0]?.generation ?? null) : null,
    pending_files: pendingInAll(evidence),
    evidence: evidence.map((one) => ({
      repository: one.repository,
      generation: one.generation,
      pending_files: one.pendingFiles,
      indexed_at: one.indexedAt,
    })),
  };
}
