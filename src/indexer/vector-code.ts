/**
 * Vectors in three bits a dimension: a plane of signs, which is compared first, and two planes of magnitudes, by which
 * the best are scored again. 384 bytes at 1,024 dimensions.
 */

export interface VectorCode {
  readonly signs: Buffer;
  readonly rest: Buffer;
}

/** Of a normal distribution, four steps of this many deviations lose least. */
const step = 0.586;

/** Bytes of one plane. */
export const planeBytes = (dimensions: number): number => 4 * Math.ceil(dimensions / 32);

export function encodeVector(vector: Float32Array): VectorCode {
  const plane = planeBytes(vector.length);
  const signs = Buffer.alloc(plane);
  const rest = Buffer.alloc(2 * plane);
  let square = 0;
  for (const value of vector) square += value * value;
  const unit = step * Math.sqrt(square / vector.length) || 1;
  for (let at = 0; at < vector.length; at += 1) {
    const value = vector[at] as number;
    const byte = at >> 3;
    const bit = 1 << (at & 7);
    if (value < 0) signs[byte] = (signs[byte] as number) | bit;
    const level = Math.min(3, Math.floor(Math.abs(value) / unit));
    if (level & 1) rest[byte] = (rest[byte] as number) | bit;
    if (level & 2) rest[plane + byte] = (rest[plane + byte] as number) | bit;
  }
  return { signs, rest };
}

export function normalize(vector: Float32Array): Float32Array {
  let square = 0;
  for (const value of vector) square += value * value;
  const length = Math.sqrt(square) || 1;
  return vector.map((value) => value / length);
}
