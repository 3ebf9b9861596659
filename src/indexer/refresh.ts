/** Brings a repository that is indexed already up to date: as a whole, or only what was seen to change. */
import {
  type BatchContext,
  type IndexLimits,
  indexAtOnce,
  indexOrPlan,
  isFew,
  type Plan,
  planOrPublish,
  publishOrPlan,
  scanFolder,
} from "./pipeline.ts";
import { selectPaths } from "./selection.ts";
import type { IndexStore, RepositoryStatus } from "./store.ts";

/**
 * Everything, or only what `paths` (relative to the root) name and what is below it. Answers undefined for what is left
 * to another run, or is no repository of the store any more. Running it again at any moment is harmless.
 */
export async function refresh(
  store: IndexStore,
  root: string,
  paths: readonly string[] | undefined,
  limits: IndexLimits,
  context: BatchContext & { readonly isAgain: boolean },
): Promise<Plan | undefined> {
  const status = store.repositories().find((known) => known.root === root);
  if (status === undefined) return undefined;
  if (status.run === context.run) return publishOrPlan(store, status, limits, context);
  if (paths !== undefined) return refreshPaths(store, status, paths, limits, context);
  // Two runs that take over from each other would never come to an end.
  if (context.isAgain && status.state === "indexing") return undefined;
  return planOrPublish(store, root, limits, context);
}

async function refreshPaths(
  store: IndexStore,
  { root, repository, commit }: RepositoryStatus,
  paths: readonly string[],
  limits: IndexLimits,
  context: BatchContext,
): Promise<Plan | undefined> {
  const only = selectPaths(paths);
  const files = await scanFolder(root, limits, { ...context, only }, []);
  const plan = store.begin(repository, files, { commit, run: context.run, only: paths });
  const place = { root, repository, run: plan.run };
  if (plan.run === context.run) return indexOrPlan(store, place, plan.pending, limits, context);
  // Another run has work of its own left, and sees to the rest of this.
  const pending = plan.pending.filter(({ path }) => only.meets(path));
  if (isFew(pending) && !context.isolate) await indexAtOnce(store, place, pending, limits, context);
  return undefined;
}
