/** `cambium cleanup`, `verify` and `coverage`: upkeep of the index, and how much of a repository is in it. */
import type { Command } from "commander";
import type { TaskRecord } from "../jobs/task.ts";
import { followTask } from "./cli-index.ts";
import type { Session } from "./cli-session.ts";
import { chooseExactly } from "./repository-choice.ts";
import { sayStanding } from "./task-view.ts";
import { grouped, oneLine, plural, showPath } from "./text.ts";
import { startCleanUp, startVerifying } from "./tools/care.ts";
import { viewCoverage } from "./tools/repositories.ts";
import { warningOfWorker } from "./tools/tasks.ts";

export function addCareCommands(program: Command, session: Session): void {
  program
    .command("cleanup")
    .description("let go of what nobody uses, keep to the disk quota, compact and check the index")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nA worker does this once a day by itself. See CAMBIUM_KEEP_DAYS and CAMBIUM_DISK_QUOTA.\n\nExamples:\n  $ cambium cleanup\n  $ cambium cleanup --keep-days 7 --json",
    )
    .action(async () => {
      const deps = await session.deps(program);
      await followAndAnswer(await startCleanUp(deps), program, session);
    });
  program
    .command("verify")
    .description("prove that the index of a repository equals a fresh one, and repair what does not")
    .argument("<repository>", "its name, or its folder")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nFiles that changed since they were indexed are counted as stale, not as differences.\n\nExamples:\n  $ cambium verify flask\n  $ cambium verify . --json",
    )
    .action(async (named: string) => {
      const deps = await session.deps(program);
      await followAndAnswer(await startVerifying(named, deps), program, session);
    });
  program
    .command("coverage")
    .description("how much of a repository is in the index: by language, and what was left out and why")
    .argument("<repository>", "its name, or its folder")
    .option("--skipped", "list every file that was left out or failed, with its reason")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nTo have skipped files looked at again: cambium retry --files <repository>\n\nExamples:\n  $ cambium coverage flask\n  $ cambium coverage flask --skipped --json",
    )
    .action(async (named: string, { skipped = false }: { skipped?: boolean }) => {
      await answerCoverage(named, skipped, program, session);
    });
}

async function followAndAnswer(task: TaskRecord, program: Command, session: Session): Promise<void> {
  const deps = await session.deps(program);
  const warning = await warningOfWorker(deps);
  if (warning !== undefined) session.note(`${session.colors.err.yellow("warning")} ${warning}`);
  const last = await followTask(task, deps, session);
  const { task_id, state, error, result } = last;
  const document = { task_id, state, ...(error === null ? {} : { error }), ...result };
  const words = `${last.kind}: ${sayStanding(last)}`;
  if (state !== "SUCCESS") session.note(words);
  session.answer(document, state === "SUCCESS" ? [words, ...sayDetails(last)].join("\n") : "");
}

const linesMax = 50;

function sayDetails({ result }: TaskRecord): string[] {
  const differences = (result?.["differences"] ?? []) as readonly { path: string; what: readonly string[] }[];
  const dropped = (result?.["dropped"] ?? []) as readonly { root: string; reason: string; used_at: string }[];
  return [
    ...differences.map(({ path, what }) => `  ${showPath(path) || "(the repository)"}  ${what.join(", ")}`),
    ...dropped.map(({ root, reason, used_at }) => `  ${oneLine(root)}  ${reason}, last used ${used_at}`),
  ].slice(0, linesMax);
}

async function answerCoverage(
  named: string,
  withLedger: boolean,
  program: Command,
  session: Session,
): Promise<void> {
  const deps = await session.deps(program);
  const { repository } = chooseExactly(deps.index, named, deps.cwd);
  const coverage = { repository, ...viewCoverage(deps.index.care.coverage(repository)) };
  const ledger = withLedger ? deps.index.skipped(repository) : [];
  const { bold, dim } = session.colors.out;
  const lines = [
    `${bold(coverage.repository)}  ${plural(coverage.files, "file")}: ${coverage.indexed} indexed, ${coverage.pending} pending, ${coverage.with_parse_errors} with parse errors, ${coverage.as_text} as text only`,
    ...Object.entries(coverage.skipped).map(
      ([reason, files]) => `  ${String(files).padStart(7)} skipped: ${reason}`,
    ),
    ...coverage.languages.map(
      ({ language, files, bytes, symbols, with_parse_errors: broken }) =>
        `  ${String(files).padStart(7)} ${language}  ${dim(`${grouped(bytes)} bytes, ${plural(symbols, "symbol")}${broken > 0 ? `, ${broken} with parse errors` : ""}`)}`,
    ),
    ...ledger.map(
      ({ path, reason, detail }) =>
        `  ${reason}  ${showPath(path)}${detail === null ? "" : `  (${oneLine(detail)})`}`,
    ),
  ];
  session.answer(withLedger ? { ...coverage, ledger } : coverage, lines.join("\n"));
}
