/** `node grammars/tree.mjs <language> <file>`: the tree that a language's grammar makes of a file, to write queries by. */
import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { Language, Parser } from "web-tree-sitter";

const [language, file] = process.argv.slice(2);
const read = (path) => readFileSync(new URL(path, import.meta.url));
const { grammar } = JSON.parse(read(`${language}/language.json`));
const bytes = grammar.package
  ? read(`../node_modules/${grammar.package}/${grammar.file}`)
  : brotliDecompressSync(read(`${language}/${grammar.file}`));
await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(bytes));

function show(node, field, depth) {
  const name = field === null ? "" : `${field}: `;
  const text = node.childCount === 0 ? ` ${JSON.stringify(node.text)}` : "";
  const { row, column } = node.startPosition;
  const line = `${"  ".repeat(depth)}${name}${node.isNamed ? node.type : JSON.stringify(node.type)}`;
  process.stdout.write(`${line} ${row + 1}:${column + 1}${node.isNamed ? text : ""}\n`);
  for (const [index, child] of node.children.entries()) show(child, node.fieldNameForChild(index), depth + 1);
}
show(parser.parse(readFileSync(file, "utf8")).rootNode, null, 0);
