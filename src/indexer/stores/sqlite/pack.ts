/** The compact forms of what a blob holds: numbers as deltas in varints, strings behind them, deflated as one. */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { CambiumError } from "../../../errors.ts";
import {
  type Chunk,
  type Definition,
  type Reference,
  referenceRoles,
  symbolKinds,
  type Visibility,
} from "../../symbol.ts";

const visibilities: readonly (Visibility | undefined)[] = [
  undefined,
  "public",
  "protected",
  "private",
  "internal",
];
/** On 12 MB of Go, level 3 took up to 1.3 times the time of level 1 and was a twentieth smaller. */
const level = 3;

export interface Outline {
  readonly definitions: readonly Definition[];
  readonly chunks: readonly Chunk[];
}

export function packText(text: Buffer): Buffer {
  return deflateRawSync(text, { level, chunkSize: Math.max(1024, text.length >> 1) });
}

export function unpackText(packed: Buffer): string {
  return unpackUtf8(packed).toString("utf8");
}

/** Given about as many bytes as there are, it unpacks them in one piece: some megabytes take a third less time. */
export function unpackUtf8(packed: Buffer, bytes = 0): Buffer {
  return inflate(packed, bytes);
}

export function packOutline(outline: Outline): Buffer {
  const out = new Packer();
  out.number(outline.definitions.length);
  let before = { startLine: 0, startByte: 0, parent: "" };
  for (const definition of outline.definitions) {
    out.number(symbolKinds.indexOf(definition.kind));
    out.string(definition.name);
    out.number(definition.parent === before.parent ? 0 : 1);
    if (definition.parent !== before.parent) out.string(definition.parent);
    out.signed(definition.startLine - before.startLine);
    out.signed(definition.line - definition.startLine);
    out.signed(definition.endLine - definition.startLine);
    out.signed(definition.startByte - before.startByte);
    out.signed(definition.endByte - definition.startByte);
    out.string(definition.signature);
    out.string(definition.doc);
    out.number(visibilities.indexOf(definition.visibility));
    before = definition;
  }
  packChunks(out, outline.chunks);
  return out.finish();
}

function packChunks(out: Packer, chunks: readonly Chunk[]): void {
  out.number(chunks.length);
  let line = 0;
  let byte = 0;
  let ordinal = 0;
  for (const chunk of chunks) {
    out.signed(chunk.startLine - line);
    out.signed(chunk.endLine - chunk.startLine);
    out.signed(chunk.startByte - byte);
    out.signed(chunk.endByte - chunk.startByte);
    out.number(chunk.definitions.length);
    for (const index of chunk.definitions) {
      out.signed(index - ordinal);
      ordinal = index;
    }
    line = chunk.endLine;
    byte = chunk.endByte;
  }
}

export function unpackOutline(packed: Buffer): Outline {
  const input = new Unpacker(inflate(packed));
  const definitions: Definition[] = [];
  let before = { startLine: 0, startByte: 0, parent: "" };
  for (let left = input.number(); left > 0; left -= 1) {
    const kind = symbolKinds[input.number()] ?? "variable";
    const name = input.string();
    const parent = input.number() === 0 ? before.parent : input.string();
    const startLine = before.startLine + input.signed();
    const line = startLine + input.signed();
    const endLine = startLine + input.signed();
    const startByte = before.startByte + input.signed();
    const endByte = startByte + input.signed();
    const signature = input.string();
    const doc = input.string();
    const visibility = visibilities[input.number()];
    const definition: Definition = {
      kind,
      name,
      parent,
      line,
      startLine,
      endLine,
      startByte,
      endByte,
      signature,
      doc,
      visibility,
    };
    definitions.push(definition);
    before = definition;
  }
  return { definitions, chunks: unpackChunks(input) };
}

function unpackChunks(input: Unpacker): Chunk[] {
  const chunks: Chunk[] = [];
  let line = 0;
  let byte = 0;
  let ordinal = 0;
  for (let left = input.number(); left > 0; left -= 1) {
    const startLine = line + input.signed();
    const endLine = startLine + input.signed();
    const startByte = byte + input.signed();
    const endByte = startByte + input.signed();
    const definitions: number[] = [];
    for (let count = input.number(); count > 0; count -= 1) {
      ordinal += input.signed();
      definitions.push(ordinal);
    }
    chunks.push({ startLine, endLine, startByte, endByte, definitions });
    line = endLine;
    byte = endByte;
  }
  return chunks;
}

/** Names once each in order of first use, then one entry a reference in source order. */
export function packReferences(references: readonly Reference[]): Buffer {
  const out = new Packer();
  const ids = new Map<string, number>();
  for (const { name } of references) if (!ids.has(name)) ids.set(name, ids.size);
  out.number(ids.size);
  for (const name of ids.keys()) out.string(name);
  out.number(references.length);
  let line = 0;
  let enclosing = 0;
  for (const reference of references) {
    out.number(
      (ids.get(reference.name) ?? 0) * referenceRoles.length + referenceRoles.indexOf(reference.role),
    );
    out.signed(reference.line - line);
    out.number(reference.column);
    out.signed(reference.enclosing - enclosing);
    line = reference.line;
    enclosing = reference.enclosing;
  }
  return out.finish();
}

/** The references to one name, in source order. */
export function unpackReferences(packed: Buffer, wanted: string): Reference[] {
  const input = new Unpacker(inflate(packed));
  let id = -1;
  const names = input.number();
  for (let index = 0; index < names; index += 1) if (input.string() === wanted) id = index;
  if (id < 0) return [];
  const found: Reference[] = [];
  let line = 0;
  let enclosing = 0;
  for (let left = input.number(); left > 0; left -= 1) {
    const key = input.number();
    line += input.signed();
    const column = input.number();
    enclosing += input.signed();
    if (Math.floor(key / referenceRoles.length) !== id) continue;
    const role = referenceRoles[key % referenceRoles.length] ?? "read";
    found.push({ name: wanted, role, line, column, enclosing });
  }
  return found;
}

/** The names that references of a file have, each once. */
export function namesIn(packed: Buffer): string[] {
  const input = new Unpacker(inflate(packed));
  return Array.from({ length: input.number() }, () => input.string());
}

function inflate(packed: Buffer, bytes = 0): Buffer {
  try {
    return inflateRawSync(packed, { chunkSize: Math.max(16 * 1024, bytes + 64) });
  } catch (error) {
    throw new CambiumError(
      "corrupt",
      "Stored text of the index is damaged: index the repository again.",
      error,
    );
  }
}

/** Writes numbers below 2^53 in 7-bit groups, and strings aside with their lengths among the numbers. */
class Packer {
  #bytes = Buffer.allocUnsafe(4096);
  #length = 0;
  readonly #strings: string[] = [];

  number(value: number): void {
    if (this.#length + 10 > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, this.#bytes]);
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  signed(value: number): void {
    this.number(value < 0 ? -2 * value - 1 : 2 * value);
  }

  string(value: string): void {
    this.number(value.length);
    this.#strings.push(value);
  }

  finish(): Buffer {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(this.#length);
    const plain = Buffer.concat([
      head,
      this.#bytes.subarray(0, this.#length),
      Buffer.from(this.#strings.join(""), "utf8"),
    ]);
    return deflateRawSync(plain, { level, chunkSize: Math.max(1024, plain.length >> 1) });
  }
}

class Unpacker {
  readonly #bytes: Buffer;
  readonly #text: string;
  #at = 4;
  #textAt = 0;

  constructor(plain: Buffer) {
    this.#bytes = plain;
    this.#text = plain.toString("utf8", 4 + plain.readUInt32LE(0));
  }

  number(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  signed(): number {
    const value = this.number();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  string(): string {
    const start = this.#textAt;
    this.#textAt += this.number();
    return this.#text.slice(start, this.#textAt);
  }
}
