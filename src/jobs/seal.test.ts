/** Signatures that fit only what was signed, keys that rotate and belong to queues, results unreadable at rest. */
import { describe, expect, it } from "vitest";
import type { JobData } from "./connection.ts";
import { canonical, openSealer } from "./seal.ts";

const secret = (letter: string) => letter.repeat(16);
const place = { queue: "tasks", name: "echo", id: "t1" };
const data: JobData = { args: { b: [1, { d: null }], a: "ä" }, key: "k", tenant: "acme" };
const code = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return "fine";
};

describe("signing", () => {
  const sealer = openSealer({ signing: `old:${secret("o")}` });
  const signed = sealer.sign(place, data);

  it("accepts what it signed, also with the names in another order and with what changes later", () => {
    expect(code(() => sealer.verify(place, signed))).toBe("fine");
    const stored = { crashes: 2, startedAt: 5, ...signed, args: { a: "ä", b: [1, { d: null }] } };
    expect(code(() => sealer.verify(place, stored))).toBe("fine");
  });

  it.each<[string, Partial<typeof place>, Partial<JobData>]>([
    ["other arguments", {}, { args: { a: 1 } }],
    ["another tenant", {}, { tenant: "other" }],
    ["another task", {}, { taskId: "t2" }],
    ["another end date", {}, { expiresAt: 9 }],
    ["other results to start from", {}, { previousFrom: { id: "x", stage: 0 } }],
    ["another queue", { queue: "parts" }, {}],
    ["another kind", { name: "nap" }, {}],
    ["another id", { id: "t2" }, {}],
    ["a seal cut short", {}, { seal: { keyId: "old", mac: signed.seal?.mac.slice(1) ?? "" } }],
  ])("refuses %s", (_what, otherPlace, otherData) => {
    expect(code(() => sealer.verify({ ...place, ...otherPlace }, { ...signed, ...otherData }))).toBe(
      "forbidden",
    );
  });

  it("refuses what is not signed, and signs nothing without keys", () => {
    expect(code(() => sealer.verify(place, data))).toBe("forbidden");
    const open = openSealer({});
    expect(open.sign(place, data)).toBe(data);
    expect(code(() => open.verify(place, data))).toBe("fine");
  });

  it("rotates: the first key signs, all verify, a withdrawn one no more", () => {
    const both = openSealer({ signing: `new:${secret("n")}, old:${secret("o")}` });
    expect(code(() => both.verify(place, signed))).toBe("fine");
    const fresh = both.sign(place, data);
    expect(fresh.seal?.keyId).toBe("new");
    expect(code(() => sealer.verify(place, fresh))).toBe("forbidden");
    const impostor = openSealer({ signing: `old:${secret("x")}` });
    expect(code(() => impostor.verify(place, signed))).toBe("forbidden");
  });

  it("binds a key to its queues", () => {
    const bound = openSealer({ signing: `a[tasks, odd]:${secret("a")},b[parts]:${secret("b")}` });
    expect(["tasks", "odd", "parts", "other"].map((queue) => bound.mayServe(queue))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(bound.sign({ ...place, queue: "parts" }, data).seal?.keyId).toBe("b");
    expect(code(() => bound.sign({ ...place, queue: "other" }, data))).toBe("forbidden");
    const moved = { ...place, queue: "parts" };
    expect(code(() => bound.verify(moved, bound.sign(place, data)))).toBe("forbidden");
  });

  it("lets every run of a schedule carry the schedule's seal", () => {
    const run = { ...place, id: "repeat:@acme/nightly:" };
    const template = sealer.sign(run, data);
    expect(code(() => sealer.verify({ ...run, id: "repeat:@acme/nightly:17" }, template))).toBe("fine");
    expect(code(() => sealer.verify({ ...run, id: "repeat:@acme/daily:17" }, template))).toBe("forbidden");
  });
});

describe("encryption", () => {
  const sealer = openSealer({ encryption: `one:${secret("1")}` });
  const result = { found: "the secret word", many: [1, 2] };
  const stored = sealer.encrypt("t1", result);

  it("keeps nothing readable, and gives the result back, also after a rotation", () => {
    expect(JSON.stringify(stored)).not.toContain("secret");
    expect(sealer.decrypt("t1", stored)).toEqual(result);
    const rotated = openSealer({ encryption: `two:${secret("2")},one:${secret("1")}` });
    expect(rotated.decrypt("t1", stored)).toEqual(result);
    expect(rotated.encrypt("t1", result)).toMatchObject({ enc: { keyId: "two" } });
  });

  it("refuses another job's result, a changed one and an unknown key", () => {
    expect(code(() => sealer.decrypt("t2", stored))).toBe("corrupt");
    const { enc } = stored as { enc: Record<string, string> };
    expect(
      code(() => sealer.decrypt("t1", { enc: { ...enc, data: `${enc["data"]?.slice(0, -2)}AA` } })),
    ).toBe("corrupt");
    expect(code(() => sealer.decrypt("t1", { enc: { ...enc, tag: enc["tag"]?.slice(0, 6) ?? "" } }))).toBe(
      "corrupt",
    );
    expect(code(() => openSealer({}).decrypt("t1", stored))).toBe("forbidden");
  });

  it("passes what is not encrypted", () => {
    for (const plain of [result, { enc: 1 }, null, [1]]) expect(sealer.decrypt("t1", plain)).toBe(plain);
    expect(openSealer({}).encrypt("t1", result)).toBe(result);
  });
});

it.each([
  ["a short secret", { signing: "a:short" }],
  ["no id", { signing: secret("a") }],
  ["an id twice", { encryption: `a:${secret("a")},a:${secret("b")}` }],
  ["an encryption key bound to queues", { encryption: `a[tasks]:${secret("a")}` }],
])("refuses keys with %s, without telling a secret", (_what, keys) => {
  try {
    openSealer(keys);
    expect.fail("they were taken");
  } catch (error) {
    expect(error).toMatchObject({ code: "invalid_argument" });
    expect((error as Error).message).not.toMatch(/short,|aaaa|bbbb/);
  }
});

it("writes the same text whatever the order of the names", () => {
  expect(canonical({ b: 1, a: [{ d: 1, c: undefined }] })).toBe('{"a":[{"d":1}],"b":1}');
});
