/**
 * How the trigrams of a run of blocks are written: rows of entries in the order of the trigrams, each with the ordinals
 * of the blocks that have it. Gaps between ordinals are Rice codes, so that a trigram in every third block costs two
 * bits a block and a rare one little more than its place: 0.08 bytes for each byte of Linux's source.
 */
import { CambiumError } from "../../../errors.ts";

/** A row ends when it is as long: short enough to be read through, long enough to cost little as a row. */
const rowBytes = 1024;

export interface PostingRow {
  readonly first: number;
  readonly bytes: Buffer;
}

/** Takes entries in the order of their trigrams. */
export class PostingWriter {
  readonly rows: PostingRow[] = [];
  readonly #size: number;
  #row = Buffer.allocUnsafe(2 * rowBytes);
  #at = 0;
  #first = 0;
  #last = 0;

  /** `size`: how many blocks there are. */
  constructor(size: number) {
    this.#size = size;
  }

  /** The ordinals stand in `ordinals` from `start` to `end`, ascending, each below the size. */
  add(trigram: number, ordinals: Uint32Array, start: number, end: number): void {
    const most = 16 + this.#bytesMax(end - start);
    if (this.#at > 0 && this.#at + most / 2 > rowBytes) this.finish();
    if (this.#at === 0) this.#first = this.#last = trigram;
    if (this.#at + most > this.#row.length) this.#grow(this.#at + most);
    this.#number(trigram - this.#last);
    this.#number(end - start);
    this.#last = trigram;
    if (end - start === this.#size) return;
    const lengthAt = this.#at;
    this.#at += 3;
    this.#list(ordinals, start, end);
    this.#row.writeUIntLE(this.#at - lengthAt - 3, lengthAt, 3);
  }

  /** Ends the last row. */
  finish(): readonly PostingRow[] {
    if (this.#at > 0)
      this.rows.push({ first: this.#first, bytes: Buffer.from(this.#row.subarray(0, this.#at)) });
    this.#at = 0;
    return this.rows;
  }

  /** Quotients share the size among them: that many ones at most, and a zero and a remainder for each. */
  #bytesMax(count: number): number {
    const bits = remainderBits(this.#size, count);
    return ((count * (bits + 1) + (this.#size >> bits)) >> 3) + 2;
  }

  #grow(least: number): void {
    this.#row = Buffer.concat([this.#row, Buffer.allocUnsafe(least)]);
  }

  #number(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.#row[this.#at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#row[this.#at++] = rest;
  }

  #list(ordinals: Uint32Array, start: number, end: number): void {
    const bits = remainderBits(this.#size, end - start);
    const row = this.#row;
    let at = this.#at;
    let pending = 0;
    let filled = 0;
    let before = -1;
    for (let index = start; index < end; index += 1) {
      const ordinal = ordinals[index] as number;
      const gap = ordinal - before - 1;
      before = ordinal;
      for (let ones = gap >> bits; ones > 0; ones -= 1) {
        pending |= 1 << filled;
        if (++filled === 8) {
          row[at++] = pending;
          pending = filled = 0;
        }
      }
      if (++filled === 8) {
        row[at++] = pending;
        pending = filled = 0;
      }
      pending |= (gap & ((1 << bits) - 1)) << filled;
      filled += bits;
      while (filled >= 8) {
        row[at++] = pending & 255;
        pending >>>= 8;
        filled -= 8;
      }
    }
    if (filled > 0) row[at++] = pending;
    this.#at = at;
  }
}

/** The remainder's bits that make the codes of evenly spread ordinals shortest. */
function remainderBits(size: number, count: number): number {
  const gap = Math.floor((size * 0.69) / count);
  return gap < 2 ? 0 : 31 - Math.clz32(gap);
}

/** Reads the entries of a row one after the other. */
export class PostingReader {
  trigram: number;
  count = 0;
  readonly #bytes: Buffer;
  readonly #size: number;
  #at = 0;
  #listAt = 0;

  constructor({ first, bytes }: PostingRow, size: number) {
    this.trigram = first;
    this.#bytes = bytes;
    this.#size = size;
  }

  /** Goes to the next entry; false behind the last one. */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    this.trigram += this.#number();
    this.count = this.#number();
    this.#listAt = this.#at + 3;
    if (this.count > this.#size || this.#listAt > this.#bytes.length + 3)
      throw new CambiumError("corrupt", "The trigrams of the index are damaged: index the repository again.");
    if (this.count < this.#size) this.#at = this.#listAt + this.#bytes.readUIntLE(this.#at, 3);
    return true;
  }

  /** Writes the entry's ordinals, each plus `shift`, to `out` from `from` on. */
  read(out: Uint32Array, from: number, shift: number): void {
    const { count } = this;
    if (count === this.#size) {
      for (let index = 0; index < count; index += 1) out[from + index] = index + shift;
      return;
    }
    const bits = remainderBits(this.#size, count);
    const bytes = this.#bytes;
    let bit = this.#listAt * 8;
    let ordinal = -1;
    for (let index = 0; index < count; index += 1) {
      let gap = 0;
      while (((bytes[bit >> 3] as number) >> (bit & 7)) & 1) {
        gap += 1;
        bit += 1;
      }
      bit += 1;
      let rest = 0;
      for (let filled = 0; filled < bits; ) {
        const taken = Math.min(bits - filled, 8 - (bit & 7));
        rest |= (((bytes[bit >> 3] as number) >> (bit & 7)) & ((1 << taken) - 1)) << filled;
        filled += taken;
        bit += taken;
      }
      ordinal += ((gap << bits) | rest) + 1;
      out[from + index] = ordinal + shift;
    }
  }

  #number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }
}
