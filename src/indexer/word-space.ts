/**
 * A space in which words that stand in the same passages of a repository are near each other, made from these passages
 * alone. A text is where its words are, together. Pure: knows no index.
 */
import { indexTokens, queryTerms, stemOf } from "./tokenize.ts";
import { chance, type SparseRow, strongestDirections } from "./truncated-svd.ts";

export interface WordSpace {
  readonly words: ReadonlyMap<string, number>;
  /** `dimensions` numbers a word, each to be taken times the word's scale. */
  readonly rows: Int8Array;
  readonly scales: Float32Array;
}

/** A power of two, which `spread` needs. */
export const dimensions = 128;
/** More passages make training longer and answers no better. */
export const passagesMax = 2000;
const wordsMax = 20_000;
/** A word of one passage says nothing of another. */
const passagesLeast = 2;
const version = 1;
const headBytes = 12;

/** What stands in the path counts twice. */
export const passageText = (path: string, text: string): string => `${path}\n${path}\n${text}`;

function stemsOf(tokens: string): string[] {
  return tokens === "" ? [] : tokens.split(" ").map(stemOf);
}

/** `passages` as `passageText` makes them. */
export function trainSpace(passages: readonly string[]): WordSpace {
  const counted = passages.map((text) => countWords(stemsOf(indexTokens(text))));
  const passagesOf = new Map<string, number>();
  for (const words of counted)
    for (const word of words.keys()) passagesOf.set(word, (passagesOf.get(word) ?? 0) + 1);
  const kept = [...passagesOf]
    .filter(([, count]) => count >= passagesLeast)
    .sort(([a, many], [b, others]) => others - many || (a < b ? -1 : 1))
    .slice(0, wordsMax);
  const words = new Map(kept.map(([word], at) => [word, at]));
  const worth = Float64Array.from(kept, ([, count]) =>
    Math.log(1 + (counted.length - count + 0.5) / (count + 0.5)),
  );
  const table = counted.map((one) => weighted(one, words, worth));
  const found = strongestDirections(table, words.size, dimensions);
  for (const at of words.values()) {
    const row = found.subarray(at * dimensions, (at + 1) * dimensions);
    for (let place = 0; place < dimensions; place += 1)
      row[place] = (row[place] as number) * (worth[at] as number);
  }
  spread(found);
  return { words, ...shorten(found, words.size) };
}

function countWords(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Said often counts more, but not as often; whole passages count the same. */
const said = (times: number): number => 1 + Math.log(times);

function weighted(
  counts: ReadonlyMap<string, number>,
  words: ReadonlyMap<string, number>,
  worth: Float64Array,
): SparseRow {
  const columns: number[] = [];
  const values: number[] = [];
  let square = 0;
  for (const [word, times] of counts) {
    const column = words.get(word);
    if (column === undefined) continue;
    const value = said(times) * (worth[column] as number);
    columns.push(column);
    values.push(value);
    square += value * value;
  }
  const length = Math.sqrt(square) || 1;
  return {
    columns: Int32Array.from(columns),
    values: Float32Array.from(values, (value) => value / length),
  };
}

/**
 * Turns the axes so that no few of them hold the most: three bits a dimension keep all of them alike. Angles stay.
 */
function spread(rows: Float32Array): void {
  const next = chance();
  const signs = Float32Array.from({ length: dimensions }, () => Math.sign(next()) / Math.sqrt(dimensions));
  for (let start = 0; start < rows.length; start += dimensions) {
    const row = rows.subarray(start, start + dimensions);
    for (let at = 0; at < dimensions; at += 1) row[at] = (row[at] as number) * (signs[at] as number);
    for (let half = 1; half < dimensions; half *= 2)
      for (let at = 0; at < dimensions; at += 1) {
        if ((at & half) !== 0) continue;
        const a = row[at] as number;
        const b = row[at + half] as number;
        row[at] = a + b;
        row[at + half] = a - b;
      }
  }
}

function shorten(found: Float32Array, count: number): Pick<WordSpace, "rows" | "scales"> {
  const rows = new Int8Array(count * dimensions);
  const scales = new Float32Array(count);
  for (let word = 0; word < count; word += 1) {
    const row = found.subarray(word * dimensions, (word + 1) * dimensions);
    const scale = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
    if (scale === 0) continue;
    scales[word] = scale;
    for (const [at, value] of row.entries()) rows[word * dimensions + at] = Math.round(value / scale);
  }
  return { rows, scales };
}

/** Of a passage, as `passageText` makes it; undefined where it has no word that is known. */
export const vectorOfText = (space: WordSpace, text: string): Float32Array | undefined =>
  vectorOf(space, stemsOf(indexTokens(text)));

export const vectorOfQuestion = (space: WordSpace, question: string): Float32Array | undefined =>
  vectorOf(space, queryTerms(question).words.map(stemOf));

function vectorOf(space: WordSpace, words: readonly string[]): Float32Array | undefined {
  const vector = new Float32Array(dimensions);
  for (const [word, times] of countWords(words)) {
    const at = space.words.get(word);
    if (at === undefined) continue;
    const factor = said(times) * (space.scales[at] as number);
    const start = at * dimensions;
    for (let place = 0; place < dimensions; place += 1)
      vector[place] = (vector[place] as number) + factor * (space.rows[start + place] as number);
  }
  return vector.some((value) => value !== 0) ? vector : undefined;
}

/** Number of the format and of the words, then a scale a word, then their rows, then the words in their order. */
export function packSpace({ words, rows, scales }: WordSpace): Buffer {
  const head = Buffer.alloc(headBytes + 4 * scales.length);
  head.writeUInt32LE(version, 0);
  head.writeUInt32LE(words.size, 4);
  head.writeUInt32LE(dimensions, 8);
  for (const [at, scale] of scales.entries()) head.writeFloatLE(scale, headBytes + 4 * at);
  const numbers = Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength);
  return Buffer.concat([head, numbers, Buffer.from([...words.keys()].join("\n"), "utf8")]);
}

/** Undefined for a format that this program does not know, and for what is cut. */
export function unpackSpace(packed: Buffer): WordSpace | undefined {
  if (packed.length < headBytes || packed.readUInt32LE(0) !== version) return undefined;
  const count = packed.readUInt32LE(4);
  const rowsAt = headBytes + 4 * count;
  const wordsAt = rowsAt + count * dimensions;
  if (packed.readUInt32LE(8) !== dimensions || packed.length < wordsAt) return undefined;
  const text = packed.toString("utf8", wordsAt);
  const words = text === "" ? [] : text.split("\n");
  if (words.length !== count) return undefined;
  return {
    words: new Map(words.map((word, at) => [word, at])),
    // A copy, as the bytes may lie anywhere in a larger buffer.
    rows: new Int8Array(Uint8Array.from(packed.subarray(rowsAt, wordsAt)).buffer),
    scales: Float32Array.from({ length: count }, (_, at) => packed.readFloatLE(headBytes + 4 * at)),
  };
}
