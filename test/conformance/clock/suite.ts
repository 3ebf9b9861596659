/** The clock's conformance: every topic on one store, with one and with three worker processes. */
import { afterAll, beforeAll, describe } from "vitest";
import { leaseDefaultMs } from "../../../src/jobs/worker-parts.ts";
import { Place } from "../../clock/place.ts";
import { missingStore, type StoreKind } from "../../fixtures/stores.ts";
import { describeCanvas } from "./canvas.ts";
import { describeChildren, describeProcesses } from "./crash.ts";
import { describeOrder } from "./order.ts";
import { describeFile, describeOutage } from "./outage.ts";
import { countWhatRan, isProvedAlone, isWhole, leaveOut, type Setting } from "./prove.ts";
import { describeResult, describeRetry } from "./retry.ts";
import { describeRevoke, describeRevokeAlone } from "./revoke.ts";
import { describeSecrets, describeTenants } from "./secrets.ts";
import { describeSteering, describeSteeringAlone } from "./steer.ts";

export function describeClock(store: StoreKind): void {
  const missing = missingStore(store);
  if (missing !== undefined) {
    describe(`clock on ${store}`, () => leaveOut("everything", missing));
    return;
  }
  // What three workers do on the servers is left to the whole run.
  const settings = store === "sqlite" || isWhole ? ([1, 3] as const) : ([1] as const);
  for (const processes of settings) describeWith(store, processes);
  countWhatRan(store, settings);
}

function describeWith(store: StoreKind, processes: 1 | 3): void {
  describe(`clock on ${store} with ${processes} worker process${processes === 1 ? "" : "es"}`, () => {
    let place: Place;
    const setting: Setting = { store, processes, place: () => place };
    beforeAll(async () => {
      place = await Place.open(store);
      // No worker dies in these tests: a lease that lapses while the machine stands still would only let jobs begin twice.
      await place.startAll(processes, { leaseMs: leaseDefaultMs });
      // A child that is still starting begins its first job late, which is not what the order is about.
      await Promise.all(Array.from({ length: 8 * processes }, () => place.run("work", { ms: 50 })));
    });
    afterAll(() => place.close());

    describeOrder(setting);
    describe.concurrent("at once", () => {
      describeRetry(setting);
      describeResult(setting);
      describeCanvas(setting);
      describeRevoke(setting);
      describeTenants(setting);
      describeChildren(setting);
      describeProcesses(setting);
      describeRevokeAlone(setting);
      if (isProvedAlone(setting)) describeSecrets(setting);
      describeSteeringAlone(setting);
      if (store === "redis") describeOutage(setting);
      if (store === "sqlite") describeFile(setting);
    });
    describeSteering(setting);
  });
}
