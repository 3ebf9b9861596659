/** The child pool on real processes: order, recycling, death, and children that do not start. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../test/fixtures/until.ts";
import { CambiumError } from "../errors.ts";
import { ChildDeath, ChildPool, type PoolOptions } from "./pool.ts";
import { StopOrder } from "./stop-order.ts";
import type { JsonObject, ProgressReport } from "./task.ts";

let folder: string;
let pool: ChildPool;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cambium-pool-"));
});
afterEach(async () => {
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(options: Partial<PoolOptions> = {}): void {
  pool = new ChildPool({
    script: fileURLToPath(new URL("../../test/fixtures/jobs-child.mjs", import.meta.url)),
    args: [],
    size: 1,
    maxJobsPerChild: 1000,
    maxRssBytes: 2 ** 40,
    abortGraceMs: 300,
    ...options,
  });
}

function run(
  kind: string,
  args: JsonObject,
  stop = new StopOrder(),
  onReport = (_: ProgressReport) => {},
  kill = new StopOrder(),
) {
  const order = {
    kind,
    taskId: "t",
    attempt: 1,
    starts: 1,
    crashes: 0,
    previous: [],
    args: { folder, ...args },
  };
  return pool.run(order, { stop, kill, silenceLimitMs: 30_000, onStart: () => {}, onReport });
}

const lines = (name: string) =>
  readFileSync(join(folder, name), { encoding: "utf8", flag: "a+" }).split("\n").slice(0, -1);

describe("the pool", () => {
  it("starts its children before the first job and serves first come first served", async () => {
    open();
    expect(pool.pids).toHaveLength(1);
    const order: number[] = [];
    const values = Array.from({ length: 20 }, (_, value) => value);
    await Promise.all(values.map((value) => run("echo", { value }).then(() => order.push(value))));
    expect(order).toEqual(values);
  });

  it("runs as many jobs at the same time as it has children", async () => {
    open({ size: 2 });
    const running = [run("nap", {}), run("nap", {})];
    await until("both run", () => lines("began").length === 2);
    writeFileSync(join(folder, "release"), "");
    await Promise.all(running);
  });

  it("replaces a child after its last job", async () => {
    open({ maxJobsPerChild: 2 });
    const pids: (number | undefined)[] = [];
    for (let job = 0; job < 6; job += 1) {
      await run("echo", {});
      pids.push(pool.pids[0]);
    }
    expect(new Set(pids).size).toBe(4);
  });

  it("replaces a child that has grown, not one that was large from its start", async () => {
    open({ maxRssBytes: 1 });
    await run("echo", {});
    const before = pool.pids[0];
    await run("echo", {});
    expect(pool.pids[0]).toBe(before);
    await run("swell", { bytes: 80_000_000 });
    expect(pool.pids[0]).not.toBe(before);
    await run("echo", {});
    expect(pool.childrenStarted).toBe(2);
  });

  it("grows and shrinks: what is too many ends after its run", async () => {
    open({ size: 1 });
    pool.resize(3);
    const running = [run("nap", {}), run("nap", {}), run("nap", {})];
    await until("all run", () => lines("began").length === 3);
    pool.resize(1);
    expect(pool.pids).toHaveLength(3);
    writeFileSync(join(folder, "release"), "");
    await Promise.all(running);
    expect(pool.pids).toHaveLength(1);
    expect(pool.size).toBe(1);
    expect(await run("echo", { value: 1 })).toEqual({ result: { value: 1 } });
    expect(pool.childrenStarted).toBe(3);
  });

  it("runs many waiting jobs in one shared child", async () => {
    open();
    const own = pool;
    pool = own.openShared(8);
    const running = Array.from({ length: 10 }, () => run("nap", {}));
    await until("eight run", () => lines("began").length === 8);
    expect(new Set(lines("began").map((line) => line.split(" ")[2])).size).toBe(1);
    writeFileSync(join(folder, "release"), "");
    await Promise.all(running);
    expect(lines("began")).toHaveLength(10);
    await own.close();
  });

  it("kills a run at once where it is told, and the neighbours of its child have not crashed", async () => {
    open({ runsPerChild: 2, abortGraceMs: 30_000 });
    const kill = new StopOrder();
    const neighbour = run("nap", {});
    const killed = run("nap", {}, undefined, undefined, kill);
    await until("both run", () => lines("began").length === 2);
    kill.give(new CambiumError("cancelled", "terminated"));
    await expect(killed).rejects.toMatchObject({ code: "cancelled", message: "terminated" });
    const death = await neighbour.catch((error) => error);
    expect(death).toBeInstanceOf(ChildDeath);
    expect(death.isCrash).toBe(false);
    expect(await run("echo", { value: 4 })).toEqual({ result: { value: 4 } });
  });

  it("passes on failures, and says how a child died", async () => {
    open();
    const failure = { code: "forbidden", message: "not here" };
    await expect(run("fail", failure)).rejects.toMatchObject(failure);
    await expect(run("unheard", {})).rejects.toMatchObject({ code: "internal" });
    const death = await run("crash", {}).catch((error) => error);
    expect(death).toMatchObject({ code: "unavailable", isCrash: true });
    expect(death.message).toContain("SIGKILL");
    expect(await run("echo", { value: 1 })).toEqual({ result: { value: 1 } });
  });

  it("hands back what comes when it is closed: that is no crash and no failure", async () => {
    open();
    await pool.close();
    expect(await run("echo", {}).catch((error) => error)).toMatchObject({ isCrash: false });
  });

  it("aborts with the given reason, gently and then by force, and jobs that still wait at once", async () => {
    open();
    const reason = new CambiumError("cancelled", "not wanted");
    for (const kind of ["nap", "stubborn"]) {
      const stop = new StopOrder();
      const running = run(kind, {}, stop);
      const waiting = run("echo", {}, stop);
      await until("it runs", () => existsSync(join(folder, "began")));
      rmSync(join(folder, "began"));
      stop.give(reason);
      await expect(waiting).rejects.toBe(reason);
      await expect(running).rejects.toMatchObject({ code: "cancelled", message: "not wanted" });
    }
    expect(await run("echo", { value: 2 })).toEqual({ result: { value: 2 } });
  });

  it("delivers the last report before the outcome", async () => {
    open();
    const reports: ProgressReport[] = [];
    await run("climb", {}, undefined, (report) => reports.push(report));
    expect(reports.at(-1)).toMatchObject({ phase: "down", done: 8 });
  });

  it("does not start children in a storm when they die as soon as they are ready", async () => {
    const script = join(folder, "child.mjs");
    writeFileSync(script, `process.send({ type: "ready", rssBytes: 1 }, () => process.exit(3));`);
    const began = performance.now();
    open({ script });
    await until("it has tried again and again", () => pool.childrenStarted === 4);
    // The second one came at once, then it paused for 200 and for 400 ms.
    expect(performance.now() - began).toBeGreaterThan(550);
  });

  it("fails the waiting jobs when no child can start, and recovers when one can", async () => {
    const script = join(folder, "child.mjs");
    writeFileSync(script, "process.exit(3);");
    open({ script });
    await expect(run("echo", {})).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("code 3"),
    });
    const good = fileURLToPath(new URL("../../test/fixtures/jobs-child.mjs", import.meta.url));
    writeFileSync(script, `import ${JSON.stringify(good)};`);
    const answer = await until("it recovers", () => run("echo", { value: 3 }).catch(() => undefined));
    expect(answer).toEqual({ result: { value: 3 } });
  });
});

describe("a pool at rest", () => {
  const rest = { afterMs: 20, maxRssBytes: 2 ** 40, execArgv: ["--max-old-space-size=64"] };

  it("keeps one child, which takes single jobs alone, and grows again for more", async () => {
    open({ size: 3, rest });
    await until("one is left", () => pool.pids.length === 1);
    const [small] = pool.pids;
    await run("echo", { value: 1 });
    expect(pool.pids).toEqual([small]);
    expect(pool.childrenStarted).toBe(3);
    const running = [run("nap", {}), run("nap", {}), run("nap", {})];
    await until("all run", () => lines("began").length === 3);
    expect(pool.size).toBe(3);
    writeFileSync(join(folder, "release"), "");
    await Promise.all(running);
    await until("one is left", () => pool.pids.length === 1);
  });

  it("replaces one that has grown by a new one, and not again and again", async () => {
    open({ size: 1, rest: { ...rest, maxRssBytes: 1 } });
    await run("echo", {});
    await run("swell", { bytes: 80_000_000 });
    const [first] = pool.pids;
    await until("another one", () => pool.pids.length === 1 && pool.pids[0] !== first);
    const [second] = pool.pids;
    expect(await run("echo", { value: 7 })).toEqual({ result: { value: 7 } });
    await run("echo", {});
    expect(pool.pids).toEqual([second]);
  });
});
