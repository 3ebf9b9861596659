/** T-REVOKE: a task is cancelled wherever it is, from wherever, and never comes back. */
import { describe, expect } from "vitest";
import { prove, proveAlone, type Setting } from "./prove.ts";

export function describeRevoke(setting: Setting): void {
  describe("revoke", () => {
    prove(setting, "T-REVOKE a delayed one ends at once and never runs", async (place) => {
      const { task, label } = await place.ask("work", {}, { countdownMs: 5000 });
      expect(await place.front.cancel(task.task_id)).toMatchObject({ state: "REVOKED" });
      await place.run("work", {}, { countdownMs: 5300 });
      expect(place.notes(label)).toEqual([]);
      expect(await place.front.find(task.task_id)).toMatchObject({
        state: "REVOKED",
        error: { code: "cancelled" },
      });
    });

    prove(setting, "T-REVOKE a running one is aborted, from another process too", async (place) => {
      const { gate } = place.gate();
      const { task, label } = await place.ask("work", { gate });
      await place.begun(label);
      await place.elsewhere(["cancel", task.task_id]);
      expect(await place.ended(task.task_id)).toMatchObject({
        state: "REVOKED",
        error: { code: "cancelled" },
      });
      expect(place.notes(label, "aborted")).toMatchObject([{ code: "cancelled" }]);
      expect(place.notes(label, "begin")).toHaveLength(1);
    });

    prove(
      setting,
      "T-REVOKE with terminate even a child that does not yield is killed, and others take its work",
      async (place) => {
        const { task, label } = await place.ask("work", { spinMs: 60_000 });
        await place.begun(label);
        await place.front.cancel(task.task_id, { terminate: true });
        expect((await place.ended(task.task_id, 45_000)).state).toBe("REVOKED");
        expect((await place.run("work")).task.state).toBe("SUCCESS");
      },
    );

    prove(setting, "T-REVOKE is idempotent, and changes nothing that has ended", async (place) => {
      const { task } = await place.run("work", { value: 1 });
      expect(await place.front.cancel(task.task_id)).toEqual(task);
      await expect(place.front.cancel("no-such-task")).rejects.toMatchObject({ code: "not_found" });
      const { task: later } = await place.ask("work", {}, { countdownMs: 60_000 });
      const first = await place.front.cancel(later.task_id);
      expect(await place.front.cancel(later.task_id)).toEqual(first);
    });
  });
}

export function describeRevokeAlone(setting: Setting): void {
  proveAlone(setting, "T-REVOKE before any worker is up, and after a restart of all", async (place) => {
    const before = await place.ask("work");
    expect((await place.front.cancel(before.task.task_id)).state).toBe("REVOKED");
    const worker = await place.start({ pool: { size: 1 } });
    const { gate } = place.gate();
    const held = await place.ask("work", { gate });
    await place.begun(held.label);
    worker.process.kill("SIGKILL");
    await worker.ended;
    await place.front.cancel(held.task.task_id);
    await place.startAll(setting.processes, { pool: { size: 1 } });
    expect((await place.ended(held.task.task_id)).state).toBe("REVOKED");
    expect(place.notes(held.label, "begin")).toHaveLength(1);
    expect((await place.run("work")).task.state).toBe("SUCCESS");
    expect(place.notes(before.label)).toEqual([]);
    expect((await place.front.find(before.task.task_id))?.state).toBe("REVOKED");
  });
}
