/** T-CHAIN, T-GROUP, T-CHORD, T-CHUNKS: composed work, and that none of it is ever stuck. */
import { describe, expect } from "vitest";
import { chunks } from "../../../src/jobs/canvas.ts";
import type { Json, JsonObject } from "../../../src/jobs/task.ts";
import type { Place } from "../../clock/place.ts";
import { until } from "../../fixtures/until.ts";
import { prove, type Setting } from "./prove.ts";

/** One run of a kind that notes what it does under its label. */
function one(place: Place, args: JsonObject = {}, kind = "io_part") {
  const label = String(args["label"] ?? place.label());
  return { label, kind, args: { log: place.log, ...args, label } };
}

const runOf = ({ kind, args }: { kind: string; args: JsonObject }) => ({ kind, args });
const previousOf = (place: Place, label: string) => place.notes(label, "end")[0]?.previous;

function describeChain(setting: Setting): void {
  prove(
    setting,
    "T-CHAIN each gets the result of the one before, and the last one's is the result",
    async (place) => {
      const [a, b, c] = [1, 2, 3].map((value) => one(place, { value }));
      if (a === undefined || b === undefined || c === undefined) throw new Error("three");
      const task = await place.compose({ chain: [a, b, c].map(runOf) });
      expect(task).toMatchObject({ state: "SUCCESS", result: { value: 3 } });
      expect([a, b, c].map(({ label }) => previousOf(place, label))).toEqual([
        [],
        [{ value: 1 }],
        [{ value: 2 }],
      ]);
    },
  );

  prove(setting, "T-CHAIN a failure in the middle ends it, and the rest never begins", async (place) => {
    const bad = one(place, { failures: 9, code: "invalid_argument" });
    const last = one(place);
    const task = await place.compose({ chain: [runOf(one(place)), runOf(bad), runOf(last)] });
    expect(task).toMatchObject({
      state: "FAILURE",
      error: { code: "invalid_argument", message: "As asked." },
    });
    expect(place.notes(last.label)).toEqual([]);
  });
}

function describeGroup(setting: Setting): void {
  prove(setting, "T-GROUP results come in the order of the parts, whoever was first", async (place) => {
    const parts = [60, 0, 30, 10].map((ms, value) => one(place, { ms, value }));
    const task = await place.compose({ group: parts.map(runOf) });
    expect(task).toMatchObject({
      state: "SUCCESS",
      result: { results: [0, 1, 2, 3].map((value) => ({ value })) },
    });
  });

  prove(setting, "T-CHUNKS each run gets its items", async (place) => {
    const label = place.label();
    const { group } = chunks("io_part", [1, 2, 3, 4, 5], 2, { log: place.log, label });
    expect(group.map(({ args }) => args["items"])).toEqual([[1, 2], [3, 4], [5]]);
    expect(await place.compose({ group })).toMatchObject({ state: "SUCCESS" });
    expect(place.notes(label, "end")).toHaveLength(3);
  });
}

function describeChord(setting: Setting): void {
  prove(setting, "T-CHORD the body runs once all headers have, with their results", async (place) => {
    const header = [0, 1, 2, 3, 4].map((value) =>
      one(place, { value, ms: 10 * value, crashes: value === 3 ? 1 : 0 }, "part"),
    );
    const body = one(place, { value: "all" });
    const task = await place.compose({ chord: { header: header.map(runOf), body: runOf(body) } });
    expect(task).toMatchObject({ state: "SUCCESS", result: { value: "all" } });
    expect(previousOf(place, body.label)).toEqual([0, 1, 2, 3, 4].map((value) => ({ value })));
    const lastHeader = Math.max(...header.map(({ label }) => place.notes(label, "end")[0]?.at ?? 0));
    expect(place.notes(body.label, "begin")[0]?.at).toBeGreaterThanOrEqual(lastHeader);
  });

  prove(setting, "T-CHORD a header that fails ends it without its body", async (place) => {
    const header = [one(place), one(place, { failures: 9, code: "conflict" })];
    const body = one(place);
    const task = await place.compose({ chord: { header: header.map(runOf), body: runOf(body) } });
    expect(task).toMatchObject({ state: "FAILURE", error: { code: "conflict" } });
    expect(place.notes(body.label)).toEqual([]);
  });

  prove(setting, "T-CHORD with `continue` the body finds the failure in its place", async (place) => {
    const header = [
      one(place, { value: 0 }),
      one(place, { failures: 9, code: "conflict" }),
      one(place, { value: 2 }),
    ];
    const body = one(place);
    const chord = { header: header.map(runOf), body: runOf(body), onHeaderFailure: "continue" as const };
    expect(await place.compose({ chord })).toMatchObject({ state: "SUCCESS" });
    expect(previousOf(place, body.label)).toEqual([
      { value: 0 },
      { failed: { code: "conflict", message: "As asked." } },
      { value: 2 },
    ]);
  });

  prove(setting, "T-CHORD a header that is revoked or crashes for good ends it too", async (place) => {
    const { gate, open } = place.gate();
    const held = one(place, { gate });
    const body = one(place);
    const { task } = await place.ask("canvas", {
      canvas: { chord: { header: [runOf(one(place)), runOf(held)], body: runOf(body) } },
    });
    await place.begun(held.label);
    await place.front.cancel(`${task.task_id}-0-1`);
    const revoked = await place.ended(task.task_id);
    open();
    expect(["FAILURE", "REVOKED"]).toContain(revoked.state);
    const fatal = one(place, { crashes: 99 }, "fragile_part");
    const crashed = await place.compose({ chord: { header: [runOf(fatal)], body: runOf(body) } });
    expect(crashed).toMatchObject({ state: "FAILURE", error: { message: expect.stringMatching(/crash/) } });
    expect(place.notes(fatal.label, "begin")).toHaveLength(2);
    expect(place.notes(body.label)).toEqual([]);
  });

  prove(setting, "T-CHORD nested in chains and groups, and groups in it", async (place) => {
    const value = (number: number) => runOf(one(place, { value: number }));
    const body = one(place, { value: "body" });
    const inner = {
      chord: {
        header: [{ group: [value(1), value(2)] }, { chain: [value(3), value(4)] }],
        body: runOf(body),
      },
    };
    const last = one(place, { value: "last" });
    const task = await place.compose({ chain: [value(0), inner, { group: [runOf(last), value(5)] }] });
    expect(task).toMatchObject({ state: "SUCCESS", result: { results: [{ value: "last" }, { value: 5 }] } });
    expect(previousOf(place, body.label)).toEqual([{ results: [{ value: 1 }, { value: 2 }] }, { value: 4 }]);
    expect(previousOf(place, last.label)).toEqual([{ value: "body" }]);
  });

  prove(setting, "T-CHORD 300 headers, and the whole of it can be cancelled", async (place) => {
    const header = Array.from({ length: 300 }, (_, value) => ({ kind: "io_part", args: { value } }));
    const body = one(place);
    const task = await place.compose({ chord: { header, body: runOf(body) } });
    expect(task.state).toBe("SUCCESS");
    expect((previousOf(place, body.label) as Json[]).length).toBe(300);
    const { gate } = place.gate();
    const held = one(place, { gate });
    const { task: long } = await place.ask("canvas", { canvas: { group: [runOf(held), ...header] } });
    await place.begun(held.label);
    await place.front.cancel(long.task_id);
    expect((await place.ended(long.task_id)).state).toBe("REVOKED");
    await until("no part is left", async () => {
      const counts = await place.queue("io_parts").getJobCounts("waiting", "prioritized", "waiting-children");
      return Object.values(counts).every((count) => count === 0);
    });
  });

  prove(
    setting,
    "T-CHORD what is wrong with a canvas is named, and nothing of it is stored",
    async (place) => {
      const front = place.openFront({ tenant: place.label() });
      const chord = { header: [{ kind: "io_part", args: {} }], body: { kind: "nonsense", args: {} } };
      await expect(front.submit({ chord })).rejects.toMatchObject({
        code: "invalid_argument",
        message: expect.stringMatching(/body.*nonsense/),
      });
      await expect(front.submit({ group: [] })).rejects.toMatchObject({
        code: "invalid_argument",
      });
      expect(await front.list()).toEqual([]);
    },
  );
}

export function describeCanvas(setting: Setting): void {
  describe("canvas", () => {
    describeChain(setting);
    describeGroup(setting);
    describeChord(setting);
  });
}
