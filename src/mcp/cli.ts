/** The command line: parses, calls the same rooms as the MCP tools, and answers in words or in one JSON document. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { CambiumError } from "../errors.ts";
import { addAskCommands, wholeNumber } from "./cli-ask.ts";
import { addCareCommands } from "./cli-care.ts";
import { addControlCommand } from "./cli-control.ts";
import { addDoctorCommand } from "./cli-doctor.ts";
import { addEmbedCommands } from "./cli-embed.ts";
import { addIndexCommand } from "./cli-index.ts";
import { addInitCommand } from "./cli-init.ts";
import { addInspectCommand } from "./cli-inspect.ts";
import { addOutlineCommand } from "./cli-outline.ts";
import { addRepositoryCommands } from "./cli-repositories.ts";
import { addServeCommand } from "./cli-serve.ts";
import {
  type CliIo,
  type CliRoot,
  flagOf,
  openSession,
  type Session,
  type WorkerFlags,
} from "./cli-session.ts";
import { addTaskCommands } from "./cli-tasks.ts";
import { addWatchCommand } from "./cli-watch.ts";
import { namesIn, rangeIn } from "./cli-workers.ts";
import { exitCodeOf } from "./failures.ts";

export type { CliIo, CliRoot, CliStream, SettingFlags, WorkerFlags } from "./cli-session.ts";
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
  for (const { env, about, noFlag, isSwitch } of Object.values(root.settings)) {
    const option = new Option(
      `--${flagOf(env)}${isSwitch === true ? "" : " <value>"}`,
      `${about} (${env})`,
    ).helpGroup("Settings:");
    program.addOption(noFlag === true ? option.hideHelp().argParser(refuseSecret(env)) : option);
  }
  addIndexCommand(program, session);
  addAskCommands(program, session);
  addOutlineCommand(program, session);
  addEmbedCommands(program, session);
  addTaskCommands(program, session);
  addRepositoryCommands(program, session);
  addWatchCommand(program, session);
  addCareCommands(program, session);
  addServerCommands(program, session);
  addServeCommand(program, session);
  addWorkerCommand(program, session);
  addInspectCommand(program, session);
  addControlCommand(program, session);
  addInitCommand(program, session);
  addDoctorCommand(program, session);
  return program.addHelpText("after", overview);
}

/** Its value is in no message; commander's own would show it. */
const refuseSecret = (env: string) => (): never => {
  const text = `A secret is never given as a flag, which everybody on the machine can read. Set ${env}, or write it to settings.json; change a secret that was given so.`;
  throw new CambiumError("invalid_argument", text);
};

const overview = `
Examples:
  $ cambium index . --wait                    index the current folder and see it done
  $ cambium search "parse config file"        find code in words
  $ cambium symbol Parser.parse               find a definition
  $ cambium mcp                               serve an MCP client over stdio
  $ cambium serve                             serve MCP and REST over HTTP

Every command has its own help: cambium <command> --help
Secrets are set in the environment or settings.json: CAMBIUM_TOKEN, CAMBIUM_SIGNING_KEYS,
CAMBIUM_ENCRYPTION_KEYS.
With --json a command prints exactly one JSON document on stdout.
Exit codes: 0 done, 2 your mistake, 70 our fault, 75 try again later, 130 interrupted.`;

function addServerCommands(program: Command, session: Session): void {
  const { root } = session;
  program
    .command("mcp")
    .description("serve an MCP client over stdin and stdout")
    .addHelpText(
      "after",
      "\nExamples:\n  $ claude mcp add cambium -- npx -y cambium-mcp mcp\n  $ cambium mcp --roots ~/code --read-only\n  $ cambium mcp --toolset ask,index",
    )
    .action(async () => {
      session.takeSignals();
      await root.serveMcp(session.flags(program));
    });
}

function addWorkerCommand(program: Command, session: Session): void {
  const children = wholeNumber(1, 1_000_000);
  program
    .command("worker")
    .description("run a worker in the foreground; usually one is started when it is needed")
    .addOption(new Option("--queues <a,b>", "serve only these; default: all").argParser(namesIn))
    .addOption(
      new Option("--autoscale <max,min>", "let the child processes follow the work").argParser(rangeIn),
    )
    .addOption(new Option("--max-tasks-per-child <n>", "then a new process takes over").argParser(children))
    .addOption(new Option("--max-memory-per-child <MB>", "the same, by memory").argParser(children))
    .addOption(
      new Option("--name <name>", "shown by `cambium inspect`; default: host and process").argParser(
        workerName,
      ),
    )
    .addHelpText(
      "after",
      "\nExamples:\n  $ cambium worker\n  $ cambium worker --concurrency 4 --log-level debug\n  $ cambium worker --queues indexing --autoscale 8,2 --name indexer-1",
    )
    .action(async (options: Omit<WorkerFlags, "maxMemoryPerChildBytes"> & { maxMemoryPerChild?: number }) => {
      const { maxMemoryPerChild, ...rest } = options;
      const bytes =
        maxMemoryPerChild === undefined ? {} : { maxMemoryPerChildBytes: maxMemoryPerChild * 2 ** 20 };
      session.takeSignals();
      await session.root.runWorker(session.flags(program), { ...rest, ...bytes });
    });
}

/** It is typed in lists and shown in tables. */
function workerName(text: string): string {
  if (/^[\w.@-]{1,60}$/.test(text)) return text;
  throw new InvalidArgumentError("It must be at most 60 letters, digits, dots, hyphens, underscores or @.");
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
