/** `cambium inspect`: what the workers of this store do, and what waits in it. */
import { type Command, Option } from "commander";
import type { HeldJob, LivingWorker, QueueView, TellableFacts, TimeLimits } from "../jobs/control.ts";
import type { JsonObject } from "../jobs/task.ts";
import { wholeNumber } from "./cli-ask.ts";
import type { Session } from "./cli-session.ts";
import {
  type AskFlags,
  addAskFlags,
  answerFromStore,
  askOptionsOf,
  noteSilence,
  type StoreAnswer,
} from "./cli-workers.ts";
import { sayStanding, viewTaskCut } from "./task-view.ts";
import { plural } from "./text.ts";
import type { ToolDeps } from "./tool.ts";

export function addInspectCommand(program: Command, session: Session): void {
  const inspect = program
    .command("inspect")
    .description("what the workers do, and what waits; each worker answers within a second or is named")
    .addHelpText(
      "after",
      "\nExamples:\n  $ cambium inspect workers\n  $ cambium inspect active --json\n  $ cambium inspect stats --workers indexer-1",
    );
  const factsOf = async (flags: AskFlags) =>
    (await session.deps(program)).control.ask({ verb: "facts" }, askOptionsOf(flags));
  for (const [name, view] of Object.entries(factViews)) {
    addAskFlags(inspect.command(name).description(view.about))
      .addHelpText("after", `\nExamples:\n  $ cambium inspect ${name}\n  $ cambium inspect ${name} --json`)
      .action(async (flags: AskFlags) => {
        const asked = await factsOf(flags);
        const facts = Object.entries(asked.answers) as [string, TellableFacts][];
        const workers = Object.fromEntries(facts.map(([worker, told]) => [worker, view.pick(told)]));
        const words = facts.map(([worker, told]) => `${session.colors.out.bold(worker)}  ${view.say(told)}`);
        session.answer({ workers, silent: asked.silent }, sayAll(words, asked.silent));
        noteSilence(asked, flags, session);
      });
  }
  addWorkersView(inspect, program, session);
  addStoreViews(inspect, program, session);
}

interface FactView {
  readonly about: string;
  readonly pick: (facts: TellableFacts) => unknown;
  readonly say: (facts: TellableFacts) => string;
}

const sayJobs = (jobs: readonly HeldJob[]) =>
  [
    plural(jobs.length, "job"),
    ...jobs.map(({ id, kind, queue, since }) => `  ${id}  ${kind} of ${queue}, since ${since}`),
  ].join("\n");

const sayLimits = ([kind, limits]: [string, TimeLimits]) =>
  `  ${kind}  at most ${limits.soft_ms / 1000} s${limits.hard_ms === null ? "" : `, killed after ${limits.hard_ms / 1000} s`}`;

/** What each worker tells about itself, asked in one command. */
const factViews: Readonly<Record<string, FactView>> = {
  active: {
    about: "jobs that run in a child process",
    pick: (facts) => facts.active_jobs,
    say: (facts) => sayJobs(facts.active_jobs),
  },
  reserved: {
    about: "jobs that were taken and wait for a free child process",
    pick: (facts) => facts.reserved_jobs,
    say: (facts) => sayJobs(facts.reserved_jobs),
  },
  registered: {
    about: "kinds of jobs that may come, with the time limits in force",
    pick: (facts) => facts.registered,
    say: (facts) => ["", ...Object.entries(facts.registered).map(sayLimits)].join("\n"),
  },
  stats: {
    about: "counters, processes and memory",
    pick: statsOf,
    say: (facts) =>
      `${facts.stats.succeeded} done, ${facts.stats.failed} failed, ${facts.stats.retried} retried, ${facts.stats.crashed} crashed; ${facts.active} of ${facts.concurrency} busy, up ${Math.round(facts.uptime_seconds)} s, ${Math.round(facts.rss_bytes / 2 ** 20)} MB`,
  },
};

function statsOf({
  active_jobs: _active,
  reserved_jobs: _reserved,
  registered: _registered,
  ...rest
}: TellableFacts) {
  return rest satisfies JsonObject;
}

function sayAll(words: readonly string[], silent: readonly string[]): string {
  if (words.length > 0) return words.join("\n");
  return silent.length > 0 ? "" : "No worker is alive. One starts with: cambium worker";
}

function addWorkersView(inspect: Command, program: Command, session: Session): void {
  addAskFlags(
    inspect.command("workers").alias("ping").description("living workers, and whether each answers"),
  )
    .addHelpText(
      "after",
      "\nExamples:\n  $ cambium inspect workers\n  $ cambium inspect workers --timeout 5 --json",
    )
    .action(async (flags: AskFlags) => {
      const { control } = await session.deps(program);
      const alive = await control.workers();
      const asked = await control.ask({ verb: "ping" }, askOptionsOf(flags));
      const isMeant = ({ name }: LivingWorker) => flags.workers?.includes(name) ?? true;
      const views = alive
        .filter(isMeant)
        .map((worker) => [worker.name, viewWorker(worker, worker.name in asked.answers)] as const);
      const { bold, green, yellow } = session.colors.out;
      const words = views.map(
        ([name, view]) =>
          `${bold(name)}  ${view.answers ? green("answers") : yellow("silent")}  ${view.kind}, process ${view.pid} on ${view.host}, since ${view.started_at}`,
      );
      session.answer({ workers: Object.fromEntries(views), silent: asked.silent }, sayAll(words, []));
      noteSilence(asked, flags, session);
    });
}

function viewWorker(worker: LivingWorker, answers: boolean) {
  const { id, kind, pid, startedAt, heartbeatAt, info } = worker;
  const { name: _name, ...pulse } = info;
  const times = {
    started_at: new Date(startedAt).toISOString(),
    heartbeat_at: new Date(heartbeatAt).toISOString(),
  };
  // The registry keeps the process namespace beside the host.
  const [host = ""] = worker.host.split(" ");
  return { answers, id, kind, host, pid, ...times, ...pulse };
}

/** What stands in the store needs no worker to be told. */
function addStoreViews(inspect: Command, program: Command, session: Session): void {
  const most = new Option("--limit <n>", "at most so many").argParser(wholeNumber(1, 10_000)).default(100);
  const add = (
    name: string,
    about: string,
    look: (deps: ToolDeps, limit: number) => Promise<StoreAnswer>,
  ) => {
    const view = inspect.command(name).description(about).addOption(most);
    answerFromStore(view, session, async ({ limit }: { limit: number }) =>
      look(await session.deps(program), limit),
    ).addHelpText("after", `\nExamples:\n  $ cambium inspect ${name}\n  $ cambium inspect ${name} --json`);
  };
  const { bold } = session.colors.out;
  add("scheduled", "jobs that are not to begin yet, soonest first", async ({ control }, limit) => {
    const scheduled = await control.scheduled(limit);
    const words = scheduled.map((job) => `${job.eta ?? "retry"}  ${job.id}  ${job.kind} of ${job.queue}`);
    return [{ scheduled }, words.join("\n") || "Nothing is scheduled."];
  });
  add("queues", "what waits in each queue, its rate limit, and whether it is paused", async ({ control }) => {
    const queues = await control.queues();
    const byName = Object.fromEntries(queues.map(({ queue, ...rest }) => [queue, rest]));
    return [{ queues: byName }, queues.map((one) => `${bold(one.queue)}  ${sayQueue(one)}`).join("\n")];
  });
  const addTasks = (name: string, about: string, state: "FAILURE" | "REVOKED") =>
    add(name, about, async (deps, limit) => {
      const tasks = await deps.tasks.list({ states: [state], limit });
      const words = tasks.map((task) => `${task.task_id}  ${task.kind}  ${sayStanding(task)}`);
      return [{ [name]: tasks.map(viewTaskCut) }, words.join("\n") || "None."];
    });
  addTasks("revoked", "tasks that were cancelled, newest first", "REVOKED");
  addTasks("failed", "dead letters: tasks that failed for good, with the reason, newest first", "FAILURE");
  add("schedules", "what comes again and again, and when next", async ({ tasks }, limit) => {
    const schedules = (await tasks.schedules.list()).slice(0, limit);
    const words = schedules.map(({ id, kind, cron, everyMs = 0, timeZone = "", next_at }) => {
      const times = cron === undefined ? `every ${everyMs / 1000} s` : `${cron} ${timeZone}`;
      return `${bold(id)}  ${kind}, ${times}, next ${next_at ?? "never"}`;
    });
    return [{ schedules }, words.join("\n") || "There are no schedules."];
  });
}

const sayQueue = ({ waiting, active, scheduled, rate_limit, is_paused }: QueueView) =>
  `${waiting} waiting, ${active} active, ${scheduled} scheduled${rate_limit === null ? "" : `, at most ${rate_limit}`}${is_paused ? ", paused" : ""}`;
