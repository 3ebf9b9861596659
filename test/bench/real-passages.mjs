/**
 * Passages of real text and vectors for them without a model: the words and their parts, weighed by how rare they are
 * (tf-idf), projected at random (a fixed row of numbers a word). Passages with the same rare words are near each other,
 * and there are many near-copies, as in code.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { normalize } from "../../dist/indexer/vector-code.js";
import { seeded } from "../fixtures/seeded.mjs";

const texts = /\.(?:c|cc|cjs|css|go|h|hpp|java|js|md|mjs|php|pl|py|rb|rs|sh|sql|ts|tsx|txt|yaml|yml)$/;
const fileBytesMax = 2_000_000;
const linesInOne = 8;
const linesBetween = 6;
/** Of a passage; commoner ones weigh little. */
const rarestWords = 40;

function* filesIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== ".git") yield* filesIn(path);
    else if (entry.isFile() && texts.test(entry.name)) yield path;
  }
}

/** Windows of lines that overlap; a text that came before is left out, as it would share its vector. */
export function* passagesIn(folders, most) {
  const seen = new Set();
  for (const folder of folders)
    for (const path of filesIn(folder)) {
      const text = readFileSync(path, "utf8");
      if (text.length > fileBytesMax) continue;
      const lines = text.split("\n");
      for (let first = 0; first === 0 || first + linesBetween < lines.length; first += linesBetween) {
        const passage = lines.slice(first, first + linesInOne).join("\n");
        const size = seen.size;
        if (passage.length < 80 || passage.length > 4000 || seen.add(hashOf(passage)).size === size) continue;
        yield passage;
        if (seen.size >= most) return;
      }
    }
}

/** 53 bits of two FNV-1a's. */
function hashOf(text) {
  let a = 2166136261;
  let b = 3339675911;
  for (let at = 0; at < text.length; at += 1) {
    a = Math.imul(a ^ text.charCodeAt(at), 16777619);
    b = Math.imul(b ^ text.charCodeAt(at), 2246822507) ^ (b >>> 13);
  }
  return (a >>> 0) * 2 ** 21 + ((b >>> 0) & 0x1fffff);
}

export function wordsOf(text) {
  const words = new Map();
  const count = (word) => words.set(word, (words.get(word) ?? 0) + 1);
  for (const whole of text.match(/[A-Za-z][A-Za-z0-9_]+/g) ?? []) {
    count(whole.toLowerCase());
    const parts = whole.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? [];
    if (parts.length > 1) for (const part of parts) if (part.length > 1) count(part.toLowerCase());
  }
  return words;
}

/** `counts`: in how many of `total` passages each word stands. */
export function openProjection(counts, total, dimensions) {
  const rows = new Map();
  const rowOf = (word) => {
    const kept = rows.get(word);
    if (kept !== undefined) return kept;
    const random = seeded(hashOf(word) | 0);
    const made = new Int8Array(dimensions);
    for (let at = 0; at < dimensions; at += 4) {
      const four = random() * 2 ** 32;
      for (let byte = 0; byte < 4 && at + byte < dimensions; byte += 1) made[at + byte] = four >>> (8 * byte);
    }
    rows.set(word, made);
    return made;
  };
  return (text) => {
    const vector = new Float32Array(dimensions);
    const weighed = [];
    for (const [word, times] of wordsOf(text)) {
      const passages = counts.get(word) ?? 1;
      if (passages > 1) weighed.push({ word, weight: (1 + Math.log(times)) * Math.log(total / passages) });
    }
    weighed.sort((a, b) => b.weight - a.weight);
    for (const { word, weight } of weighed.slice(0, rarestWords)) {
      const row = rowOf(word);
      for (let at = 0; at < dimensions; at += 1) vector[at] += weight * row[at];
    }
    return normalize(vector);
  };
}
