/** `cambium inspect` and `cambium control` on real workers: documents, words, exit codes and clear mistakes. */
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JobsHarness, kinds, type TestWorker } from "../../test/fixtures/jobs-harness.ts";
import { until } from "../../test/fixtures/until.ts";
import { openControl } from "../jobs/control.ts";
import { openTaskFront } from "../jobs/queue.ts";
import { type CliRoot, runCli } from "./cli.ts";
import type { ToolDeps } from "./tool.ts";

let jobs: JobsHarness;
beforeEach(() => {
  jobs = new JobsHarness();
});
afterEach(() => jobs.close());

async function run(...argv: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const connection = jobs.store;
  const tasks = openTaskFront({ connection, kinds });
  const control = openControl({ connection, registry: jobs.store.workers, kinds });
  const policy = { resolveRepositoryRoot: (path: string) => path };
  const close = async () => void (await Promise.all([tasks.close(), control.close()]));
  const open = async () => ({ tasks, control, policy, close }) as unknown as ToolDeps;
  const io = { stdout, stderr, noColor: true, signal: new AbortController().signal };
  const code = await runCli(argv, io, { version: "1", settings: {}, open } as unknown as CliRoot);
  return { code, out: String(stdout.read() ?? ""), err: String(stderr.read() ?? "") };
}

/** With time to answer, as the machine may be busy. */
async function document(...argv: string[]) {
  const { code, out, err } = await run(...argv, "--json");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as Record<string, unknown>;
}

const nameOf = ({ process: { pid } }: TestWorker) => `test-${pid}`;
const patient = ["--timeout", "10"];

describe("inspect", () => {
  it("answers keyed by the workers' names, in one shape each", async () => {
    const worker = await jobs.start();
    const name = nameOf(worker);
    const folder = jobs.folder();
    const task = await jobs.enqueue("nap", { folder });
    await until("it began", () => jobs.lines(folder, "began").length === 1);
    const held = {
      id: task.task_id,
      task_id: task.task_id,
      kind: "nap",
      queue: "tasks",
      since: expect.any(String),
    };
    const view = async (what: string) => document("inspect", what, ...patient);
    expect(await view("active")).toEqual({ workers: { [name]: [held] }, silent: [] });
    expect(await view("reserved")).toEqual({ workers: { [name]: [] }, silent: [] });
    expect(await view("registered")).toMatchObject({
      workers: { [name]: { slow: { soft_ms: 300, hard_ms: null } } },
    });
    expect(await view("stats")).toMatchObject({
      workers: {
        [name]: {
          ...{
            name,
            pid: worker.process.pid,
            concurrency: 2,
            active: 1,
            is_stopping: false,
            autoscale: null,
          },
          stats: { succeeded: 0, failed: 0, retried: 0, crashed: 0, children_started: 2 },
        },
      },
      silent: [],
    });
    expect(await view("workers")).toMatchObject({
      workers: { [name]: { answers: true, kind: "foreground", pid: worker.process.pid, concurrency: 2 } },
      silent: [],
    });
    expect((await run("inspect", "active", ...patient)).out).toMatch(
      new RegExp(`^${name}  1 job\n  ${task.task_id}  nap of tasks, since `),
    );
  });

  it("shows what stands in the store without any worker", async () => {
    const task = await jobs.enqueue("echo", {});
    await jobs.tasks.cancel(task.task_id);
    await jobs.tasks.enqueue({ kind: "echo", args: {}, countdownMs: 60_000 });
    expect(await document("inspect", "workers")).toEqual({ workers: {}, silent: [] });
    expect((await run("inspect", "stats")).out).toMatch(
      /^No worker is alive\. One starts with: cambium worker/,
    );
    expect(await document("inspect", "revoked")).toMatchObject({ revoked: [{ task_id: task.task_id }] });
    expect(await document("inspect", "failed")).toEqual({ failed: [] });
    expect(await document("inspect", "scheduled")).toMatchObject({
      scheduled: [{ kind: "echo", reason: "eta" }],
    });
    expect(await document("inspect", "queues")).toMatchObject({
      queues: { tasks: { scheduled: 1, rate_limit: null } },
    });
  });

  it("names who does not answer, and ends with 75", async () => {
    const worker = await jobs.start();
    expect(await document("control", "ping", ...patient)).toEqual({
      workers: { [nameOf(worker)]: { ok: "pong" } },
      silent: [],
    });
    worker.process.kill("SIGSTOP");
    const { code, out, err } = await run("inspect", "workers", "--timeout", "0.2", "--json");
    expect(code).toBe(75);
    expect(JSON.parse(out)).toMatchObject({
      workers: { [nameOf(worker)]: { answers: false } },
      silent: [nameOf(worker)],
    });
    expect(err).toMatch(`no answer within 0.2 s from: ${nameOf(worker)}.`);
  });
});

describe("control", () => {
  it("changes workers and limits, also under names with hyphens", async () => {
    const worker = await jobs.start();
    const name = nameOf(worker);
    const tell = async (...argv: string[]) => document("control", ...argv, ...patient);
    expect(await tell("pool_grow", "2")).toEqual({ workers: { [name]: { concurrency: 4 } }, silent: [] });
    expect(await tell("pool-shrink", "-d", name)).toEqual({
      workers: { [name]: { concurrency: 3 } },
      silent: [],
    });
    expect(await tell("autoscale", "4,2")).toMatchObject({
      workers: { [name]: { autoscale: { max: 4, min: 2 } } },
    });
    expect(await tell("autoscale", "off")).toMatchObject({ workers: { [name]: { autoscale: null } } });
    expect(await tell("cancel_consumer", "parts")).toMatchObject({
      workers: { [name]: { queues: ["tasks"] } },
    });
    expect(await tell("time_limit", "nap", "2", "3.5")).toMatchObject({
      kind: "nap",
      soft_ms: 2000,
      hard_ms: 3500,
    });
    expect(await document("control", "rate_limit", "tasks", "100/m")).toEqual({
      queue: "tasks",
      rate_limit: "100/m",
    });
    expect(await document("control", "pause", "tasks")).toEqual({ queue: "tasks", is_paused: true });
    expect(await tell("shutdown")).toMatchObject({ workers: { [name]: { stopping: "warm" } } });
    expect(await worker.ended).toBe(0);
    expect(await run("control", "pool_grow")).toMatchObject({
      code: 75,
      err: expect.stringContaining("No worker is alive. Start one with `cambium worker`."),
    });
  });

  it("revokes tasks that wait and tasks that run", async () => {
    const waiting = await jobs.enqueue("echo", {});
    const revoked = await document("control", "revoke", waiting.task_id);
    expect(revoked).toMatchObject({ revoked: [{ task_id: waiting.task_id, state: "REVOKED" }], workers: {} });
    const worker = await jobs.start();
    const folder = jobs.folder();
    const running = await jobs.enqueue("nap", { folder });
    await until("it began", () => jobs.lines(folder, "began").length === 1);
    expect(await document("control", "terminate", running.task_id, ...patient)).toMatchObject({
      workers: { [nameOf(worker)]: { ok: true } },
    });
    expect((await jobs.end(running.task_id)).state).toBe("REVOKED");
  });

  it("runs dead letters again, or throws them away", async () => {
    await jobs.start();
    const fail = async () =>
      jobs.run("fail", { folder: jobs.folder(), code: "invalid_argument", message: "It is no good." });
    const letters = [await fail(), await fail()];
    expect(letters.map(({ state }) => state)).toEqual(["FAILURE", "FAILURE"]);
    const ids = letters.map(({ task_id }) => task_id);
    expect(await document("inspect", "failed")).toMatchObject({
      failed: [{ task_id: ids[1], error: { message: "It is no good." } }, { task_id: ids[0] }],
    });
    expect((await run("control", "redrive")).code).toBe(2);
    const { redriven } = await document("control", "redrive", String(ids[0]));
    const [again] = redriven as { task_id: string }[];
    expect(again?.task_id).not.toBe(ids[0]);
    expect((await jobs.end(String(again?.task_id))).state).toBe("FAILURE");
    expect(await document("control", "purge", "--all")).toEqual({ purged: 2 });
    expect(await document("inspect", "failed")).toEqual({ failed: [] });
  });

  it.each([
    [["control", "rate_limit", "tasks", "fast"], /"fast" is no rate\. .*for example 10\/s/],
    [["control", "rate_limit", "nowhere", "1/s"], /There is no queue "nowhere"\. Known: tasks, parts\./],
    [["control", "add_consumer", "nowhere"], /There is no queue "nowhere"\. Known: tasks, parts\./],
    [["control", "time_limit", "nothing", "5"], /There is no kind "nothing"\. Known: .*nap/],
    [["control", "time_limit", "nap", "soon"], /number of seconds/],
    [["control", "time_limit", "nap", "5", "2"], /the hard one is not below the soft one/],
    [["control", "autoscale", "2,8"], /for example 8,2/],
    [["control", "pool_grow", "0"], /whole number from 1/],
    [["control", "revoke", "nothing"], /There is no task "nothing"/],
    [["control", "schedule", "x", "/x", "--cron", "61 * * * *"], /The cron "61 \* \* \* \*" is refused/],
    [["control", "unschedule", "x"], /There is no schedule "x"/],
    [["inspect", "active", "--workers", "ghost"], /No worker named "ghost" is alive\. None is; start one/],
    [["inspect", "active", "--timeout", "never"], /number of seconds/],
    [["inspect", "nothing"], /unknown command 'nothing'/],
    [["control", "explode"], /unknown command 'explode'/],
  ])("%j is the caller's mistake, and says so", async (argv, words) => {
    const { code, out, err } = await run(...argv);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(words);
  });
});

const words = (text: string) => text.split(" ");
it.each([
  ...words("workers active reserved registered stats scheduled queues revoked failed schedules").map(
    (view) => ["inspect", view],
  ),
  ...words(
    "ping pool_grow pool_shrink autoscale shutdown add_consumer cancel_consumer rate_limit time_limit",
  ).map((verb) => ["control", verb]),
  ...words("pause resume revoke terminate redrive purge schedule unschedule").map((verb) => [
    "control",
    verb,
  ]),
])("%s %s has help with examples, --json and --timeout", async (...argv) => {
  const { code, out } = await run(...argv, "--help");
  expect(code).toBe(0);
  expect(out).toContain(`Examples:\n  $ cambium ${argv.join(" ")}`);
  expect(out).toContain("--json");
  expect(out).toContain("--timeout <seconds>");
});
