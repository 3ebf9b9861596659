/** `cambium repos` and `cambium remove`: what is indexed, and forgetting it. */
import type { Command } from "commander";
import type { Session } from "./cli-session.ts";
import { writeSummary } from "./outline-text.ts";
import { plural } from "./text.ts";
import { removeIndex, viewDetail, viewRepositories } from "./tools/repositories.ts";

const sayPolling = ({ watch_notice = "" }: { readonly watch_notice?: string }) =>
  `looked at now and then, as ${watch_notice}`;

export function addRepositoryCommands(program: Command, session: Session): void {
  program
    .command("repos")
    .description("list the indexed repositories, or tell about one")
    .argument("[repository]", "name or path: this one, with its summary")
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExamples:\n  $ cambium repos\n  $ cambium repos api\n  $ cambium repos --json")
    .action(async (named: string | undefined) => {
      const deps = await session.deps(program);
      if (named !== undefined) {
        const { repositories } = viewDetail(named, deps);
        const summary = deps.index.summary(repositories[0]?.repository ?? "");
        const said = summary === undefined ? "No summary was made yet." : writeSummary(summary);
        session.answer(
          { repositories },
          [...repositories.map((one) => sayOne(one, session)), said].join("\n"),
        );
        return;
      }
      const repositories = viewRepositories(deps);
      const words = repositories.map((one) => sayOne(one, session));
      session.answer(
        { repositories },
        words.length === 0 ? "Nothing is indexed yet. Start with: cambium index . --wait" : words.join("\n"),
      );
    });
  program
    .command("remove")
    .description("delete a repository's index, never its files")
    .argument("<repository>", "its name, or its folder")
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExamples:\n  $ cambium remove flask\n  $ cambium remove ~/code/project")
    .action(async (named: string) => {
      const removed = await removeIndex(named, await session.deps(program));
      session.answer(
        { removed: removed.repository, root: removed.root, files: removed.files },
        `Removed the index of ${removed.repository} (${removed.files === null ? "damaged" : plural(removed.files, "file")}); the files are untouched.`,
      );
    });
}

function sayOne(one: ReturnType<typeof viewRepositories>[number], { colors }: Session): string {
  const { bold, green, yellow, dim } = colors.out;
  const state =
    one.state === "ready" ? green("ready") : yellow(`indexing, ${plural(one.pending_files, "file")} pending`);
  const when = one.indexed_at === null ? "" : dim(`, generation ${one.generation} of ${one.indexed_at}`);
  const watched =
    one.watched === null ? "" : one.watched === "events" ? ", watched" : yellow(`, ${sayPolling(one)}`);
  return `${bold(one.repository)}  ${state}  ${plural(one.files, "file")}, ${plural(one.symbols, "symbol")}${when}${watched}\n    ${one.root}`;
}
