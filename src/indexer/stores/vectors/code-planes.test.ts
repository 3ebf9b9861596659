/** The walk through all codes, held against a count by hand. */
import { describe, expect, it } from "vitest";
import { encodeVector, normalize, type VectorCode } from "../../vector-code.ts";
import { CodePlanes } from "./code-planes.ts";

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 2246822507) + 0x6d2b79f5;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32 - 0.5;
  };
}

/** The cosine of a vector of length 1 and a stored one, bit by bit. */
function similarityOf(query: Float32Array, { signs, rest }: VectorCode): number {
  const plane = signs.length;
  let dot = 0;
  let square = 0;
  for (let at = 0; at < query.length; at += 1) {
    const byte = at >> 3;
    const shift = at & 7;
    const level =
      (((rest[byte] as number) >> shift) & 1) + 2 * (((rest[plane + byte] as number) >> shift) & 1) + 0.5;
    square += level * level;
    const value = (query[at] as number) * level;
    dot += ((signs[byte] as number) >> shift) & 1 ? -value : value;
  }
  return square === 0 ? 0 : dot / Math.sqrt(square);
}

const bitsApart = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, at) => sum + (value < 0 !== (b[at] as number) < 0 ? 1 : 0), 0);

const rowOfOnes = (width: number, value: number) => new Float32Array(width).fill(value);

function planesOf(vectors: readonly Float32Array[], width: number): CodePlanes {
  const planes = new CodePlanes(width);
  for (const [at, vector] of vectors.entries()) {
    const { signs, rest } = encodeVector(vector);
    planes.add(at + 10, at + 5, signs, rest);
  }
  return planes;
}

describe.each([40, 200, 1024, 4096])("%i dimensions", (width) => {
  const random = seeded(width);
  // More than one block of rows.
  const vectors = Array.from({ length: width < 1024 ? 40_000 : 2000 }, () =>
    Float32Array.from({ length: width }, random),
  );
  const planes = planesOf(vectors, width);
  planes.add(1e6, 1e6, Buffer.alloc(3), Buffer.alloc(6));
  const query = normalize(Float32Array.from({ length: width }, random));
  const member = Int32Array.from(vectors, (_, at) => (at % 3 === 0 ? -1 : at));
  const members = vectors.flatMap((vector, at) => (at % 3 === 0 ? [] : [{ at, vector }]));

  it("takes the rows whose signs differ least, and leaves out others", () => {
    const found = planes.nearest(query, member, 7, 7);
    const expected = members.map(({ vector }) => bitsApart(vector, query)).sort((a, b) => a - b);
    expect(
      found.map(({ row }) => bitsApart(vectors[row] as Float32Array, query)).sort((a, b) => a - b),
    ).toEqual(expected.slice(0, 7));
    expect(found.every(({ row }) => row % 3 !== 0)).toBe(true);
  });

  it("puts them in the order of all that is stored", () => {
    const found = planes.nearest(query, member, vectors.length, 50);
    const expected = members
      .map(({ at, vector }) => ({ row: at, similarity: similarityOf(query, encodeVector(vector)) }))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, 50);
    for (const [at, { similarity }] of expected.entries())
      expect(found[at]?.similarity).toBeCloseTo(similarity, 5);
  });

  it("knows its rows by their vectors", () => {
    expect([planes.count, planes.lastCode, planes.rowOf(8), planes.rowOf(4), planes.rowOf(1e6)]).toEqual([
      ...[vectors.length, 1e6, 3, undefined, undefined],
    ]);
  });
});

it("differs in every bit, and in none", () => {
  const planes = planesOf([rowOfOnes(4096, 1), rowOfOnes(4096, -1)], 4096);
  const nearest = (value: number) =>
    planes.nearest(normalize(rowOfOnes(4096, value)), new Int32Array(2), 1, 1);
  expect([nearest(1), nearest(-1)]).toMatchObject([[{ row: 0 }], [{ row: 1 }]]);
  expect(nearest(1)[0]?.similarity).toBeCloseTo(1, 5);
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
