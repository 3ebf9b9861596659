/** The walk through all signs, held against a count by hand. */
import { expect, it } from "vitest";
import { encodeVector, normalize, similarityOf } from "../../vector-code.ts";
import { SignPlanes } from "./sign-planes.ts";

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 2246822507) + 0x6d2b79f5;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32 - 0.5;
  };
}

const bitsApart = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, at) => sum + (value < 0 !== (b[at] as number) < 0 ? 1 : 0), 0);

it.each([40, 200, 1024, 4096])(
  "finds the rows of %i dimensions that differ least, and leaves out others",
  (width) => {
    const random = seeded(width);
    const vectors = Array.from({ length: 20_000 / (width / 40) }, () =>
      Float32Array.from({ length: width }, random),
    );
    const planes = new SignPlanes(width);
    for (const [at, vector] of vectors.entries()) planes.add(at + 10, at + 5, encodeVector(vector).signs);
    planes.add(1e6, 1e6, Buffer.alloc(3));
    const member = new Int32Array(vectors.length).map((_, at) => (at % 3 === 0 ? -1 : at));
    const query = Float32Array.from({ length: width }, random);
    const found = planes.nearest(query, member, 7);
    const expected = vectors
      .flatMap((vector, at) => (at % 3 === 0 ? [] : [bitsApart(vector, query)]))
      .sort((a, b) => a - b)
      .slice(0, 7);
    expect(found.map((row) => bitsApart(vectors[row] as Float32Array, query)).sort((a, b) => a - b)).toEqual(
      expected,
    );
    expect([planes.count, planes.codeAt(3), planes.rowOf(8), planes.rowOf(4), planes.rowOf(1e6)]).toEqual([
      ...[vectors.length, 13, 3, undefined, undefined],
    ]);
  },
);

it("differs in every bit, and in none", () => {
  const planes = new SignPlanes(4096);
  const all = new Float32Array(4096).fill(1);
  planes.add(1, 1, encodeVector(all).signs);
  planes.add(2, 2, encodeVector(all.map(() => -1)).signs);
  expect(planes.nearest(all, new Int32Array(2), 1)).toEqual([0]);
  expect(
    planes.nearest(
      all.map(() => -1),
      new Int32Array(2),
      1,
    ),
  ).toEqual([1]);
});

it("three bits a dimension keep a cosine to within a few hundredths", () => {
  const random = seeded(7);
  for (let turn = 0; turn < 50; turn += 1) {
    const a = normalize(Float32Array.from({ length: 512 }, () => random() + random() + random()));
    const b = normalize(a.map((value) => value + (turn / 50) * 0.1 * random()));
    const exact = a.reduce((sum, value, at) => sum + value * (b[at] as number), 0);
    expect(Math.abs(similarityOf(a, encodeVector(b)) - exact)).toBeLessThan(0.04);
  }
});
