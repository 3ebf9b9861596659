/**
 * Symbols against Universal Ctags: which of its functions, methods, classes, interfaces, structs, enums and traits
 * stand in our index at the same line. Prints one JSON line a language and one in all, then the missing ones by cause.
 * `share` is of all that have a name in the source; `right_share` leaves those out that ctags has wrong, each shown so
 * by what stands at its place. Usage: npm run bench:ctags -- <folder> [--list] [--least 0.97]
 * Fails where `share` of all is below `--least` (0), or nothing was compared.
 */
import { spawn } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { extractFile } from "../../dist/indexer/extract-file.js";
import { languageOfText } from "../../dist/indexer/languages.js";
import { indexedFiles } from "./indexed-files.mjs";

const { values: flags, positionals } = parseArgs({
  options: { list: { type: "boolean", default: false }, least: { type: "string", default: "0" } },
  allowPositionals: true,
});
const root = realpathSync(positionals[0] ?? ".");
const { list } = flags;
const kinds = new Set(["function", "func", "method", "class", "interface", "struct", "enum", "trait"]);
/** In Python, ctags calls a method `member`; elsewhere a member is a field. */
const isWanted = (tag) =>
  !stylesheets.has(tag.language) &&
  (kinds.has(tag.kind) || (tag.kind === "member" && tag.language === "Python"));
/** What ctags calls a class there is a whole selector. */
const stylesheets = new Set(["CSS", "SCSS", "Sass", "LESS"]);
/** Things without a name, to which ctags gives one of its own. */
const isUnnamed = ({ name }) => /^__anon|^anonymous|^Anonymous|^<lambda>/.test(name);

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
const uses = new Map();
const broken = new Set();
for (const { path } of files.values()) {
  const text = readFileSync(join(root, path), "utf8");
  const { definitions, references, parseErrors } = await extractFile(text, languageOfText(path, text), {
    parseLimitMs: 60_000,
  });
  known.set(path, new Set(definitions.map(({ line, name }) => `${line}:${name}`)));
  if (parseErrors > 0) broken.add(path);
  // Where the grammar is lost, the head of a function looks like a call: such uses explain nothing.
  const certain = references.filter(({ role }) => parseErrors === 0 || role === "type");
  uses.set(path, new Set(certain.map(({ line, name }) => `${line}:${name}`)));
}

const isFound = (tag, line) => known.get(tag.path)?.has(`${line}:${nameOf(tag)}`) === true;
/** ctags writes `operator ==` however the source does, and gives some names with what they belong to. */
const nameOf = ({ name, language }) =>
  qualified.has(language)
    ? name.replace(/^.*\./, "").replace(/^`(.*)`$/, "$1")
    : name.replace(/^operator\s+(?=\W)/, "operator");
const qualified = new Set(["C#", "Lua", "Kotlin"]);
/** Places that ctags names too: another definition of the same name explains nothing. */
const tagged = new Set();
const nearby = [-1, 1, -2, 2, -3, 3];

/** Why a tag is wrong; the first that fits. Each takes the tag and its line's text. */
const wrongCauses = [
  [
    "found, but ctags says another line: it looks at what follows the name",
    (tag) =>
      nearby.some(
        (offset) =>
          isFound(tag, tag.line + offset) && !tagged.has(`${tag.path}:${tag.line + offset}:${tag.name}`),
      ),
  ],
  [
    "`exports` is where the value goes, not its name: a named one is found by its own",
    ({ name }, line) => name === "exports" && /\bexports\s*=/.test(line),
  ],
  [
    "ctags calls it a class, but it is no class: an object, or a call that is given one",
    ({ kind, language }, line) =>
      kind === "class" && language === "JavaScript" && !/\bclass\b|\bnew\b|\bfunction\b/.test(line),
  ],
  [
    "ctags takes a use of the name (a call, a type) for its definition",
    ({ path, line, name }, text) =>
      uses.get(path)?.has(`${line}:${name}`) === true && text.split(name).length === 2,
  ],
  [
    "the name does not stand on the line that ctags says",
    ({ name }, line) => !line.includes(name.replace(/^.*(::|\.)/, "")),
  ],
  [
    "the name is computed when the program runs: ctags gives the object's",
    ({ name, language }, line) => language === "JavaScript" && line.includes(`${name}[`),
  ],
];
/** Why a tag is missing. */
const causes = [
  ["the file has syntax that the grammar cannot read", ({ path }) => broken.has(path)],
  ["not found", () => true],
];

function causeOf(tag) {
  const line = readFileSync(join(root, tag.path), "utf8").split(/\r?\n/)[tag.line - 1] ?? "";
  const wrong = wrongCauses.find(([, fits]) => fits(tag, line));
  if (wrong !== undefined) return { cause: wrong[0], isWrong: true };
  return { cause: causes.find(([, fits]) => fits(tag, line))[0], isWrong: false };
}

const totals = new Map();
const missing = [];
const tags = await readTags();
for (const { path, line, name } of tags) tagged.add(`${path}:${line}:${name}`);
for (const tag of tags) {
  const total = totals.get(tag.language) ?? { found: 0, total: 0, wrong: 0, unnamed: 0 };
  totals.set(tag.language, total);
  if (isUnnamed(tag)) {
    total.unnamed += 1;
    continue;
  }
  total.total += 1;
  if (isFound(tag, tag.line)) {
    total.found += 1;
    continue;
  }
  const { cause, isWrong } = causeOf(tag);
  if (isWrong) total.wrong += 1;
  missing.push({ ...tag, cause });
}
const print = (row) => process.stdout.write(`${JSON.stringify(row)}\n`);
const ratio = (found, total) => Number((found / Math.max(1, total)).toFixed(4));
const share = ({ found, total, wrong, unnamed }) => ({
  found,
  total,
  share: ratio(found, total),
  right_share: ratio(found, total - wrong),
  unnamed,
});
for (const [language, total] of totals) print({ language, ...share(total) });
const add = (sum, one) => Object.fromEntries(Object.keys(sum).map((key) => [key, sum[key] + one[key]]));
const all = [...totals.values()].reduce(add, { found: 0, total: 0, wrong: 0, unnamed: 0 });
print({ language: "all", ...share(all) });
if (all.total === 0 || all.found < Number(flags.least) * all.total) process.exitCode = 1;
for (const [cause, tags] of group(missing)) {
  print({ missing: tags.length, cause });
  for (const tag of list ? tags : tags.slice(0, 5))
    print({ path: tag.path, line: tag.line, kind: tag.kind, name: tag.name });
}

function group(tags) {
  const groups = new Map();
  for (const tag of tags) groups.set(tag.cause, [...(groups.get(tag.cause) ?? []), tag]);
  return groups;
}
