/** `cambium doctor`: explains what is wrong on this machine, and what to do about it. */
import type { Command } from "commander";
import type { Session } from "./cli-session.ts";
import { examine } from "./doctor.ts";

export function addDoctorCommand(program: Command, session: Session): void {
  program
    .command("doctor")
    .description(
      "check this machine: Node, the data folder, the stores, locks, the worker, watching, keys, clients",
    )
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nExits with 75 when something has to be mended.\n\nExamples:\n  $ cambium doctor\n  $ cambium doctor --json",
    )
    .action(async () => {
      const report = await examine(await session.root.doctorChecks(session.flags(program)));
      const { green, red } = session.colors.out;
      const lines = report.checks.map(({ name, ok, detail, remedy }) => {
        const line = `${ok ? green("ok  ") : red("FAIL")} ${name}: ${detail}`;
        return remedy === null ? line : `${line}\n     -> ${remedy}`;
      });
      session.answer(
        report,
        [...lines, report.ok ? "All is well." : "Something has to be mended."].join("\n"),
      );
      session.exitCode = report.ok ? 0 : 75;
    });
}
