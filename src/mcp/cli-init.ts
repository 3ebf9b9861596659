/** `cambium init`: writes our entry into the settings of the MCP clients on this machine, or shows it, or takes it out. */
import { type Command, Option } from "commander";
import type { Session } from "./cli-session.ts";
import { namesIn } from "./cli-workers.ts";
import { clients } from "./client-settings.ts";
import { hideHome } from "./failures.ts";
import { addToClients, type InitStep, removeFromClients } from "./init.ts";

interface InitFlags {
  readonly client?: readonly string[];
  readonly dryRun?: boolean;
  readonly undo?: boolean;
}

export function addInitCommand(program: Command, session: Session): void {
  const ids = clients.map(({ id }) => id).join(", ");
  program
    .command("init")
    .description("connect the MCP clients on this machine: write their settings, never over what is not ours")
    .addOption(new Option("--client <a,b>", `only these, found or not: ${ids}`).argParser(namesIn))
    .option("--dry-run", "say what would be done, and show what would be written")
    .option("--undo", "take out what was written")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nClaude Code is connected for the current folder, through its .mcp.json.\n\nExamples:\n  $ cambium init --dry-run\n  $ cambium init --client claude-code,cursor\n  $ cambium init --undo",
    )
    .action(async ({ client = [], dryRun = false, undo = false }: InitFlags) => {
      const places = await session.root.initPlaces(session.flags(program));
      const act = undo ? removeFromClients : addToClients;
      const steps = act(places, { only: client, dryRun });
      session.answer({ clients: steps, dry_run: dryRun }, sayAll(steps, { dryRun, undo }));
      session.exitCode = steps.some(({ action }) => action === "left") ? 75 : 0;
    });
}

function sayAll(steps: readonly InitStep[], { dryRun, undo }: Required<Omit<InitFlags, "client">>): string {
  if (steps.length === 0) {
    const ids = clients.map(({ id }) => id).join(", ");
    return undo
      ? "Nothing was written by `cambium init`."
      : `No client was found. Name one with --client: ${ids}.`;
  }
  return steps.map((step) => saySteps(step, dryRun)).join("\n");
}

function saySteps({ title, file, action, detail, entry }: InitStep, dryRun: boolean): string {
  const line = `${title}: ${action}. ${detail}\n    ${hideHome(file)}`;
  const showsEntry = action === "left" || (dryRun && (action === "added" || action === "replaced"));
  return showsEntry ? `${line}\n    ${JSON.stringify(entry)}` : line;
}
