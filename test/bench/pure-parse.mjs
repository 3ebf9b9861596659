/**
 * The yardstick: reads and parses, one after the other on one core, the files that an index of the folder parses,
 * with web-tree-sitter and nothing else. Prints one JSON line {files, bytes, seconds}.
 * Usage: node test/bench/pure-parse.mjs <folder>
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadGrammarForBench } from "./grammar.mjs";
import { indexedFiles } from "./indexed-files.mjs";

const root = process.argv[2];
const files = await indexedFiles(root);
const parsers = new Map();
for (const language of new Set(files.map((file) => file.language))) {
  parsers.set(language, await loadGrammarForBench(language));
}
let bytes = 0;
let parsed = 0;
const began = performance.now();
for (const { path, language } of files) {
  const parser = parsers.get(language);
  if (parser === undefined) continue;
  const text = readFileSync(join(root, path), "utf8");
  parser.parse(text)?.delete();
  bytes += Buffer.byteLength(text);
  parsed += 1;
}
process.stdout.write(
  `${JSON.stringify({ files: parsed, bytes, seconds: (performance.now() - began) / 1000 })}\n`,
);
