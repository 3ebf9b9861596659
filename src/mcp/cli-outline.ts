/** `cambium outline`: what a file, a folder or a repository holds. */
import type { Command } from "commander";
import type { Session } from "./cli-session.ts";
import { sayEvidence } from "./evidence.ts";
import { chooseOutline, type OutlineChoice } from "./outline-choice.ts";
import { viewSummary } from "./outline-text.ts";
import type { ToolDeps } from "./tool.ts";
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
      session.answer(viewOutline(choice, deps), writeOutline(choice, deps, budget));
      session.note(sayEvidence([choice.status]));
    });
}

function viewOutline({ status, outline }: OutlineChoice, { index }: ToolDeps): object {
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
