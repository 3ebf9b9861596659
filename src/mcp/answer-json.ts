/** Answers about code as JSON, for programs: the same on the command line (`--json`) and over REST. */
import type { Hit, SearchAnswer } from "../indexer/search.ts";
import type { ExactAnswer, ExactHit } from "../indexer/search-exact.ts";
import type { Evidence } from "../indexer/store.ts";
import type { ReferenceAnswer, SymbolAnswer } from "../indexer/symbols.ts";
import { pendingInAll } from "./evidence.ts";

export function viewSearch(answer: SearchAnswer, explained = false) {
  return {
    hits: answer.hits.map((hit) => (explained ? { ...viewHit(hit), explain: hit.explain } : viewHit(hit))),
    ...viewTotals(answer),
    next_cursor: answer.nextCursor,
    suggestions: answer.suggestions,
    ...(answer.note === undefined ? {} : { note: answer.note }),
  };
}

/** Of mode `regex`: `partial` where it stopped before the end, with the reason. */
export function viewExact(answer: ExactAnswer) {
  return {
    hits: answer.hits.map(viewExactHit),
    ...viewTotals(answer),
    partial: answer.partial !== null,
    partial_reason: answer.partial,
    next_cursor: answer.nextCursor,
    suggestions: [],
  };
}

export function viewDefinitions(answer: SymbolAnswer) {
  const definitions = answer.definitions.map(({ repository, path, language, definition }) => ({
    repository,
    path,
    line: definition.line,
    end_line: definition.endLine,
    kind: definition.kind,
    name: definition.name,
    parent: definition.parent,
    signature: definition.signature,
    visibility: definition.visibility ?? null,
    language,
  }));
  return { definitions, match: answer.match, ...viewTotals(answer) };
}

export function viewReferences(answer: ReferenceAnswer) {
  const references = answer.references.map(({ repository, path, reference, enclosing }) => ({
    repository,
    path,
    line: reference.line,
    column: reference.column,
    role: reference.role,
    // By its name alone: nothing more is known of which definition is meant.
    confidence: "name",
    enclosing:
      enclosing === undefined ? null : { kind: enclosing.kind, name: enclosing.name, line: enclosing.line },
  }));
  return { references, ...viewTotals(answer) };
}

function viewHit(hit: Hit) {
  return {
    repository: hit.repository,
    path: hit.path,
    start_line: hit.startLine,
    end_line: hit.endLine,
    kind: hit.kind,
    name: hit.name,
    signature: hit.signature,
    snippet: hit.snippet,
  };
}

function viewExactHit(hit: ExactHit) {
  return {
    repository: hit.repository,
    path: hit.path,
    start_line: hit.startLine,
    end_line: hit.endLine,
    column: hit.column,
    kind: "text",
    name: "",
    language: hit.language,
    snippet: hit.snippet,
    before: hit.before,
    after: hit.after,
  };
}

interface Totals {
  readonly total: number;
  readonly totalCapped: boolean;
  readonly evidence: readonly Evidence[];
}

/** `generation` is null where several repositories answered: each has its own in `evidence`. */
function viewTotals({ total, totalCapped, evidence }: Totals) {
  return {
    total,
    total_capped: totalCapped,
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
