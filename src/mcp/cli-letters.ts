/** `cambium control redrive`, `purge`, `schedule` and `unschedule`: tasks that failed for good, and tasks that come again. */
import { type Command, Option } from "commander";
import { CambiumError } from "../errors.ts";
import type { Session } from "./cli-session.ts";
import { answerFromStore, type StoreAnswer, seconds } from "./cli-workers.ts";
import { viewTaskCut } from "./task-view.ts";
import { plural } from "./text.ts";
import type { ToolDeps } from "./tool.ts";
import { indexKind } from "./tools/repositories.ts";
import { refuseOutside } from "./tools/tasks.ts";

export function addLetterVerbs(control: Command, program: Command, session: Session): void {
  type Act = (deps: ToolDeps, ids: readonly string[] | undefined) => Promise<StoreAnswer>;
  const add = (name: string, about: string, act: Act) => {
    const verb = control
      .command(name)
      .description(about)
      .argument("[ids...]", "as `cambium inspect failed` shows them")
      .option("--all", "every dead letter");
    answerFromStore(verb, session, async (ids: string[], { all = false }: { all?: boolean }) => {
      if (all === ids.length > 0) {
        throw new CambiumError("invalid_argument", `Name the tasks, or say \`${name} --all\`.`);
      }
      return act(await session.deps(program), all ? undefined : ids);
    }).addHelpText(
      "after",
      `\nExamples:\n  $ cambium control ${name} 3f1c…\n  $ cambium control ${name} --all`,
    );
  };
  add("redrive", "run dead letters again, under new ids and with fresh counters", async (deps, ids) => {
    const letters = deps.tasks.deadLetters;
    const redriven = await letters.redrive(ids, (letter) => refuseOutside(letter, deps));
    const words = redriven.map((task) => `${task.task_id}  ${task.state}  ${task.kind}`);
    const left = ids === undefined ? await letters.list(1000) : [];
    if (left.length > 0)
      session.note(
        `${plural(left.length, "dead letter")} left: failed again by now, not signed by a key that is known here, or about a folder that may not be indexed.`,
      );
    return [{ redriven: redriven.map(viewTaskCut) }, words.join("\n") || "No dead letter was run again."];
  });
  add("purge", "throw dead letters away", async ({ tasks }, ids) => {
    const purged = await tasks.deadLetters.purge(ids);
    return [{ purged }, `Removed ${plural(purged, "dead letter")}.`];
  });
}

interface ScheduleFlags {
  readonly cron?: string;
  readonly every?: number;
  readonly timeZone?: string;
  readonly missed?: "once" | "skip";
}

export function addScheduleVerbs(control: Command, program: Command, session: Session): void {
  const schedule = control
    .command("schedule")
    .description(
      "index a folder again and again; each run comes once, and joins a task that indexes the folder already",
    )
    .argument("<id>", "names the schedule; one that exists is changed")
    .argument("<path>", "the repository's folder")
    .option("--cron <fields>", 'five fields, such as "30 4 * * 1-5"')
    .addOption(new Option("--every <seconds>", "or an interval").argParser(seconds(1, 31_536_000)))
    .option("--time-zone <name>", "where the cron is read, such as Europe/Rome; default: UTC")
    .addOption(
      new Option("--missed <policy>", "a run nobody was there for is made up once, or skipped").choices([
        "once",
        "skip",
      ]),
    );
  answerFromStore(schedule, session, async (id: string, path: string, flags: ScheduleFlags) => {
    const { tasks, policy } = await session.deps(program);
    if ((flags.cron === undefined) === (flags.every === undefined)) {
      const text = 'Say when: --cron "30 4 * * *" or --every 3600, one of them.';
      throw new CambiumError("invalid_argument", text);
    }
    const args = { root: policy.resolveRepositoryRoot(path) };
    await tasks.schedules.upsert(id, timesOf(flags), { kind: indexKind, args, deduplicationKey: args.root });
    const stored = (await tasks.schedules.list()).find((one) => one.id === id);
    return [{ schedule: stored ?? null }, `${id}: next at ${stored?.next_at ?? "an unknown time"}`];
  }).addHelpText(
    "after",
    '\nExamples:\n  $ cambium control schedule nightly ~/code/shop --cron "30 4 * * *" --time-zone Europe/Rome\n  $ cambium control schedule hourly . --every 3600 --missed skip',
  );
  const unschedule = control
    .command("unschedule")
    .description("end a schedule; a run that has begun goes on")
    .argument("<id>", "as `cambium inspect schedules` shows it");
  answerFromStore(unschedule, session, async (id: string) => {
    const removed = await (await session.deps(program)).tasks.schedules.remove(id);
    if (!removed) {
      const text = `There is no schedule ${JSON.stringify(id)}. See them: cambium inspect schedules`;
      throw new CambiumError("not_found", text);
    }
    return [{ id, removed }, `${id}: removed`];
  }).addHelpText("after", "\nExamples:\n  $ cambium control unschedule nightly");
}

const timesOf = ({ cron, every, timeZone, missed }: ScheduleFlags) => ({
  ...(cron === undefined ? {} : { cron }),
  ...(every === undefined ? {} : { everyMs: Math.round(every * 1000) }),
  ...(timeZone === undefined ? {} : { timeZone }),
  ...(missed === undefined ? {} : { missed }),
});
