/** `cambium control`: steers the workers of this store while they run. */
import { type Command, Option } from "commander";
import { CambiumError } from "../errors.ts";
import type { Answers, Command as WorkerCommand } from "../jobs/control.ts";
import { wholeNumber } from "./cli-ask.ts";
import { addLetterVerbs, addScheduleVerbs } from "./cli-letters.ts";
import type { Session } from "./cli-session.ts";
import {
  type AskFlags,
  addAskFlags,
  answerFromStore,
  askOptionsOf,
  byWorker,
  noteSilence,
  rangeIn,
  seconds,
} from "./cli-workers.ts";
import { isTerminal, sayStanding, viewTaskCut } from "./task-view.ts";

export function addControlCommand(program: Command, session: Session): void {
  const control = program
    .command("control")
    .description("steer workers while they run: their processes, queues, limits and end")
    .addHelpText(
      "after",
      "\nExamples:\n  $ cambium control pool_grow 2 --workers indexer-1\n  $ cambium control rate_limit indexing 100/m\n  $ cambium control shutdown",
    );
  addPoolVerbs(control, program, session);
  addConsumerVerbs(control, program, session);
  addLimitVerbs(control, program, session);
  addQueueVerbs(control, program, session);
  addRevokeVerb(control, program, session);
  addLetterVerbs(control, program, session);
  addScheduleVerbs(control, program, session);
}

/** A verb with the flags of all that ask workers, also under its name with hyphens. */
function addVerb(control: Command, name: string, about: string, examples: readonly string[]): Command {
  const verb = control.command(name).description(about);
  if (name.includes("_")) verb.alias(name.replaceAll("_", "-"));
  const lines = examples.map(
    (example) => `  $ cambium control ${name}${example === "" ? "" : ` ${example}`}`,
  );
  return addAskFlags(verb).addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

/** Of no worker nothing can be asked; what stands in the store can be changed all the same. */
async function tellWorkers(command: WorkerCommand, flags: AskFlags, program: Command, session: Session) {
  const { control } = await session.deps(program);
  const asked = await control.ask(command, askOptionsOf(flags));
  if (Object.keys(byWorker(asked)).length + asked.silent.length === 0) {
    throw new CambiumError("unavailable", "No worker is alive. Start one with `cambium worker`.");
  }
  answerAsked({}, "", asked, flags, session);
}

function answerAsked(more: object, words: string, asked: Answers, flags: AskFlags, session: Session): void {
  const lines = Object.entries(asked.answers).map(([name, answer]) => {
    const told = Object.entries(answer).map(([key, value]) => sayFact(key, value));
    return `${session.colors.out.bold(name)}  ${told.join(", ")}`;
  });
  const document = { ...more, workers: byWorker(asked), silent: asked.silent };
  session.answer(document, [...(words === "" ? [] : [words]), ...lines].join("\n"));
  noteSilence(asked, flags, session);
}

const sayFact = (key: string, value: unknown) =>
  key === "ok"
    ? value === true
      ? "done"
      : String(value)
    : `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`;

function addPoolVerbs(control: Command, program: Command, session: Session): void {
  const tell = (command: WorkerCommand, flags: AskFlags) => tellWorkers(command, flags, program, session);
  addVerb(control, "ping", "ask who is there", ["", "--timeout 5"]).action((flags: AskFlags) =>
    tell({ verb: "ping" }, flags),
  );
  for (const [verb, about] of [
    ["pool_grow", "add child processes"],
    ["pool_shrink", "take child processes away; one stays, and running jobs end first"],
  ] as const) {
    addVerb(control, verb, about, ["", "2 --workers indexer-1"])
      .argument("[count]", "how many", wholeNumber(1, 64), 1)
      .action((count: number, flags: AskFlags) => tell({ verb, count }, flags));
  }
  addVerb(control, "autoscale", "let the number of child processes follow the work", ["8,2", "off"])
    .argument("<max,min>", "the most and the fewest, or off", (text) =>
      text === "off" ? text : rangeIn(text),
    )
    .action((range: ReturnType<typeof rangeIn> | "off", flags: AskFlags) =>
      tell({ verb: "autoscale", ...(range === "off" ? {} : { range }) }, flags),
    );
  addVerb(control, "shutdown", "end workers; running jobs end first or are handed back", [
    "",
    "--cold -d indexer-1",
  ])
    .option("--cold", "do not wait: running jobs are handed back at once")
    .action((flags: AskFlags & { cold?: boolean }) =>
      tell({ verb: "shutdown", how: flags.cold === true ? "cold" : "warm" }, flags),
    );
}

function addConsumerVerbs(control: Command, program: Command, session: Session): void {
  for (const [verb, about] of [
    ["add_consumer", "take jobs from this queue too"],
    ["cancel_consumer", "take no more jobs from this queue; running ones end"],
  ] as const) {
    addVerb(control, verb, about, ["indexing --workers indexer-1"])
      .argument("<queue>", "as `cambium inspect queues` shows it")
      .action((queue: string, flags: AskFlags) => tellWorkers({ verb, queue }, flags, program, session));
  }
}

function addLimitVerbs(control: Command, program: Command, session: Session): void {
  const rateLimit = control
    .command("rate_limit")
    .alias("rate-limit")
    .description("how many jobs of a queue may begin in a time, over all workers; kept in the store")
    .argument("<queue>", "as `cambium inspect queues` shows it")
    .argument("<rate>", "for example 10/s, 100/m or 1000/h; none takes the limit away");
  answerFromStore(rateLimit, session, async (queue: string, rate: string) => {
    const { control: remote } = await session.deps(program);
    await remote.setRateLimit(queue, rate);
    const now = (await remote.queues()).find((one) => one.queue === queue)?.rate_limit ?? null;
    return [{ queue, rate_limit: now }, `${queue}: ${now === null ? "no limit" : `at most ${now}`}`];
  }).addHelpText(
    "after",
    "\nExamples:\n  $ cambium control rate_limit indexing 100/m\n  $ cambium control rate_limit indexing none",
  );
  addVerb(
    control,
    "time_limit",
    "how long a run of a kind may take; kept in the store, for runs that begin now",
    ["index_files 300", "index_files 300 360", "index_files none"],
  )
    .argument("<kind>", "as `cambium inspect registered` shows it")
    .argument("<soft>", "seconds until it is asked to stop; none: as the kind says", secondsOrNone)
    .argument("[hard]", "seconds until its process is killed", seconds(0.001, 2_000_000))
    .action(async (kind: string, soft: number | "none", hard: number | undefined, flags: AskFlags) => {
      if (soft === "none" && hard !== undefined) {
        const text = "A hard limit needs a soft one: time_limit <kind> <soft> <hard>.";
        throw new CambiumError("invalid_argument", text);
      }
      const limit = {
        ...(soft === "none" ? {} : { softMs: soft * 1000 }),
        ...(hard === undefined ? {} : { hardMs: hard * 1000 }),
      };
      const { control: remote } = await session.deps(program);
      const asked = await remote.setTimeLimit(kind, limit, askOptionsOf(flags));
      const document = { kind, soft_ms: limit.softMs ?? null, hard_ms: limit.hardMs ?? null };
      answerAsked(document, "Kept for workers that start later, too.", asked, flags, session);
    });
}

const secondsOrNone = (text: string) => (text === "none" ? text : seconds(0.001, 2_000_000)(text));

function addQueueVerbs(control: Command, program: Command, session: Session): void {
  for (const [verb, about, isPaused] of [
    ["pause", "let no worker take anything from a queue", true],
    ["resume", "let workers take from a paused queue again", false],
  ] as const) {
    const pausing = control
      .command(verb)
      .description(about)
      .argument("<queue>", "as `cambium inspect queues` shows it");
    answerFromStore(pausing, session, async (queue: string) => {
      await (await session.deps(program)).control.setPaused(queue, isPaused);
      return [{ queue, is_paused: isPaused }, `${queue}: ${isPaused ? "paused" : "resumed"}`];
    }).addHelpText("after", `\nExamples:\n  $ cambium control ${verb} indexing`);
  }
}

function addRevokeVerb(control: Command, program: Command, session: Session): void {
  const revoke = async (ids: readonly string[], terminate: boolean, flags: AskFlags) => {
    const { tasks, control: remote } = await session.deps(program);
    const revoked = [];
    for (const id of ids) revoked.push(await tasks.cancel(id, { terminate }));
    // A waiting task is revoked in the store; only who runs one must hear of it.
    const asked = revoked.every(isTerminal)
      ? { answers: {}, refusals: {}, silent: [] }
      : await remote.ask({ verb: "look_for_revoked" }, askOptionsOf(flags));
    const words = revoked.map((task) => `${task.task_id}  ${task.state}  ${sayStanding(task)}`).join("\n");
    answerAsked({ revoked: revoked.map(viewTaskCut) }, words, asked, flags, session);
  };
  const id = ["<ids...>", "as `cambium tasks` shows them"] as const;
  addVerb(control, "revoke", "cancel tasks wherever they wait or run", ["3f1c…", "3f1c… --terminate"])
    .argument(...id)
    .addOption(new Option("--terminate", "kill the processes that run them"))
    .action((ids: string[], flags: AskFlags & { terminate?: boolean }) =>
      revoke(ids, flags.terminate === true, flags),
    );
  addVerb(control, "terminate", "the same as revoke --terminate", ["3f1c…"])
    .argument(...id)
    .action((ids: string[], flags: AskFlags) => revoke(ids, true, flags));
}
