/** The registry on stores that have none of their own: one place, one name, and who counts as alive. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freshStore, missingStore, type StoreKind } from "../../test/fixtures/stores.ts";
import { openTaskStore, type TaskStore } from "../task-store.ts";

const shared: readonly StoreKind[] = ["redis", "postgres"];

describe.each(shared.map((kind) => [kind, missingStore(kind)] as const))("on %s", (kind, missing) => {
  describe.skipIf(missing !== undefined)(missing ?? "a roll", () => {
    let stores: TaskStore[];
    let drop: () => Promise<void>;
    beforeEach(() => {
      const fresh = freshStore(kind);
      drop = fresh.drop;
      stores = Array.from({ length: 4 }, () => openTaskStore(fresh.url, ""));
    });
    afterEach(async () => {
      for (const store of stores) await store.close();
      await drop();
    });
    const first = () => stores[0] as TaskStore;

    it("lets one detached worker of many in, and the next one when it has gone", async () => {
      const ids = stores.map(() => randomUUID());
      const answers = await Promise.all(
        stores.map(({ workers }, index) =>
          workers.announce({ id: ids[index] ?? "", kind: "detached", info: { name: `n${index}` } }),
        ),
      );
      expect(answers.filter((accepted) => accepted)).toHaveLength(1);
      const winner = ids[answers.indexOf(true)] ?? "";
      expect(await first().workers.alive()).toMatchObject([
        { id: winner, kind: "detached", pid: process.pid },
      ]);
      expect(await first().workers.announce({ id: winner, kind: "detached", info: { name: "again" } })).toBe(
        true,
      );
      const late = { id: randomUUID(), kind: "detached", info: { name: "late" } } as const;
      expect(await first().workers.announce(late)).toBe(false);
      await first().workers.withdraw(winner);
      expect(await first().workers.heartbeat(winner)).toBe(false);
      expect(await first().workers.announce(late)).toBe(true);
    });

    it("gives a name to one living worker, of any number that ask at once", async () => {
      const ids = stores.map(() => randomUUID());
      const answers = await Promise.allSettled(
        stores.map(({ workers }, index) =>
          workers.announce({ id: ids[index] ?? "", kind: "foreground", info: { name: "blue" } }),
        ),
      );
      expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const refused = answers.find((answer) => answer.status === "rejected");
      expect(refused?.reason).toMatchObject({
        code: "conflict",
        message: expect.stringMatching(/"blue" is alive/),
      });
      const winner = ids[answers.findIndex(({ status }) => status === "fulfilled")] ?? "";
      expect((await first().workers.alive()).map(({ id }) => id)).toEqual([winner]);
      await first().workers.withdraw(winner);
      const next = { id: randomUUID(), kind: "foreground", info: { name: "blue" } } as const;
      expect(await first().workers.announce(next)).toBe(true);
    });

    it("keeps what heartbeats tell, oldest worker first", async () => {
      const { workers } = first();
      await workers.announce({ id: "one", kind: "foreground", info: { name: "a" } });
      await workers.announce({ id: "two", kind: "foreground", info: { name: "b" } });
      expect(await workers.heartbeat("one", { name: "a", active: 3 })).toBe(true);
      const alive = await workers.alive();
      expect(alive.map(({ id }) => id)).toEqual(["one", "two"]);
      expect(alive[0]?.info).toEqual({ name: "a", active: 3 });
      expect(await workers.heartbeat("nobody")).toBe(false);
    });
  });
});
