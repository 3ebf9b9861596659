/** A chord of 10,000 headers on each store: all run, the body gets all their results, and nothing is left. */
import { describe, expect, it } from "vitest";
import { leaseDefaultMs } from "../../src/jobs/worker-parts.ts";
import { openPlaceFor } from "../clock/place.ts";
import { missingStore } from "../fixtures/stores.ts";

const headers = 10_000;

describe.each(["sqlite", "redis", "postgres"] as const)("a large chord on %s", (store) => {
  it.skipIf(missingStore(store) !== undefined)(`of ${headers} headers ends with its body`, async () => {
    await openPlaceFor(store, async (place) => {
      // As in real use: ten thousand parts are stored in one go, which on a busy machine outlasts the suite's short lease.
      await place.startAll(3, { leaseMs: leaseDefaultMs });
      const label = place.label();
      const header = Array.from({ length: headers }, (_, value) => ({ kind: "io_part", args: { value } }));
      const body = { kind: "io_part", args: { log: place.log, label, value: "all" } };
      const { task } = await place.front.submit({ chord: { header, body } });
      expect(await place.ended(task.task_id, 600_000)).toMatchObject({
        state: "SUCCESS",
        error: null,
        result: { value: "all" },
      });
      const [note] = place.notes(label, "end");
      expect(note?.previous).toEqual(header.map(({ args }) => args));
      const left = await place.queue("io_parts").getJobCountByTypes("active", "waiting", "prioritized");
      expect(left).toBe(0);
    });
  });
});
