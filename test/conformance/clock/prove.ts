/** Declares the clock's tests by their names, and counts what ran, so that nothing is left out in silence. */
import { describe, expect, it } from "vitest";
import { openPlaceFor, type Place } from "../../clock/place.ts";
import type { StoreName } from "../../clock/test-store.ts";

export interface Setting {
  readonly store: StoreName;
  /** Worker processes on the shared place. */
  readonly processes: 1 | 3;
  /** Opened before the tests, with its workers. */
  readonly place: () => Place;
}

/** Some start a dozen processes, which takes its time on two busy cores. */
const testMs = 150_000;

const declared = new Set<string>();
const executed = new Set<string>();
/** `npm test` must be quick; `npm run test:conformance` runs everything. */
export const isWhole = process.env["CAMBIUM_CLOCK"] === "whole";
/** With one worker process only: always, and in the short run. */
const once = new Set(["T-MEM", "T-TASKS", "T-UPGRADE"]);
const onceWhenShort = new Set(["T-CPU", "T-SHUTDOWN", "T-SIGN", "T-ENC", "T-LOCK", "T-DISKFULL"]);

/** One test of the suite; `name` begins with its T-name. */
export function prove(setting: Setting, name: string, run: (place: Place) => Promise<void>): void {
  const full = `${setting.processes}: ${name}`;
  declared.add(full);
  it(name, { timeout: testMs }, async () => {
    executed.add(full);
    await run(setting.place());
  });
}

/** Where one worker is all that matters: a child's recycling is the same beside other workers. */
export function proveOnce(setting: Setting, name: string, run: (place: Place) => Promise<void>): void {
  if (setting.processes === 1) prove(setting, name, run);
}

/** On a store of its own, as its workers are special; each starts so many processes that the short run has one. */
export function proveAlone(setting: Setting, name: string, run: (place: Place) => Promise<void>): void {
  if (isProvedAlone(setting)) prove(setting, name, async () => openPlaceFor(setting.store, run));
}

export const isProvedAlone = ({ processes }: Setting) => processes === 1 || isWhole;

/** Left out on this store, by name and with the reason. */
export function leaveOut(name: string, reason: string): void {
  it.skip(`${name} (${reason})`);
}

/** What each run must have had; each may have several tests. */
const names = [
  "T-FIFO",
  "T-PRIO",
  "T-DELAY",
  "T-EXPIRES",
  "T-RETRY",
  "T-DEDUP",
  "T-RATE",
  "T-PROGRESS",
  "T-RESULT",
  "T-CHAIN",
  "T-GROUP",
  "T-CHORD",
  "T-CHUNKS",
  "T-KILL9",
  "T-POISON",
  "T-STOP",
  "T-CPU",
  "T-SOFT",
  "T-HARD",
  "T-MEM",
  "T-TASKS",
  "T-REVOKE",
  "T-SHUTDOWN",
  "T-CRON",
  "T-CONTROL",
  "T-EVENTS",
  "T-TENANT",
  "T-SIGN",
  "T-ENC",
  "T-PAUSE",
  "T-DLQ",
] as const;

const namesOf: Readonly<Record<StoreName, readonly string[]>> = {
  sqlite: [...names, "T-LOCK", "T-UPGRADE"],
  redis: [...names, "T-OUTAGE"],
  postgres: names,
};

/** To be called last in a file. */
export function countWhatRan(store: StoreName, settings: readonly (1 | 3)[]): void {
  describe(`the clock's suite on ${store}`, () => {
    it(`ran every test, with ${settings.join(" and with ")} worker processes`, () => {
      for (const processes of settings) {
        const ran = [...executed].filter((full) => full.startsWith(`${processes}: `));
        const isDue = (name: string) => !once.has(name) && (isWhole || !onceWhenShort.has(name));
        const wanted = namesOf[store].filter((name) => processes === 1 || isDue(name));
        const missing = wanted.filter(
          (name) => !ran.some((full) => full.startsWith(`${processes}: ${name} `)),
        );
        expect(missing).toEqual([]);
      }
      expect([...declared].filter((full) => !executed.has(full))).toEqual([]);
    });
  });
}
