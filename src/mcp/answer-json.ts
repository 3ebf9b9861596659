/** Answers about code as JSON, for programs: the same on the command line (`--json`) and over REST. */
import type { Hit, SearchAnswer } from "../indexer/search.ts";
import type { ExactAnswer, ExactHit } from "../indexer/search-exact.ts";
import type { Evidence, IndexStore } from "../indexer/store.ts";
import type { ReferenceAnswer, SymbolAnswer } from "../indexer/symbols.ts";
import { pendingInAll } from "./evidence.ts";
import type { OutlineChoice } from "./outline-choice.ts";
import { viewSummary } from "./outline-text.ts";

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

export function viewOutline({ status, outline }: OutlineChoice, index: IndexStore) {
  const { repository, generation, pendingFiles } = status;
  const where = {
    repository,
    generation,
    pending_files: pendingFiles,
    path: outline.path,
    type: outline.type,
  };
  if (outline.type === "folder") {
    const summary = outline.path === "" ? index.summary(repository) : undefined;
    const { folders, files } = outline;
    return { ...where, folders, files, summary: summary === undefined ? null : viewSummary(summary) };
  }
  const { language, bytes, skip, isPending, definitions } = outline;
  return {
    ...where,
    language,
    bytes,
    skip,
    is_pending: isPending,
    definitions: definitions.map((one) => ({
      line: one.line,
      start_line: one.startLine,
      end_line: one.endLine,
      kind: one.kind,
      name: one.name,
      parent: one.parent,
      signature: one.signature,
      visibility: one.visibility ?? null,
    })),
  };
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
    copies: hit.copies.map(({ path, startLine, endLine }) => ({
      path,
      start_line: startLine,
      end_line: endLine,
    })),
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
