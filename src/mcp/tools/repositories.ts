/** The tools around repositories: index one, list them, remove one. */
import { z } from "zod";
import { CambiumError } from "../../errors.ts";
import type { RepositoryStatus } from "../../indexer/store.ts";
import type { Coverage } from "../../indexer/store-care.ts";
import type { TaskRecord } from "../../jobs/task.ts";
import { viewSummary } from "../outline-text.ts";
import { chooseExactly, chooseRepository, type Removable } from "../repository-choice.ts";
import { targetOf } from "../task-view.ts";
import { answerWith, defineTool, type KeptFresh, type ToolDeps } from "../tool.ts";
import { activeStates, answerStarted } from "./tasks.ts";

export const indexKind = "index_repository";

export const indexRepository = defineTool({
  name: "index_repository",
  title: "Index a repository",
  description:
    "Indexes a folder of code as a background task and returns its task_id at once. Use it for a repository that is missing or out of date: only what changed is read, and a running task is joined. Then call wait_for_task; search_code works meanwhile.",
  input: z.object({
    path: z.string().min(1).max(4096).describe("The repository's folder, best absolute."),
    watch: z.boolean().default(true).describe("Follow changes while this server runs."),
    retry_skipped: z.boolean().optional().describe("Also files that were skipped or failed."),
  }),
  example: { path: "/absolute/path/of/repository" },
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async ({ path, watch, retry_skipped }, deps) => {
    const { task, joined, root } = await startIndexing(path, deps, retry_skipped === true);
    if (watch) deps.freshness.keep(root);
    return answerStarted(task, deps, joined ? "Joined the task that already indexes this folder. " : "");
  },
});

export const listRepositories = defineTool({
  name: "list_repositories",
  title: "List repositories",
  description:
    "The indexed repositories: names for other tools, size, state, how fresh they are. With a name: that one and its summary.",
  input: z.object({
    repository: z.string().max(4096).optional().describe("Only this one."),
    coverage: z.boolean().optional().describe("Also counts by language and reason of skipping."),
  }),
  example: {},
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async ({ repository, coverage }, deps) => {
    if (repository !== undefined) return answerWith(viewDetail(repository, deps, coverage));
    const repositories = viewRepositories(deps).map((one) => withCoverage(one, deps, coverage));
    const next =
      repositories.length === 0
        ? 'Nothing is indexed yet. Call index_repository {"path":"…"}.'
        : 'Call search_code {"query":"…","repository":"…"}, or index_repository {"path":"…"} to add or refresh one.';
    return answerWith({ repositories, next });
  },
});

export const removeRepository = defineTool({
  name: "remove_repository",
  title: "Remove a repository",
  description: "Deletes a repository's index, never its files. Ask the person first.",
  input: z.object({
    repository: z.string().min(1).max(4096).describe("Name from list_repositories, or its path."),
  }),
  example: { repository: "name" },
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  run: async ({ repository }, deps) => {
    const removed = await removeIndex(repository, deps);
    return answerWith({
      removed: removed.repository,
      files: removed.files,
      next: `Its files are untouched. Call index_repository ${JSON.stringify({ path: removed.root })} to index it again.`,
    });
  },
});

/** One repository with all that is known of it. */
export function viewDetail(named: string, deps: ToolDeps, coverage?: boolean) {
  const { chosen } = chooseRepository(deps.index, named, deps.cwd);
  if (chosen === undefined) throw new CambiumError("invalid_argument", "Name one repository.");
  const found = deps.index.summary(chosen.repository);
  const summary = found === undefined ? null : viewSummary(found);
  return {
    repositories: viewRepositories(deps)
      .filter((one) => one.repository === chosen.repository)
      .map((one) => ({ ...withCoverage(one, deps, coverage), summary })),
    next: `Call get_outline ${JSON.stringify({ path: ".", repository: chosen.repository })} for its folders.`,
  };
}

/** Makes or joins the task of the folder that `path` names. */
export async function startIndexing(
  path: string,
  deps: ToolDeps,
  retrySkipped = false,
): Promise<{ readonly task: TaskRecord; readonly joined: boolean; readonly root: string }> {
  const root = deps.policy.resolveRepositoryRoot(path);
  // Whoever answers makes sure of a worker again, and says so if there is none; here it only starts earlier.
  void deps.ensureWorker().catch(() => {});
  const { task, joined } = await deps.tasks.enqueue({
    kind: indexKind,
    args: retrySkipped ? { root, retry_skipped: true } : { root },
    deduplicationKey: root,
    // One that runs has decided already what it looks at.
    ...(retrySkipped ? { whenRunning: "again" } : {}),
  });
  return { task, joined, root };
}

/** Index tasks that have not ended, of one folder or of all. */
export async function activeIndexTasks({ tasks }: ToolDeps, root?: string): Promise<TaskRecord[]> {
  const active = await tasks.list({ states: activeStates, limit: 10_000 });
  return active.filter((task) => task.kind === indexKind && (root === undefined || targetOf(task) === root));
}

/** Refuses with `conflict` while a task writes to the index. */
export async function removeIndex(named: string, deps: ToolDeps): Promise<Removable> {
  const chosen = chooseExactly(deps.index, named, deps.cwd);
  const [running] = await activeIndexTasks(deps, chosen.root);
  if (running !== undefined) {
    throw new CambiumError(
      "conflict",
      `${chosen.repository} is being indexed by task ${running.task_id}. Cancel it first: cancel_task ${JSON.stringify({ task_id: running.task_id })} (\`cambium cancel ${running.task_id}\`), then remove it.`,
    );
  }
  deps.index.remove(chosen.files === null ? chosen.root : chosen.repository);
  return chosen;
}

function withCoverage<One extends { readonly repository: string }>(
  one: One,
  { index }: ToolDeps,
  wanted: boolean | undefined,
) {
  return wanted === true ? { ...one, coverage: viewCoverage(index.care.coverage(one.repository)) } : one;
}

export function viewCoverage({ withParseErrors, asText, skipped, languages, ...counts }: Coverage) {
  return {
    ...counts,
    with_parse_errors: withParseErrors,
    as_text: asText,
    skipped: Object.fromEntries(skipped.map(({ reason, files }) => [reason, files])),
    languages: languages.map(({ withParseErrors: broken, ...language }) => ({
      ...language,
      with_parse_errors: broken,
    })),
  };
}

/** The repository that a server stands in is followed from the start, where it is indexed already. */
export function keepWorkplaceFresh({ index, freshness, cwd }: ToolDeps): void {
  const { chosen } = chooseRepository(index, undefined, cwd);
  if (chosen !== undefined) freshness.keep(chosen.root);
}

/** All of them, with how those are kept fresh that somebody watches. */
export function viewRepositories({ index, freshness }: ToolDeps) {
  const kept = new Map(freshness.kept().map((one) => [one.root, one]));
  return index.repositories().map((status) => viewRepository(status, kept.get(status.root)));
}

function viewRepository(status: RepositoryStatus, kept: KeptFresh | undefined) {
  return {
    repository: status.repository,
    root: status.root,
    state: status.state,
    files: status.files,
    files_skipped: status.filesSkipped,
    pending_files: status.pendingFiles,
    symbols: status.symbols,
    generation: status.generation,
    indexed_at: status.indexedAt,
    commit: status.commit,
    watched: kept?.mode ?? null,
    ...(kept?.notice === undefined ? {} : { watch_notice: kept.notice }),
    ...(status.refusedRules.length === 0 ? {} : { ignore_rules_refused: status.refusedRules }),
  };
}
