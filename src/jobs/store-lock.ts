/** One process at a time, on every store: who adds the one job that a deduplication id allows holds the lock. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { CambiumError } from "../errors.ts";
import { openJobQueue, type QueueConnection } from "./connection.ts";

/** A holder that died holds it no longer than this. */
const holdMs = 10_000;
const patienceMs = 15_000;
const pauseMs = 20;

/** Throws `unavailable` when others hold it for too long, and what `act` throws. */
export async function withStoreLock<T>(
  through: QueueConnection,
  name: string,
  act: () => Promise<T>,
): Promise<T> {
  const queue = openJobQueue("locks", through);
  const jobId = randomUUID();
  const options = { jobId, deduplication: { id: name, ttl: holdMs } };
  const deadline = performance.now() + patienceMs;
  try {
    while ((await queue.add(name, { args: {} }, options)).id !== jobId) {
      if (performance.now() > deadline)
        throw new CambiumError("unavailable", `Others keep changing ${name}. Try again in a moment.`);
      await sleep(pauseMs * (1 + Math.random()));
    }
    for (const left of await queue.getJobs(["waiting"])) {
      if (left?.name === name && left.id !== jobId) await queue.remove(String(left.id));
    }
    return await act();
  } finally {
    await queue.remove(jobId);
    await queue.close();
  }
}
