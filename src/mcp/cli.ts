/** The command line: parses, calls the same rooms as the MCP tools, and answers in words or in one JSON document. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { CambiumError } from "../errors.ts";
import { addAskCommands } from "./cli-ask.ts";
import { addDoctorCommand } from "./cli-doctor.ts";
import { addIndexCommand } from "./cli-index.ts";
import { addRepositoryCommands } from "./cli-repositories.ts";
import { type CliIo, type CliRoot, flagOf, openSession, type Session } from "./cli-session.ts";
import { addTaskCommands } from "./cli-tasks.ts";
import { exitCodeOf } from "./failures.ts";

export type { CliIo, CliRoot, CliStream, SettingFlags } from "./cli-session.ts";
export type { DoctorCheck, DoctorFinding } from "./doctor.ts";

/** Runs one command line (without node and the script) and returns the exit code; never throws. */
export async function runCli(argv: readonly string[], io: CliIo, root: CliRoot): Promise<number> {
  const session = openSession(argv, io, root);
  const words = argv.length === 0 ? ["--help"] : [...argv];
  try {
    await Promise.race([buildProgram(session).parseAsync(words, { from: "user" }), interruptionOf(session)]);
    return session.exitCode;
  } catch (thrown) {
    return thrown instanceof CommanderError ? endOfParsing(thrown, session) : session.fail(thrown);
  } finally {
    await session.close();
  }
}

function buildProgram(session: Session): Command {
  const { io, root } = session;
  const program = new Command("cambium")
    .description("Indexes code repositories in durable background tasks, and answers questions about them.")
    .version(root.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      outputError: () => {},
      getOutHasColors: () => session.colors.out.isColorSupported,
      getErrHasColors: () => session.colors.err.isColorSupported,
    });
  for (const { env, about } of Object.values(root.settings)) {
    program.addOption(new Option(`--${flagOf(env)} <value>`, `${about} (${env})`).helpGroup("Settings:"));
  }
  addIndexCommand(program, session);
  addAskCommands(program, session);
  addTaskCommands(program, session);
  addRepositoryCommands(program, session);
  addServerCommands(program, session);
  addDoctorCommand(program, session);
  return program.addHelpText("after", overview);
}

const overview = `
Examples:
  $ cambium index . --wait                    index the current folder and watch it
  $ cambium search "parse config file"        find code in words
  $ cambium symbol Parser.parse               find a definition
  $ cambium mcp                               serve an MCP client over stdio

Every command has its own help: cambium <command> --help
With --json a command prints exactly one JSON document on stdout.
Exit codes: 0 done, 2 your mistake, 70 our fault, 75 try again later, 130 interrupted.`;

function addServerCommands(program: Command, session: Session): void {
  const { root } = session;
  program
    .command("mcp")
    .description("serve an MCP client over stdin and stdout")
    .addHelpText(
      "after",
      "\nExamples:\n  $ claude mcp add cambium -- npx -y cambium-mcp mcp\n  $ cambium mcp --roots ~/code",
    )
    .action(async () => {
      session.takeSignals();
      await root.serveMcp(session.flags(program));
    });
  program
    .command("worker")
    .description("run a worker in the foreground; usually one is started when it is needed")
    .addOption(new Option("--queues <a,b>", "serve only these; default: all").argParser(namesIn))
    .addHelpText(
      "after",
      "\nExamples:\n  $ cambium worker\n  $ cambium worker --concurrency 4 --log-level debug\n  $ cambium worker --queues indexing",
    )
    .action(async (options: { queues?: readonly string[] }) => {
      session.takeSignals();
      await root.runWorker(session.flags(program), options);
    });
}

function namesIn(list: string): readonly string[] {
  const names = list.split(",").map((name) => name.trim());
  if (!names.includes("")) return names;
  throw new InvalidArgumentError("It must be names with commas between them.");
}

/** Rejects at Ctrl-C, unless the command itself sees to it. */
function interruptionOf(session: Session): Promise<never> {
  return new Promise((_resolve, reject) => {
    const interrupt = () => {
      if (!session.ownsSignals()) reject(new CambiumError("cancelled", "Interrupted."));
    };
    session.io.signal.addEventListener("abort", interrupt, { once: true });
  });
}

/** Commander throws for help, the version and mistakes alike; only the last is a failure. */
function endOfParsing(thrown: CommanderError, session: Session): number {
  if (thrown.exitCode === 0) return 0;
  // Help was printed instead of a command that is missing.
  if (thrown.code === "commander.help") return exitCodeOf("invalid_argument");
  return session.fail(
    new CambiumError(
      "invalid_argument",
      `${thrown.message.replace(/^error: /, "")}\nSee \`cambium --help\`.`,
    ),
  );
}
