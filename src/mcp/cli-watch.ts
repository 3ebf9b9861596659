/** `cambium watch`: keeps a folder's index fresh as long as the command runs, and says what happens to it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { RepositoryStatus } from "../indexer/store.ts";
import type { Session } from "./cli-session.ts";
import { plural } from "./text.ts";
import type { KeptFresh, ToolDeps } from "./tool.ts";
import { startIndexing } from "./tools/repositories.ts";
import { warningOfWorker } from "./tools/tasks.ts";

const lookMs = 200;

export function addWatchCommand(program: Command, session: Session): void {
  program
    .command("watch")
    .description("index a folder and keep its index fresh until Ctrl-C")
    .argument("<path>", "the repository's folder")
    .option("--json", "print one JSON document at the end")
    .addHelpText(
      "after",
      "\nThe worker watches in the background; what ends with this command is only the wish for it.\nMCP servers keep what they index fresh by themselves.\n\nExamples:\n  $ cambium watch .\n  $ cambium watch ~/code/project --json",
    )
    .action(async (path: string) => {
      const deps = await session.deps(program);
      const { root } = await startIndexing(path, deps);
      deps.freshness.keep(root);
      const warning = await warningOfWorker(deps);
      if (warning !== undefined) session.note(`${session.colors.err.yellow("warning")} ${warning}`);
      session.takeSignals();
      const { status, kept, generations } = await follow(root, deps, session);
      const document = {
        repository: status?.repository ?? null,
        root,
        watched: kept?.mode ?? null,
        ...(kept?.notice === undefined ? {} : { watch_notice: kept.notice }),
        generations,
      };
      session.answer(document, "");
    });
}

interface Followed {
  readonly status: RepositoryStatus | undefined;
  readonly kept: KeptFresh | undefined;
  /** How many were published meanwhile. */
  readonly generations: number;
}

/** Until Ctrl-C. */
async function follow(root: string, deps: ToolDeps, session: Session): Promise<Followed> {
  const { signal } = session.io;
  let last: Followed = { status: undefined, kept: undefined, generations: 0 };
  while (!signal.aborted) {
    const status = deps.index.repositories().find((known) => known.root === root);
    const kept = deps.freshness.kept().find((one) => one.root === root);
    if (kept?.mode !== last.kept?.mode) session.note(sayKept(root, kept));
    const isNew = status !== undefined && status.generation !== last.status?.generation;
    if (isNew && status.generation > 0) session.note(sayGeneration(status));
    last = { status, kept, generations: last.generations + (isNew && last.status !== undefined ? 1 : 0) };
    await sleep(lookMs, undefined, { signal }).catch(() => {});
  }
  return last;
}

function sayKept(root: string, kept: KeptFresh | undefined): string {
  if (kept === undefined) return `Nobody watches ${root} at the moment; a worker will in a moment.`;
  if (kept.mode === "polling")
    return `${root} is looked at now and then, as ${kept.notice ?? "it cannot be watched"}.`;
  return `Watching ${root} (${plural(kept.folders, "folder")}). Ctrl-C ends it.`;
}

function sayGeneration({ repository, generation, files, indexedAt }: RepositoryStatus): string {
  return `${repository}: generation ${generation} of ${indexedAt}, ${plural(files, "file")}`;
}
