/** A store that fails for a moment under a job that a worker holds: the job itself has done nothing wrong. */
import { fileURLToPath } from "node:url";
import type { IQueueBackend } from "bullmq";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JobsHarness, kinds } from "../../test/fixtures/jobs-harness.ts";
import type { QueueConnection } from "./connection.ts";
import { ChildPool } from "./pool.ts";
import { type RunningWorker, startWorker } from "./worker.ts";

let jobs: JobsHarness;
let worker: RunningWorker;
beforeEach(() => {
  jobs = new JobsHarness();
});
afterEach(async () => {
  await worker.stop("cold");
  await jobs.close();
});

type Member = "addJobs" | "getJobData" | "moveToCompleted";

/** Of one queue's backends the next calls of a member throw, as often as `left` says. */
function trouble(queue: string, member: Member, error: () => Error) {
  const faults = { left: 0, thrown: 0 };
  const connection: QueueConnection = {
    connection: jobs.store.connection,
    backend: (name, options, how) => {
      const backend = jobs.store.backend(name, options, how);
      if (name !== queue) return backend;
      const real = (backend[member] as (...given: unknown[]) => Promise<unknown>).bind(backend);
      const failing = async (...given: unknown[]) => {
        if (faults.left === 0) return real(...given);
        faults.left -= 1;
        faults.thrown += 1;
        throw error();
      };
      return Object.assign(backend, { [member]: failing }) as IQueueBackend;
    },
  };
  return { faults, connection };
}

async function begin(connection: QueueConnection, leaseMs = 15_000): Promise<void> {
  const pool = new ChildPool({
    script: fileURLToPath(new URL("../../test/fixtures/jobs-child.mjs", import.meta.url)),
    args: [],
    size: 2,
    maxJobsPerChild: 1000,
    maxRssBytes: 2 ** 40,
    abortGraceMs: 300,
  });
  const more = { kind: "foreground", name: "troubled", warmShutdownMs: 100, log: () => {} } as const;
  const registry = jobs.store.workers;
  const started = await startWorker({ connection, registry, kinds, pool, leaseMs, ...more });
  if (started === undefined) throw new Error("It was refused.");
  worker = started;
}

const broken = () => Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR" });

describe("a store that fails for a moment", () => {
  it.each([
    ["tasks", "getJobData"],
    ["parts", "addJobs"],
  ] as const)("while a step has run costs it no attempt (%s, %s)", async (queue, member) => {
    const { faults, connection } = trouble(queue, member, broken);
    await begin(connection);
    const folder = jobs.folder();
    faults.left = 3;
    expect(await jobs.run("flow", { folder, parts: 2 })).toMatchObject({ state: "SUCCESS", attempts: 1 });
    expect(faults.thrown).toBe(3);
    expect(jobs.lines(folder, "steps")).toHaveLength(2);
  });

  it("while a result is stored costs neither the result nor an attempt", async () => {
    const { faults, connection } = trouble("tasks", "moveToCompleted", broken);
    await begin(connection);
    faults.left = 4;
    expect(await jobs.run("echo", { value: 1 })).toMatchObject({ state: "SUCCESS", attempts: 1 });
    expect(faults.thrown).toBe(4);
  });

  it("and for longer has the job run again when its lease is over, and does not fail it", async () => {
    const { faults, connection } = trouble("tasks", "moveToCompleted", broken);
    await begin(connection, 1000);
    faults.left = 5;
    expect(await jobs.run("echo", { value: 1 })).toMatchObject({ state: "SUCCESS", attempts: 1 });
    expect(faults.left).toBe(0);
  });

  it("is not asked again where BullMQ has refused", async () => {
    const refusal = () => Object.assign(new Error("Missing lock for job"), { code: -2 });
    const { faults, connection } = trouble("tasks", "moveToCompleted", refusal);
    await begin(connection);
    faults.left = 1;
    expect(await jobs.run("echo", { value: 1 })).toMatchObject({ state: "SUCCESS", attempts: 2 });
  });
});
