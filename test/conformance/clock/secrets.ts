/** T-TENANT, T-SIGN, T-ENC: who may see, make and read what. */
import { describe, expect } from "vitest";
import { openSealer } from "../../../src/jobs/seal.ts";
import type { Place } from "../../clock/place.ts";
import { prove, proveAlone, type Setting } from "./prove.ts";

const oldKey = "old:sixteen-letters-and-more";
const newKey = "new:another-long-secret-text";

export function describeTenants(setting: Setting): void {
  prove(
    setting,
    "T-TENANT no reading, steering or joining across, and limits are each one's own",
    async (place) => {
      const open = (tenant: string) => place.openFront({ tenant, tenantLimits: { maxUnfinished: 2 } });
      const [red, blue] = [open(place.label()), open(place.label())] as const;
      const request = { kind: "work", args: {}, countdownMs: 60_000, deduplicationKey: "same" };
      const { task: mine } = await red.enqueue(request);
      const { task: theirs, joined } = await blue.enqueue(request);
      expect(joined).toBe(false);
      expect(theirs.task_id).not.toBe(mine.task_id);
      expect((await red.enqueue(request)).joined).toBe(true);
      for (const stranger of [blue, place.front]) {
        expect(await stranger.find(mine.task_id)).toBeUndefined();
        expect((await stranger.list()).map(({ task_id }) => task_id)).not.toContain(mine.task_id);
        for (const steer of [
          () => stranger.cancel(mine.task_id),
          () => stranger.retry(mine.task_id),
          () => stranger.wait(mine.task_id, { timeoutMs: 10 }),
          () => stranger.deadLetters.redrive([mine.task_id]),
        ])
          await expect(steer()).rejects.toMatchObject({ code: "not_found" });
      }
      await red.enqueue({ ...request, deduplicationKey: "second" });
      await expect(red.enqueue({ ...request, deduplicationKey: "third" })).rejects.toMatchObject({
        code: "exhausted",
      });
      await blue.enqueue({ ...request, deduplicationKey: "second" });
      await red.cancel(mine.task_id);
      const { task: third } = await red.enqueue({ kind: "work", args: { value: 3 } });
      expect(await red.wait(third.task_id, { timeoutMs: 30_000 })).toMatchObject({
        state: "SUCCESS",
        result: { value: 3 },
      });
      expect(await red.schedules.list()).toEqual([]);
      for (const front of [red, blue])
        for (const { task_id } of await front.list()) await front.cancel(task_id);
    },
  );
}

export function describeSecrets(setting: Setting): void {
  const alone = (name: string, run: (place: Place) => Promise<void>) => proveAlone(setting, name, run);

  describe("seals", () => {
    alone(
      "T-SIGN what is unsigned, changed or copied is refused and never runs; keys rotate",
      async (place) => {
        const keys = { signing: `${newKey},${oldKey}` };
        await place.startAll(setting.processes, { keys, pool: { size: 1 } });
        await expectRefusals(place);
        // The parts of canvases and flows are signed by the worker.
        const front = place.openFront({ sealer: openSealer({ signing: newKey }) });
        const part = (value: number) => ({ kind: "part", args: { value } });
        const { task } = await front.submit({ chord: { header: [part(1), part(2)], body: part(3) } });
        const end = await front.wait(task.task_id, { timeoutMs: 30_000 });
        expect(end).toMatchObject({ state: "SUCCESS", result: { value: 3 } });
        const bound = { signing: `bound[parts]:${"x".repeat(20)}` };
        const { answer } = await place.tryStart({ keys: bound, queues: ["tasks"] });
        expect(answer).toMatch(/refused.*forbidden/);
      },
    );

    alone("T-ENC results cannot be read at rest, and go on through a chain", async (place) => {
      const encryption = "e1:a-key-for-results-only";
      await place.startAll(setting.processes, { keys: { encryption }, pool: { size: 1 } });
      const front = place.openFront({ sealer: openSealer({ encryption }) });
      const label = place.label();
      const value = "a-secret-result";
      const first = { kind: "part", args: { value } };
      const last = { kind: "part", args: { log: place.log, label, value } };
      const { task } = await front.submit({ chain: [first, last] });
      const end = await front.wait(task.task_id, { timeoutMs: 30_000 });
      expect(end).toMatchObject({ state: "SUCCESS", result: { value } });
      expect(place.notes(label, "end")).toMatchObject([{ previous: [{ value }] }]);
      const stored = (await place.queue("tasks").getJob(task.task_id))?.returnvalue;
      expect(stored).toMatchObject({ enc: { keyId: "e1" } });
      expect(JSON.stringify(stored)).not.toContain(value);
      const withoutKey = await place.front.find(task.task_id).catch((error: Error) => error.message);
      expect(JSON.stringify((withoutKey as { result?: unknown }).result ?? null)).not.toContain(value);
    });
  });
}

async function expectRefusals(place: Place): Promise<void> {
  const tasks = place.queue("tasks");
  const ask = async (signing: string, more = {}) => {
    const label = place.label();
    const front = place.openFront({ sealer: openSealer({ signing }) });
    const args = { log: place.log, label };
    return { label, task: (await front.enqueue({ kind: "work", args, ...more })).task };
  };
  for (const signing of [oldKey, newKey, `${newKey},${oldKey}`])
    expect((await place.ended((await ask(signing)).task.task_id)).state).toBe("SUCCESS");

  const changed = await ask(newKey, { countdownMs: 5000 });
  const job = await tasks.getJob(changed.task.task_id);
  await job?.updateData({ ...job.data, args: { ...job.data.args, value: "tampered" } });
  const unsigned = await place.ask("work");
  const foreign = await ask("new:a-secret-that-nobody-here-has");
  const original = await ask(newKey);
  await place.ended(original.task.task_id);
  await tasks.add("work", (await tasks.getJob(original.task.task_id))?.data, { jobId: "copied" });
  for (const id of [changed, unsigned, foreign].map(({ task }) => task.task_id).concat("copied"))
    expect(await place.ended(id)).toMatchObject({ state: "FAILURE", error: { code: "forbidden" } });
  for (const { label } of [changed, unsigned, foreign]) expect(place.notes(label)).toEqual([]);
  expect(place.notes(original.label, "begin")).toHaveLength(1);
}
