/** A web-tree-sitter parser for one language of grammars/, or undefined for plain text. */
import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { Language, Parser } from "web-tree-sitter";
import { languages } from "../../dist/indexer/languages.js";

export async function loadGrammarForBench(language) {
  const spec = languages().get(language);
  if (spec === undefined) return undefined;
  await Parser.init();
  const file = readFileSync(spec.wasm);
  const parser = new Parser();
  parser.setLanguage(
    await Language.load(new Uint8Array(spec.wasm.endsWith(".br") ? brotliDecompressSync(file) : file)),
  );
  return parser;
}
