/** A web-tree-sitter parser for one language of grammars/, or undefined for plain text. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Language, Parser } from "web-tree-sitter";

const top = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const require = createRequire(import.meta.url);

export async function loadGrammarForBench(language) {
  if (language === "text") return undefined;
  await Parser.init();
  const { grammar } = JSON.parse(readFileSync(join(top, "grammars", language, "language.json"), "utf8"));
  const parser = new Parser();
  parser.setLanguage(await Language.load(require.resolve(`${grammar.package}/${grammar.file}`)));
  return parser;
}
