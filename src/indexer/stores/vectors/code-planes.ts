/**
 * The codes of many vectors in memory: all of their signs are walked through for the rows that differ least from a
 * question, and these are scored by all that is stored.
 */
import { planeBytes } from "../../vector-code.ts";
import { openWalk } from "./hamming.ts";
import { openScore } from "./score.ts";

/** Rows whose distances are counted at a time, and whose magnitudes stand in one array. */
const blockRows = 1 << 14;
const pageBytes = 65_536;
/** The query, the counts of a block, then the rows. */
const queryBytes = 512;
const rowsAt = queryBytes + 2 * blockRows;

export interface NearRow {
  readonly row: number;
  readonly similarity: number;
}

export class CodePlanes {
  readonly width: number;
  readonly #bytes: number;
  /** The walk takes sixteen bytes at a step. */
  readonly #stride: number;
  readonly #wasm = openWalk();
  /** Of `blockRows` rows each. */
  readonly #rest: Uint8Array[] = [];
  /** By vector: its row, counted from 1. */
  #rows = new Uint32Array(1024);
  count = 0;
  lastCode = 0;

  constructor(width: number) {
    this.width = width;
    this.#bytes = planeBytes(width);
    this.#stride = 16 * Math.ceil(this.#bytes / 16);
  }

  /** A vector of another width says nothing here. */
  add(code: number, vector: number, signs: Buffer, rest: Buffer): void {
    this.lastCode = code;
    if (signs.length !== this.#bytes || rest.length !== 2 * this.#bytes) return;
    const at = rowsAt + this.count * this.#stride;
    this.#reserve(at + this.#stride);
    new Uint8Array(this.#wasm.memory.buffer, at, this.#bytes).set(signs);
    const place = this.count % blockRows;
    if (place === 0) this.#rest.push(new Uint8Array(2 * this.#bytes * blockRows));
    this.#rest.at(-1)?.set(rest, place * 2 * this.#bytes);
    this.#rows = grown(this.#rows, vector);
    this.count += 1;
    this.#rows[vector] = this.count;
  }

  rowOf(vector: number): number | undefined {
    const row = this.#rows[vector] ?? 0;
    return row === 0 ? undefined : row - 1;
  }

  /**
   * The `limit` nearest rows with `member[row] >= 0`, best first, of the `depth` whose signs differ least from the
   * query's. The query has length 1.
   */
  nearest(query: Float32Array, member: Int32Array, depth: number, limit: number): NearRow[] {
    const score = openScore(query, this.#bytes);
    const rows = this.#leastDistant(query, member, depth);
    const signs = new Uint8Array(this.#wasm.memory.buffer);
    const near = Array.from(rows, (row) => {
      const rest = this.#rest[Math.floor(row / blockRows)] as Uint8Array;
      const restAt = (row % blockRows) * 2 * this.#bytes;
      return { row, similarity: score(signs, rowsAt + row * this.#stride, rest, restAt) };
    });
    near.sort((a, b) => b.similarity - a.similarity || a.row - b.row);
    return near.slice(0, limit);
  }

  /** At most `wanted` rows, in no order. */
  #leastDistant(query: Float32Array, member: Int32Array, wanted: number): Uint32Array {
    this.#reserve(rowsAt);
    const { buffer } = this.#wasm.memory;
    const signs = new Uint8Array(buffer, 0, queryBytes).fill(0);
    for (const [at, value] of query.entries())
      if (value < 0) signs[at >> 3] = (signs[at >> 3] as number) | (1 << (at & 7));
    const distances = new Uint16Array(buffer, queryBytes, blockRows);
    const kept = new Shortlist(wanted, this.#stride * 8);
    for (let first = 0; first < this.count; first += blockRows) {
      const rows = Math.min(blockRows, this.count - first);
      this.#wasm.walk(rowsAt + first * this.#stride, 0, queryBytes, rows, this.#stride);
      for (let at = 0; at < rows; at += 1) {
        const distance = distances[at] as number;
        if (distance <= kept.most && (member[first + at] as number) >= 0) kept.add(first + at, distance);
      }
      kept.trim();
    }
    return kept.rows();
  }

  /** A sixteenth more than is needed, so that a million rows make it grow a hundred times. */
  #reserve(bytes: number): void {
    const { byteLength } = this.#wasm.memory.buffer;
    if (bytes <= byteLength) return;
    const pages = Math.ceil((bytes - byteLength) / pageBytes);
    this.#wasm.memory.grow(pages + Math.floor(byteLength / pageBytes / 16));
  }
}

/** The rows of least distance among those that were added; what cannot be among them need not be. */
class Shortlist {
  readonly #wanted: number;
  readonly #histogram: Uint32Array;
  #rows: Uint32Array;
  #distances: Uint16Array;
  #count = 0;
  most: number;

  constructor(wanted: number, distanceMax: number) {
    this.#wanted = wanted;
    this.most = distanceMax;
    this.#histogram = new Uint32Array(distanceMax + 1);
    this.#rows = new Uint32Array(wanted + blockRows);
    this.#distances = new Uint16Array(wanted + blockRows);
  }

  add(row: number, distance: number): void {
    this.#rows[this.#count] = row;
    this.#distances[this.#count] = distance;
    this.#count += 1;
  }

  /** To be called before more than a block was added. */
  trim(): void {
    if (this.#count <= this.#wanted) return;
    const histogram = this.#histogram.fill(0);
    for (let at = 0; at < this.#count; at += 1) {
      const distance = this.#distances[at] as number;
      histogram[distance] = (histogram[distance] as number) + 1;
    }
    let limit = 0;
    let sum = histogram[0] as number;
    while (sum < this.#wanted) sum += histogram[++limit] as number;
    this.#keepWithin(limit, this.#wanted - sum + (histogram[limit] as number));
    this.most = limit - 1;
  }

  /** Of those at the limit itself only so many. */
  #keepWithin(limit: number, atLimit: number): void {
    let kept = 0;
    let left = atLimit;
    for (let at = 0; at < this.#count; at += 1) {
      const distance = this.#distances[at] as number;
      if (distance > limit || (distance === limit && left-- <= 0)) continue;
      this.#rows[kept] = this.#rows[at] as number;
      this.#distances[kept] = distance;
      kept += 1;
    }
    this.#count = kept;
  }

  rows(): Uint32Array {
    return this.#rows.subarray(0, this.#count);
  }
}

function grown(numbers: Uint32Array<ArrayBuffer>, index: number): Uint32Array<ArrayBuffer> {
  if (index < numbers.length) return numbers;
  const larger = new Uint32Array(Math.max(index + 1, Math.ceil(numbers.length * 1.5)));
  larger.set(numbers);
  return larger;
}
