/** `cambium outline`: what a file, a folder or a repository holds. */
import type { Command } from "commander";
import { viewOutline } from "./answer-json.ts";
import type { Session } from "./cli-session.ts";
import { sayEvidence } from "./evidence.ts";
import { chooseOutline } from "./outline-choice.ts";
import { writeOutline } from "./tools/outline.ts";

/** A terminal scrolls. */
const budget = 1_000_000;

export function addOutlineCommand(program: Command, session: Session): void {
  program
    .command("outline")
    .description("show the symbols of a file, the entries of a folder, or a summary of a repository")
    .argument("[path]", "from the repository's top, or absolute; default: all of it", ".")
    .option("--repo <repository>", "name or path; default: the one around the current folder")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nExamples:\n  $ cambium outline\n  $ cambium outline src/server --repo api\n  $ cambium outline src/cli.ts --json",
    )
    .action(async (path: string, { repo }: { repo?: string }) => {
      const deps = await session.deps(program);
      const choice = chooseOutline(deps.index, { path, repository: repo }, deps.cwd);
      session.answer(viewOutline(choice, deps.index), writeOutline(choice, deps, budget));
      session.note(sayEvidence([choice.status]));
    });
}
