/** Many windows on one data folder, and clients that come and go. */
import { existsSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyPackages } from "../faults/corpus.ts";
import { kill, openPlace, type Place, until } from "./cambium.ts";
import { connect } from "./door.ts";

/** Its priority is lowered, and that of its session, which is its own, as a whole. False for one that has ended. */
function hasSteppedBack(pid: number): boolean {
  try {
    const group = `/proc/${pid}/autogroup`;
    return getPriority(pid) > 0 && (!existsSync(group) || /nice 5$/m.test(readFileSync(group, "utf8")));
  } catch {
    return false;
  }
}

let place: Place;
beforeEach(() => {
  place = openPlace();
});
afterEach(() => place.dispose());

describe("MCP servers on one data folder", () => {
  it("closing the client in the middle does not stop the task; a new server sees it and its progress", async () => {
    const corpus = copyPackages(join(place.scratch, "packages"));
    const first = await connect(place, corpus);
    const { task_id } = await first.call("index_repository", { path: corpus });
    await until("the index phase", async () => {
      const { progress } = await first.call("get_task_status", { task_id });
      return (progress as { phase?: string } | null)?.phase === "index";
    });
    if (first.pid !== null) kill(first.pid);
    await first.close();
    const second = await connect(place, corpus);
    const seen = await second.call("get_task_status", { task_id });
    expect(["STARTED", "PROGRESS", "SUCCESS"]).toContain(seen["state"]);
    const joined = await second.call("index_repository", { path: corpus });
    const done = await second.ended(task_id);
    expect(done).toMatchObject({ task_id, state: "SUCCESS" });
    // Who asks for the same joins it, unless it ended between the two calls.
    if (joined["task_id"] !== task_id) {
      const { started_at } = await second.ended(joined["task_id"]);
      expect(Date.parse(String(started_at))).toBeGreaterThanOrEqual(Date.parse(String(done["finished_at"])));
    }
    expect(await second.text("search_code", { query: "ZodError format issues" })).toContain("zod/");
    await second.close();
  });

  it("four servers search and enqueue while a worker indexes: no lock error, no stale read after a commit", async () => {
    const corpus = copyPackages(join(place.scratch, "packages"));
    const doors = await Promise.all([1, 2, 3, 4].map(() => connect(place, corpus)));
    const tasks = await Promise.all(doors.map((door) => door.call("index_repository", { path: corpus })));
    expect(new Set(tasks.map((task) => task["task_id"])).size).toBe(1);
    const task_id = tasks[0]?.["task_id"];
    let searches = 0;
    const untilDone = doors.map(async (door) => {
      let done = 0;
      for (;;) {
        const task = await door.call("get_task_status", { task_id });
        const now =
          (task["progress"] as { phase: string; done: number } | null)?.phase === "index"
            ? Number((task["progress"] as { done: number }).done)
            : done;
        expect(now).toBeGreaterThanOrEqual(done);
        done = now;
        await door.text("search_code", { query: "parse string schema" });
        await door.text("find_symbol", { name: "Queue" });
        searches += 2;
        if (task["state"] === "SUCCESS") return;
        expect(["PENDING", "STARTED", "PROGRESS"]).toContain(task["state"]);
      }
    });
    await Promise.all(untilDone);
    expect(searches).toBeGreaterThan(8);
    // What one process has committed, every other one answers from at once.
    for (const [round, door] of [...doors, ...doors].entries()) {
      const name = `freshlyWritten${round}`;
      place.write(`packages/fresh-${round}.ts`, `export function ${name}(): void {}\n`);
      const { task_id: next } = await door.call("index_repository", {
        path: corpus,
      });
      await door.ended(next);
      for (const other of doors)
        expect(await other.text("find_symbol", { name })).toContain(`fresh-${round}.ts`);
    }
    expect(place.processes("main.js worker")).toHaveLength(1);
    await Promise.all(doors.map((door) => door.close()));
  });

  it("the detached worker ends itself when it stands idle, and the next call starts another", async () => {
    const brief = openPlace({ CAMBIUM_WORKER_IDLE_MS: "300" });
    try {
      const corpus = join(brief.scratch, "tiny");
      brief.write("tiny/a.ts", "export const one = 1;\n");
      await brief.json(["index", corpus, "--wait"]);
      await until("the worker's end", () => brief.processes("main.js worker").length === 0);
      await until("all have ended", () => brief.processes("").length === 0);
      expect(await brief.json(["index", corpus, "--wait"])).toMatchObject({ state: "SUCCESS" });
    } finally {
      brief.dispose();
    }
  });

  it("what indexes goes after what answers", async () => {
    const corpus = copyPackages(join(place.scratch, "packages"));
    const door = await connect(place, corpus);
    const { task_id } = await door.call("index_repository", { path: corpus });
    await until("a child at a lower priority", () => {
      const children = place.processes("main.js child-process");
      return children.length > 0 && children.every(hasSteppedBack) && children;
    });
    const [worker = 0] = place.processes("main.js worker-process");
    expect([getPriority(door.pid ?? 0), getPriority(worker)]).toEqual([0, 0]);
    // What has no session of its own has no group either: its file is empty.
    if (existsSync("/proc/self/autogroup"))
      expect(readFileSync("/proc/self/autogroup", "utf8")).toMatch(/^$|nice 0\n$/);
    await door.call("cancel_task", { task_id });
    await door.close();
  });

  it("a second run can be cancelled", async () => {
    const corpus = copyPackages(join(place.scratch, "packages"));
    const door = await connect(place, corpus);
    const { task_id } = await door.call("index_repository", { path: corpus });
    const cancelled = await door.call("cancel_task", { task_id });
    expect(["PENDING", "STARTED", "PROGRESS", "REVOKED"]).toContain(cancelled["state"]);
    const ended = await door.ended(task_id);
    expect(ended["state"]).toBe("REVOKED");
    const { task_id: again } = await door.call("index_repository", { path: corpus });
    expect(again).not.toBe(task_id);
    expect(await door.ended(again)).toMatchObject({
      state: "SUCCESS",
    });
    await door.close();
  });
});
