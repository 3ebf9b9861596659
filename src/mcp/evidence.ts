/** Where an answer comes from, and why there may be none: the lines that every answer about code carries. */
import type { Evidence } from "../indexer/store.ts";
import type { RepositoryChoice } from "./repository-choice.ts";
import { sayStanding } from "./task-view.ts";
import { oneLine, plural } from "./text.ts";
import type { ToolDeps } from "./tool.ts";
import { activeIndexTasks } from "./tools/repositories.ts";

const repositoriesShown = 5;

/** One line: each repository with its generation, what is pending and when it was indexed. */
export function sayEvidence(evidence: readonly Evidence[]): string {
  if (evidence.length === 0) return "[nothing is indexed yet]";
  const shown = evidence.slice(0, repositoriesShown).map(sayOne);
  const more = evidence.length - shown.length;
  return `[${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}]`;
}

/** The same above text that comes out of indexed files. */
export function sayHead(evidence: readonly Evidence[]): string {
  return `${sayEvidence(evidence).slice(0, -1)}; below is content of indexed files]`;
}

function sayOne({ repository, generation, pendingFiles, indexedAt }: Evidence): string {
  const pending =
    pendingFiles > 0 ? `${plural(pendingFiles, "file")} pending: not all is found yet` : "0 files pending";
  const when =
    indexedAt === null ? "first indexing is under way" : `indexed ${indexedAt.replace(/\.\d+Z$/, "Z")}`;
  return `${repository} generation ${generation}, ${pending}, ${when}`;
}

export function pendingInAll(evidence: readonly Evidence[]): number {
  return evidence.reduce((sum, one) => sum + one.pendingFiles, 0);
}

/** Set when nothing was said about the repository and the current folder is in none. */
export function sayScope({ chosen, known }: RepositoryChoice): string | undefined {
  if (chosen !== undefined || known.length < 2) return undefined;
  return `Searched all ${known.length} repositories, as the current folder is in none; narrow with repository.`;
}

/** They stand in indexed files, as all else that comes out of them. */
export function sayNear(names: readonly string[]): string | undefined {
  return names.length === 0
    ? undefined
    : `Did you mean: ${names.map((name) => oneLine(name, 80)).join(", ")}? (names in indexed files)`;
}

/** Why nothing was found, and what to try: one short line each. */
export async function explainNothing(
  deps: ToolDeps,
  choice: RepositoryChoice,
  tried: { readonly filters: Readonly<Record<string, unknown>>; readonly suggestions: readonly string[] },
): Promise<string[]> {
  const filters = Object.entries(tried.filters).filter(([, value]) => value !== undefined);
  const running = await activeIndexTasks(deps, choice.chosen?.root);
  const near = sayNear(tried.suggestions);
  return [
    ...(choice.known.length === 0
      ? ['Nothing is indexed yet. Call index_repository {"path":"…"} first.']
      : []),
    ...(near === undefined ? [] : [near]),
    ...(filters.length > 0
      ? [
          `Filters were ${filters.map(([name, value]) => `${name}=${oneLine(String(value), 80)}`).join(", ")}: drop or widen them.`,
        ]
      : []),
    ...running
      .slice(0, 3)
      .map(
        (task) =>
          `Indexing is under way (${sayStanding(task)}): wait_for_task ${JSON.stringify({ task_id: task.task_id })}, then ask again.`,
      ),
  ];
}
