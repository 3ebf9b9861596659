/**
 * The strongest directions of a sparse table, by a random projection with one power iteration. The same table gives the
 * same numbers, as chance begins at the same place.
 */

/** A row of the table: columns, and the value in each. */
export interface SparseRow {
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

/** Projected beside what is wanted, as the last directions come out blurred. */
const spare = 10;
const sweepsMax = 12;
/** Directions that are weaker than the strongest by this much are noise of the arithmetic. */
const weakest = 1e-10;

/** Numbers from -1 to 1, each time the same ones. */
export function chance(): () => number {
  let state = 12_345;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  };
}

/**
 * Each column of the table as `width` numbers, one after the other: its part in every direction, times the root of the
 * direction's strength. Directions that are not there are 0.
 */
export function strongestDirections(
  rows: readonly SparseRow[],
  columns: number,
  width: number,
): Float32Array {
  const found = new Float32Array(columns * width);
  const tried = Math.min(width + spare, rows.length, columns);
  if (tried === 0) return found;
  const next = chance();
  const start = Float32Array.from({ length: columns * tried }, next);
  let sides = orthonormal(timesTable(rows, start, tried), rows.length, tried);
  const once = timesTransposed(rows, sides, columns, tried);
  sides = orthonormal(timesTable(rows, once, tried), rows.length, tried);
  const parts = timesTransposed(rows, sides, columns, tried);
  const { strengths, turns } = eigen(gram(parts, columns, tried), tried);
  const order = [...strengths.keys()].sort((a, b) => (strengths[b] as number) - (strengths[a] as number));
  const least = weakest * Math.max(0, strengths[order[0] as number] as number);
  for (const [place, direction] of order.slice(0, width).entries()) {
    const strength = strengths[direction] as number;
    if (strength <= least) break;
    // A strength is the square of a singular value, and the sum has the length of that value.
    const scale = strength ** -0.25;
    for (let column = 0; column < columns; column += 1) {
      let sum = 0;
      for (let at = 0; at < tried; at += 1)
        sum += (parts[column * tried + at] as number) * (turns[at * tried + direction] as number);
      found[column * width + place] = sum * scale;
    }
  }
  return found;
}

function timesTable(rows: readonly SparseRow[], right: Float32Array, width: number): Float32Array {
  const product = new Float32Array(rows.length * width);
  for (const [row, { columns, values }] of rows.entries())
    for (let at = 0; at < columns.length; at += 1)
      addScaled(product, row * width, right, (columns[at] as number) * width, values[at] as number, width);
  return product;
}

function timesTransposed(
  rows: readonly SparseRow[],
  right: Float32Array,
  count: number,
  width: number,
): Float32Array {
  const product = new Float32Array(count * width);
  for (const [row, { columns, values }] of rows.entries())
    for (let at = 0; at < columns.length; at += 1)
      addScaled(product, (columns[at] as number) * width, right, row * width, values[at] as number, width);
  return product;
}

function addScaled(
  to: Float32Array,
  toAt: number,
  from: Float32Array,
  fromAt: number,
  factor: number,
  width: number,
): void {
  for (let at = 0; at < width; at += 1)
    to[toAt + at] = (to[toAt + at] as number) + factor * (from[fromAt + at] as number);
}

/** By Gram and Schmidt, each twice, as once leaves too much of the others. A column that depends on others becomes 0. */
function orthonormal(table: Float32Array, length: number, width: number): Float32Array {
  const columns = Array.from({ length: width }, (_, at) =>
    Float64Array.from({ length }, (_, row) => table[row * width + at] as number),
  );
  for (const [at, column] of columns.entries()) {
    for (const other of [...columns.slice(0, at), ...columns.slice(0, at)]) {
      const share = dot(column, other);
      for (let row = 0; row < length; row += 1)
        column[row] = (column[row] as number) - share * (other[row] as number);
    }
    const square = dot(column, column);
    const scale = square > 1e-12 ? 1 / Math.sqrt(square) : 0;
    for (let row = 0; row < length; row += 1) column[row] = (column[row] as number) * scale;
  }
  const unit = new Float32Array(length * width);
  for (const [at, column] of columns.entries())
    for (let row = 0; row < length; row += 1) unit[row * width + at] = column[row] as number;
  return unit;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] as number) * (b[at] as number);
  return sum;
}

function gram(table: Float32Array, length: number, width: number): Float64Array {
  const products = new Float64Array(width * width);
  for (let row = 0; row < length; row += 1)
    for (let a = 0; a < width; a += 1) {
      const left = table[row * width + a] as number;
      for (let b = a; b < width; b += 1)
        products[a * width + b] =
          (products[a * width + b] as number) + left * (table[row * width + b] as number);
    }
  for (let a = 0; a < width; a += 1)
    for (let b = 0; b < a; b += 1) products[a * width + b] = products[b * width + a] as number;
  return products;
}

/** Jacobi's way: turns two axes at a time until nothing stands beside the diagonal. */
function eigen(
  table: Float64Array,
  width: number,
): { readonly strengths: Float64Array; readonly turns: Float64Array } {
  const turns = new Float64Array(width * width);
  for (let at = 0; at < width; at += 1) turns[at * width + at] = 1;
  for (let sweep = 0; sweep < sweepsMax && !isDiagonal(table, width); sweep += 1)
    for (let p = 0; p < width; p += 1)
      for (let q = p + 1; q < width; q += 1) {
        const beside = table[p * width + q] as number;
        if (Math.abs(beside) < 1e-12) continue;
        const half = ((table[q * width + q] as number) - (table[p * width + p] as number)) / (2 * beside);
        const tangent = (half < 0 ? -1 : 1) / (Math.abs(half) + Math.sqrt(half * half + 1));
        const cosine = 1 / Math.sqrt(tangent * tangent + 1);
        const sine = tangent * cosine;
        for (let at = 0; at < width; at += 1) turn(table, at * width + p, at * width + q, cosine, sine);
        for (let at = 0; at < width; at += 1) turn(table, p * width + at, q * width + at, cosine, sine);
        for (let at = 0; at < width; at += 1) turn(turns, at * width + p, at * width + q, cosine, sine);
      }
  return {
    strengths: Float64Array.from({ length: width }, (_, at) => table[at * width + at] as number),
    turns,
  };
}

function turn(table: Float64Array, p: number, q: number, cosine: number, sine: number): void {
  const a = table[p] as number;
  const b = table[q] as number;
  table[p] = cosine * a - sine * b;
  table[q] = sine * a + cosine * b;
}

function isDiagonal(table: Float64Array, width: number): boolean {
  let beside = 0;
  let on = 0;
  for (let p = 0; p < width; p += 1) {
    on += (table[p * width + p] as number) ** 2;
    for (let q = p + 1; q < width; q += 1) beside += (table[p * width + q] as number) ** 2;
  }
  return beside <= 1e-14 * on;
}
