/** The signs of many vectors in memory, and a walk through all of them for the nearest ones. */
import { openWalk } from "./hamming.ts";

/** Rows whose distances are counted at a time. */
const blockRows = 1 << 14;
const pageBytes = 65_536;
/** The query, the counts of a block, then the rows. */
const queryBytes = 512;
const rowsAt = queryBytes + 2 * blockRows;

export class SignPlanes {
  readonly width: number;
  readonly #bytes: number;
  /** The walk takes sixteen bytes at a step. */
  readonly #stride: number;
  readonly #wasm = openWalk();
  /** By row: its row in the file. */
  #codes = new Uint32Array(1024);
  /** By vector: its row, counted from 1. */
  #rows = new Uint32Array(1024);
  count = 0;
  lastCode = 0;

  constructor(width: number) {
    this.width = width;
    this.#bytes = 4 * Math.ceil(width / 32);
    this.#stride = 16 * Math.ceil(this.#bytes / 16);
  }

  /** A vector of another width says nothing here. */
  add(code: number, vector: number, signs: Buffer): void {
    this.lastCode = code;
    if (signs.length !== this.#bytes) return;
    const at = rowsAt + this.count * this.#stride;
    this.#reserve(at + this.#stride);
    new Uint8Array(this.#wasm.memory.buffer, at, this.#bytes).set(signs);
    this.#codes = grown(this.#codes, this.count);
    this.#rows = grown(this.#rows, vector);
    this.#codes[this.count] = code;
    this.count += 1;
    this.#rows[vector] = this.count;
  }

  codeAt(row: number): number {
    return this.#codes[row] as number;
  }

  rowOf(vector: number): number | undefined {
    const row = this.#rows[vector] ?? 0;
    return row === 0 ? undefined : row - 1;
  }

  /** Rows with `member[row] >= 0` whose signs differ least from the query's, at most so many, in no order. */
  nearest(query: Float32Array, member: Int32Array, wanted: number): number[] {
    const distances = this.#distances(query);
    const histogram = new Uint32Array(this.#stride * 8 + 1);
    for (let row = 0; row < this.count; row += 1)
      if ((member[row] as number) >= 0) {
        const distance = distances[row] as number;
        histogram[distance] = (histogram[distance] as number) + 1;
      }
    return this.#pick(distances, member, limitOf(histogram, wanted), wanted);
  }

  #distances(query: Float32Array): Uint16Array {
    this.#reserve(rowsAt);
    const { buffer } = this.#wasm.memory;
    const signs = new Uint8Array(buffer, 0, queryBytes).fill(0);
    for (const [at, value] of query.entries())
      if (value < 0) signs[at >> 3] = (signs[at >> 3] as number) | (1 << (at & 7));
    const distances = new Uint16Array(this.count);
    for (let first = 0; first < this.count; first += blockRows) {
      const rows = Math.min(blockRows, this.count - first);
      this.#wasm.walk(rowsAt + first * this.#stride, 0, queryBytes, rows, this.#stride);
      distances.set(new Uint16Array(buffer, queryBytes, rows), first);
    }
    return distances;
  }

  #pick(distances: Uint16Array, member: Int32Array, most: number, wanted: number): number[] {
    const near: number[] = [];
    const edge: number[] = [];
    for (let row = 0; row < this.count; row += 1) {
      const distance = distances[row] as number;
      if (distance > most || (member[row] as number) < 0) continue;
      (distance === most ? edge : near).push(row);
    }
    return [...near, ...edge].slice(0, wanted);
  }

  /** A sixteenth more than is needed, so that a million rows make it grow a hundred times. */
  #reserve(bytes: number): void {
    const { byteLength } = this.#wasm.memory.buffer;
    if (bytes <= byteLength) return;
    const pages = Math.ceil((bytes - byteLength) / pageBytes);
    this.#wasm.memory.grow(pages + Math.floor(byteLength / pageBytes / 16));
  }
}

function grown(numbers: Uint32Array<ArrayBuffer>, index: number): Uint32Array<ArrayBuffer> {
  if (index < numbers.length) return numbers;
  const larger = new Uint32Array(Math.max(index + 1, Math.ceil(numbers.length * 1.5)));
  larger.set(numbers);
  return larger;
}

/** The least distance within which there are enough. */
function limitOf(histogram: Uint32Array, wanted: number): number {
  let sum = 0;
  for (const [distance, rows] of histogram.entries()) {
    sum += rows;
    if (sum >= wanted) return distance;
  }
  return histogram.length;
}
