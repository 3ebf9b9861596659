/** A space of words made from passages: what comes near what, and what there is where there is little. */
import { describe, expect, it } from "vitest";
import { normalize } from "./vector-code.ts";
import {
  dimensions,
  packSpace,
  passageText,
  trainSpace,
  unpackSpace,
  vectorOfQuestion,
  vectorOfText,
  type WordSpace,
} from "./word-space.ts";

/** Forty passages of each matter; no passage has all of its words. */
const matters = [
  ["login", "password", "session", "token", "user", "permission", "account"],
  ["invoice", "payment", "tax", "currency", "refund", "customer", "price"],
  ["socket", "packet", "timeout", "connection", "retry", "address", "host"],
];
const passages = matters.flatMap((words, matter) =>
  Array.from({ length: 40 }, (_, at) => {
    const some = words.filter((_, place) => (place * 7 + at * 3) % 5 < 3);
    return passageText(`src/part${matter}/file${at}.ts`, `function step${at}() { ${some.join(" ")} return }`);
  }),
);
const space = trainSpace(passages);

function similarity(own: WordSpace, question: string, text: string): number {
  const a = normalize(vectorOfQuestion(own, question) ?? new Float32Array(dimensions));
  const b = normalize(vectorOfText(own, text) ?? new Float32Array(dimensions));
  return a.reduce((sum, value, at) => sum + value * (b[at] as number), 0);
}

describe("a space of words", () => {
  it("brings near what stands in the same passages, without a word in common", () => {
    const near = similarity(space, "passwords", "the session of an account");
    const far = similarity(space, "passwords", "the tax of an invoice");
    expect(near).toBeGreaterThan(far + 0.3);
    expect(similarity(space, "refund", "price currency")).toBeGreaterThan(
      similarity(space, "refund", "packet retry") + 0.3,
    );
  });

  it("is the same from the same passages, byte by byte, and after a way through bytes", () => {
    const packed = packSpace(space);
    expect(packSpace(trainSpace([...passages])).equals(packed)).toBe(true);
    const again = unpackSpace(packed) as WordSpace;
    expect(packSpace(again).equals(packed)).toBe(true);
    expect(vectorOfQuestion(again, "login timeout")).toEqual(vectorOfQuestion(space, "login timeout"));
    expect(packSpace(trainSpace(passages.slice(1))).equals(packed)).toBe(false);
  });

  it("spreads over all dimensions, as each is kept in three bits", () => {
    const vector = normalize(vectorOfText(space, passages[0] as string) as Float32Array);
    const most = vector.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    expect(most).toBeLessThan(0.4);
    expect(vector.filter((value) => value !== 0).length).toBeGreaterThan(dimensions / 2);
  });

  it("what stands in the path counts", () => {
    const path = similarity(space, "part1", passageText("src/part1/x.ts", "nothing known"));
    expect(path).toBeGreaterThan(similarity(space, "part1", passageText("src/part2/x.ts", "nothing known")));
  });

  it.each([
    ["no passage", []],
    ["one passage", [passageText("a.ts", "let a = 1")]],
    ["nothing in common", [passageText("a", "one"), passageText("b", "two")]],
    ["no words", ["", "{}", "…"]],
  ])("%s: no words, no vector, and bytes all the same", (_, few) => {
    const own = trainSpace(few);
    expect(own.words.size).toBe(0);
    expect(vectorOfText(own, "let a = 1")).toBeUndefined();
    expect(unpackSpace(packSpace(own))).toEqual(own);
  });

  it("two passages are enough, also where they hold stop words only or the same", () => {
    for (const text of ["the of and", "login user"]) {
      const own = trainSpace([text, text]);
      const vector = vectorOfText(own, text) as Float32Array;
      expect(vector.every(Number.isFinite)).toBe(true);
      expect(similarity(own, text, text)).toBeCloseTo(1, 5);
    }
  });

  it("words without an end, other scripts and bytes that break lines do no harm", () => {
    const odd = ["x".repeat(100_000), "检索 検索 поиск\u2028\u0000", "a\r\nb".repeat(1000), "$$$ ___"];
    const own = trainSpace([...odd, ...odd]);
    expect(unpackSpace(packSpace(own))).toEqual(own);
    expect(similarity(own, "поиск", odd[1] as string)).toBeGreaterThan(0.5);
  });

  it("what nobody ever said has no vector; bytes of another format or cut ones are no space", () => {
    expect(vectorOfQuestion(space, "zebra")).toBeUndefined();
    const packed = packSpace(space);
    for (const broken of [packed.subarray(0, 5), packed.subarray(0, 900), Buffer.alloc(40, 9)])
      expect(unpackSpace(broken)).toBeUndefined();
  });
});
