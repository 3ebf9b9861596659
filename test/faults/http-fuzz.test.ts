/** 100,000 requests that nobody should send, to the built server: no crash, no hang, no fault of ours, memory flat. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { openPlace, type Place } from "../e2e/cambium.ts";
import { type Served, serve, token } from "../e2e/served.ts";
import { fuzzCount, Growth } from "../fixtures/fuzz-run.ts";
import { fuzzHttp } from "../fixtures/http-fuzz.ts";
import { seedOfRun } from "../fixtures/seeded.mjs";

const seed = seedOfRun();

let place: Place;
let served: Served;
beforeAll(async () => {
  // Each refusal is a line of the log; here they are only in the way.
  place = openPlace({ CAMBIUM_LOG_LEVEL: "error", CAMBIUM_HTTP_RATE: "1000000" });
  place.write("shop/cart.ts", "export class ShoppingCart {}\n");
  served = await serve(place, place.scratch);
});
afterAll(async () => {
  await served.stop();
  place.dispose();
});

it(`${fuzzCount} requests`, async () => {
  const port = Number(new URL(served.url).port);
  const growth = new Growth(served.child.pid);
  for (let part = 0; growth.wantsMore; part += 1) {
    const report = await fuzzHttp({ port, token, seed: seed + part, count: fuzzCount / 10 });
    expect(report.bad, `CAMBIUM_SEED=${seed}`).toEqual([]);
    growth.note();
  }
  process.stderr.write(`seed ${seed}; ${growth}\n`);
  expect(growth.isFlat, String(growth)).toBe(true);
  expect(served.child.exitCode).toBeNull();
  expect((await fetch(`${served.url}/health`)).status).toBe(200);
});
