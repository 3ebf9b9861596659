/** 100,000 requests that nobody should send, to the built server: no crash, no hang, no fault of ours, memory flat. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openPlace, type Place } from "../e2e/cambium.ts";
import { type Served, serve, token } from "../e2e/served.ts";
import { fuzzHttp } from "../fixtures/http-fuzz.ts";

const whole = process.env["CAMBIUM_FUZZ"] === "whole";
const count = whole ? 100_000 : 10_000;
const seed = Number(process.env["CAMBIUM_SEED"] ?? Math.floor(Math.random() * 1e9));

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

const residentMiB = () => {
  const status = readFileSync(`/proc/${served.child.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
};

it(`${count} requests`, async () => {
  const port = Number(new URL(served.url).port);
  const sizes: number[] = [];
  for (let part = 0; part < 10; part += 1) {
    const report = await fuzzHttp({ port, token, seed: seed + part, count: count / 10 });
    expect(report.bad, `CAMBIUM_SEED=${seed}`).toEqual([]);
    sizes.push(residentMiB());
  }
  process.stderr.write(`seed ${seed}; MiB after each tenth: ${sizes.map(Math.round).join(" ")}\n`);
  // What the first tenths load and compile stays; after that a leak of 1 KB a request would show as 50 MB.
  expect(sizes.at(-1) ?? 0).toBeLessThan((sizes[4] ?? 0) + (whole ? 40 : 60));
  expect(served.child.exitCode).toBeNull();
  expect((await fetch(`${served.url}/health`)).status).toBe(200);
});
