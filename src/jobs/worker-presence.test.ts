/** Workers that tidy up after the dead, several of them at the same moment. */
import { expect, it } from "vitest";
import { freshStore, missingStore, storeKinds } from "../../test/fixtures/stores.ts";
import { openTaskStore } from "../task-store.ts";
import { openPresence } from "./worker-presence.ts";
import type { WorkerRecord, WorkerRegistry } from "./worker-registry.ts";

for (const kind of storeKinds) {
  const missing = missingStore(kind);
  const title = missing === undefined ? kind : `${kind} (${missing})`;
  it.skipIf(missing !== undefined)(
    `workers that start together and find the same dead one all start, on ${title}`,
    async () => {
      const place = freshStore(kind);
      const store = openTaskStore(place.url, "");
      const alive = new Set<string>();
      const registry = {
        alive: async () => [...alive].map((id) => ({ id }) as WorkerRecord),
      } as Partial<WorkerRegistry> as WorkerRegistry;
      const warnings: string[] = [];
      const start = (id: string) => {
        alive.add(id);
        const log = (_level: string, line: string) => warnings.push(line);
        return openPresence({ connection: store, registry, worker: { id, name: id }, log });
      };
      for (let round = 0; round < 5; round += 1) {
        await start(`dies-${round}`);
        alive.clear();
        const together = await Promise.all(["a", "b", "c"].map((name) => start(`${name}-${round}`)));
        for (const presence of together) await presence.close();
        alive.clear();
      }
      expect(warnings).toEqual([]);
      await store.close();
      await place.drop();
    },
  );
}
