/**
 * Symbols against Universal Ctags: which of its functions, methods, classes, interfaces, structs, enums and traits
 * stand in our index at the same line. Prints one JSON line a language and one in all, then the missing ones by cause.
 * Usage: npm run bench:ctags -- <folder> [--list]
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { extractFile } from "../../dist/indexer/extract-file.js";
import { languageOfText } from "../../dist/indexer/languages.js";
import { indexedFiles } from "./indexed-files.mjs";

const root = process.argv[2];
const list = process.argv.includes("--list");
const kinds = new Set(["function", "func", "method", "class", "interface", "struct", "enum", "trait"]);
/** In Python, ctags calls a method `member`; elsewhere a member is a field. */
const isWanted = (tag) => kinds.has(tag.kind) || (tag.kind === "member" && tag.language === "Python");

const files = new Map(
  (await indexedFiles(root)).filter(({ language }) => language !== "text").map((file) => [file.path, file]),
);

async function readTags() {
  const ctags = spawn(
    "ctags",
    ["--output-format=json", "--fields=+neKlS", "--sort=no", "-f", "-", "-L", "-"],
    { cwd: root },
  );
  ctags.stdin.end([...files.keys()].join("\n"));
  const tags = [];
  for await (const line of createInterface({ input: ctags.stdout })) {
    const tag = JSON.parse(line);
    if (tag._type === "tag" && isWanted(tag)) tags.push(tag);
  }
  return tags;
}

const known = new Map();
const broken = new Set();
for (const { path } of files.values()) {
  const text = readFileSync(join(root, path), "utf8");
  const { definitions, parseErrors } = await extractFile(text, languageOfText(path, text), { parseLimitMs: 60_000 });
  known.set(path, new Set(definitions.map(({ line, name }) => `${line}:${name}`)));
  if (parseErrors > 0) broken.add(path);
}

/** Why a tag may be missing; the first that fits. */
function causeOf(tag) {
  const line = readFileSync(join(root, tag.path), "utf8").split(/\r?\n/)[tag.line - 1] ?? "";
  const name = tag.name.replace(/^.*(::|\.)/, "");
  if (/^__anon|^anonymous|^AnonymousFunction/.test(tag.name))
    return "ctags made the name up: the thing has none";
  if (!line.includes(name)) return "the name does not stand on the line that ctags says";
  if ([-2, -1, 1, 2].some((near) => known.get(tag.path)?.has(`${tag.line + near}:${tag.name}`)))
    return "found within two lines";
  if (broken.has(tag.path)) return "the file has syntax that the grammar cannot read";
  return "not found";
}

const totals = new Map();
const missing = [];
for (const tag of await readTags()) {
  const total = totals.get(tag.language) ?? { found: 0, total: 0 };
  totals.set(tag.language, total);
  total.total += 1;
  if (known.get(tag.path)?.has(`${tag.line}:${tag.name}`)) total.found += 1;
  else missing.push({ ...tag, cause: causeOf(tag) });
}
const print = (row) => process.stdout.write(`${JSON.stringify(row)}\n`);
const share = ({ found, total }) => ({
  found,
  total,
  share: Number((found / Math.max(1, total)).toFixed(4)),
});
for (const [language, total] of totals) print({ language, ...share(total) });
const all = [...totals.values()].reduce(
  (sum, one) => ({ found: sum.found + one.found, total: sum.total + one.total }),
  { found: 0, total: 0 },
);
print({ language: "all", ...share(all) });
const causes = group(missing);
for (const [cause, tags] of causes) {
  print({ missing: tags.length, cause });
  for (const tag of list ? tags : tags.slice(0, 5))
    print({ path: tag.path, line: tag.line, kind: tag.kind, name: tag.name });
}

function group(tags) {
  const groups = new Map();
  for (const tag of tags) groups.set(tag.cause, [...(groups.get(tag.cause) ?? []), tag]);
  return groups;
}
