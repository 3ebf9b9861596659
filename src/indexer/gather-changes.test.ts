/** When changes are looked at: together, soon, and never two looks at once. */
import { afterEach, describe, expect, it } from "vitest";
import { until } from "../../test/e2e/cambium.ts";
import { type Gatherer, type GatherOptions, gatherChanges } from "./gather-changes.ts";

type Look = readonly string[] | undefined;

let gatherer: Gatherer | undefined;
afterEach(() => gatherer?.close());

function gather(options: Partial<GatherOptions> = {}) {
  const looks: Look[] = [];
  const look = async (paths: Look) => void looks.push(paths);
  gatherer = gatherChanges({ look, quietMs: 5, patienceMs: 50, settleMs: 30, ...options });
  const touch = (...paths: string[]) => {
    for (const path of paths) gatherer?.hear({ type: "path", path });
  };
  return { looks, touch, gatherer };
}

describe("changes that come together", () => {
  it("are one look, each path once, and a folder stands for what is in it", async () => {
    const { looks, touch } = gather();
    touch("b.ts", "a.ts", "b.ts", "src/inner/c.ts", "src", "srcs/d.ts");
    await until("a look", () => looks.length > 0);
    expect(looks).toEqual([["a.ts", "b.ts", "src", "srcs/d.ts"]]);
  });

  it("are a look at everything when they are many, when rules change and when a name cannot be written", async () => {
    for (const events of [
      Array.from({ length: 201 }, (_, index) => ({ type: "path" as const, path: `${index}` })),
      [{ type: "path" as const, path: "a" }, { type: "rules" as const }],
      [{ type: "head" as const }],
      [{ type: "path" as const, path: "bad\ufffd.ts" }],
    ]) {
      const { looks, gatherer } = gather();
      for (const event of events) gatherer.hear(event);
      await until("a look", () => looks.length > 0);
      expect(looks).toEqual([undefined]);
    }
  });

  it("are looked at while they go on, and what comes during a look waits for its end", async () => {
    let end: () => void = () => {};
    const looks: Look[] = [];
    const { touch, gatherer } = gather({
      quietMs: 20,
      look: (paths) => {
        looks.push(paths);
        return new Promise((resolve) => {
          end = resolve;
        });
      },
    });
    const storm = setInterval(() => touch("a.ts"), 5);
    await until("a look in the middle of it", () => looks.length === 1);
    clearInterval(storm);
    touch("b.ts");
    expect(gatherer.isIdle).toBe(false);
    end();
    await until("the next look", () => looks.length === 2);
    expect(looks[1]).toContain("b.ts");
    end();
    await until("rest", () => gatherer.isIdle);
  });

  it("wait while git is at work, and its index alone until it is left alone", async () => {
    const { looks, touch, gatherer } = gather();
    gatherer.hear({ type: "busy" });
    touch("a.ts");
    const since = performance.now();
    await until("longer than the patience", () => performance.now() - since > 100);
    expect(looks).toEqual([]);
    gatherer.hear({ type: "calm" });
    await until("a look", () => looks.length === 1);
    gatherer.hear({ type: "index" });
    await until("a look at everything", () => looks.length === 2);
    expect(looks).toEqual([["a.ts"], undefined]);
  });
});

it("a path that a program keeps writing to is looked at now and then only, without holding others up", async () => {
  const { looks, touch } = gather({ calmMs: 60_000 });
  for (let turn = 1; turn <= 5; turn += 1) {
    touch("log.txt");
    await until("a look", () => looks.length === turn);
  }
  touch("log.txt");
  const since = performance.now();
  await until("longer than the patience", () => performance.now() - since > 100);
  expect(looks).toHaveLength(5);
  touch("saved.ts");
  await until("a look at the other one", () => looks.length === 6);
  expect(looks[5]).toContain("saved.ts");
});
