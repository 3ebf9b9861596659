/** The cosine of one question and many stored codes: sums of the question's numbers are looked up a byte at a time. */

/** A stored code: its planes of signs and of magnitudes within larger arrays. */
export type Score = (signs: Uint8Array, signsAt: number, rest: Uint8Array, restAt: number) => number;

/** `plane`: bytes of one plane. The question has length 1. */
export function openScore(query: Float32Array, plane: number): Score {
  const sums = sumsByByte(query, plane);
  let total = 0;
  for (const value of query) total += value;
  const spare = plane * 8 - query.length;
  return (signs, signsAt, rest, restAt) => {
    const high = restAt + plane;
    let half = 0;
    let dot = 0;
    let ones = 0;
    let twos = 0;
    let threes = 0;
    for (let at = 0; at < plane; at += 1) {
      const sign = signs[signsAt + at] as number;
      const one = rest[restAt + at] as number;
      const two = rest[high + at] as number;
      const table = at << 8;
      half += sums[table | sign] as number;
      // A magnitude is 0.5 + one + 2 * two, and counts against the sum where the sign is set.
      dot += (sums[table | (one & ~sign)] as number) - (sums[table | (one & sign)] as number);
      dot += 2 * ((sums[table | (two & ~sign)] as number) - (sums[table | (two & sign)] as number));
      ones += bits[one & ~two] as number;
      twos += bits[two & ~one] as number;
      threes += bits[one & two] as number;
    }
    const square = 0.25 * (plane * 8 - spare) + 2 * ones + 6 * twos + 12 * threes;
    return (dot + 0.5 * total - half) / Math.sqrt(square);
  };
}

const bits = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let left = byte; left > 0; left >>= 1) count += left & 1;
  return count;
});

/** For each byte of a plane and each value it can have: the sum of the numbers whose bits are set. */
function sumsByByte(query: Float32Array, plane: number): Float32Array {
  const sums = new Float32Array(plane << 8);
  for (let at = 0; at < plane; at += 1)
    for (let value = 1; value < 256; value += 1) {
      const lowest = 31 - Math.clz32(value & -value);
      const number = query[at * 8 + lowest] ?? 0;
      sums[(at << 8) | value] = (sums[(at << 8) | (value & (value - 1))] as number) + number;
    }
  return sums;
}
