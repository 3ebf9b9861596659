/**
 * `npm run bench:exact -- <folder>… [--patterns 200] [--selective n] [--seed n] [--home <data folder>]`: indexes each
 * folder, looks for patterns made of its own text in the index and with ripgrep, and compares every line. One JSON line
 * a folder; exit code 1 where a line differs. With `--selective` only patterns count that are found on so many lines at
 * most. Measured are a first page of ten, and all that ripgrep finds; `csearch` too where it is installed and has a way
 * to be asked for the same.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { searchExact } from "../../dist/indexer/search-exact.js";
import { openSqliteIndex } from "../../dist/indexer/stores/sqlite/open-index.js";
import { anyText } from "../../dist/indexer/trigrams.js";

const { values, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: {
    patterns: { type: "string", default: "200" },
    selective: { type: "string", default: "Infinity" },
    seed: { type: "string", default: "195366" },
    home: { type: "string" },
  },
});
if (folders.length === 0) throw new Error("Name the folders to index.");
const rg = spawnSync("rg", ["--version"], { encoding: "utf8" });
if (rg.status !== 0) throw new Error("ripgrep is not installed (Debian: apt-get install ripgrep).");

let state = Number(values.seed) >>> 0;
/** The same numbers on every machine. */
function below(most) {
  state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
  return ((state ^ (state >>> 13)) >>> 0) % most;
}
const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const pick = (list) => list[below(list.length)];
const asLiteral = (text) => text.replace(/[\\.+*?()|[\]{}^$#&~-]/g, "\\$&");

/** A word, a piece of a line and a run of two lines of the corpus, to make patterns of. */
function sample(root, paths) {
  for (;;) {
    const lines = readFileSync(join(root, pick(paths)), "utf8").split("\n");
    const at = below(lines.length);
    const words = (lines[at] ?? "").match(/\w{3,}/g);
    if (words === null || lines[at].length > 300) continue;
    const piece = lines[at].trim();
    const start = below(Math.max(1, piece.length - 12));
    const next = (lines[at + 1] ?? "").trim().slice(0, 20);
    return { word: pick(words), other: pick(words), piece: piece.slice(start, start + 4 + below(16)), next };
  }
}

const makers = [
  ({ word }) => ({ query: word }),
  ({ piece }) => ({ query: piece, literal: true }),
  ({ word }) => ({ query: word, word: true }),
  ({ word }) => ({ query: word.toUpperCase(), ignoreCase: true }),
  ({ word, other }) => ({ query: `${word}|${other}` }),
  ({ word }) => ({ query: `^\\s*${word}` }),
  ({ word }) => ({ query: `${word}[^a-z]*$` }),
  ({ word }) => ({ query: `${word.slice(0, 3)}\\w+${word.slice(-1)}\\b` }),
  ({ word, other }) => ({ query: `${word}.*${other}` }),
  ({ word }) => ({ query: `(?i)${word}\\s*[=:(]` }),
  ({ word }) => ({ query: `[^${word[0]}\\s]${word.slice(1)}\\W` }),
  ({ word }) => ({ query: `\\b${word[0]}\\w{${word.length - 2}}${word.at(-1)}\\b.*\\d` }),
  ({ piece }) => ({ query: asLiteral(piece).replace(/[aeiou]/g, ".") }),
  ({ word }) => ({ query: `(?:${word}|\\p{Lu}\\w+${word.slice(2)})\\S?` }),
  ({ word }) => ({ query: `${word}\\s*\\n\\s*\\w+` }),
  ({ piece, next }) => ({ query: `${asLiteral(piece.slice(-6))}[^\\n]*\\n\\s*${asLiteral(next)}` }),
  ({ word }) => ({ query: `${word}[^;]{0,40};`, multiline: true }),
  ({ word }) => ({ query: `${word.slice(0, 2)}[a-z_]{2,8}\\(\\D*\\)` }),
];

/** Of the whole folder, as people ask it; what it finds in files that are not in the index is left out. */
function runRipgrep(root, paths, { query, literal, word, ignoreCase, multiline }) {
  const flags = [
    "--no-config",
    "-nH",
    "--no-heading",
    "--color=never",
    "--null",
    "-j2",
    "--no-ignore",
    "--hidden",
    "-g!.git",
  ];
  if (literal) flags.push("-F");
  if (word) flags.push("-w");
  if (ignoreCase) flags.push("-i");
  if (multiline || (!literal && query.includes("\\n"))) flags.push("-U");
  const run = spawnSync("rg", [...flags, "-e", query, "."], { cwd: root, maxBuffer: 1 << 30 });
  if (run.status === 2 && run.stdout.length === 0) throw new Error(`rg: ${run.stderr}`);
  const found = new Set();
  // A line feed in a name would confuse; no corpus has one.
  for (const line of run.stdout.toString("latin1").split("\n")) {
    const parsed = /^\.\/([^\0]+)\0(\d+):/.exec(line);
    if (parsed === null) continue;
    const path = Buffer.from(parsed[1], "latin1").toString();
    if (paths.has(path)) found.add(`${path}:${parsed[2]}`);
  }
  return found;
}

const hasCsearch = spawnSync("csearch", ["-h"]).error === undefined;

/** Undefined for what it has no way to be asked for: several lines, and what RE2 writes otherwise. */
function runCsearch(index, { query, literal, word, ignoreCase, multiline }) {
  if (multiline || (!literal && /\\n|\\p/.test(query))) return undefined;
  const text = literal ? asLiteral(query) : query;
  const flags = ["-n", ...(ignoreCase ? ["-i"] : [])];
  const run = spawnSync("csearch", [...flags, word ? `\\b(?:${text})\\b` : text], {
    env: { ...process.env, CSEARCHINDEX: index },
    maxBuffer: 1 << 30,
  });
  return run.status === 0 || run.status === 1;
}

async function runCambium(store, repository, request) {
  const found = [];
  let cursor;
  do {
    const page = await searchExact(store, {
      ...request,
      repository,
      limit: 10_000,
      timeLimitMs: 60_000,
      ...(cursor && { cursor }),
    });
    if (page.partial !== null) throw new Error(`${JSON.stringify(request)}: ${page.partial}`);
    for (const { path, startLine, endLine } of page.hits)
      for (let line = startLine; line <= endLine; line += 1) found.push(`${path}:${line}`);
    cursor = page.nextCursor;
  } while (cursor);
  return new Set(found);
}

const percentile = (list, share) =>
  list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))];

async function compare(folder, home) {
  const root = realpathSync(folder);
  if (values.home === undefined) {
    const main = join(import.meta.dirname, "../../dist/main.js");
    const indexed = spawnSync(process.execPath, [main, "index", root, "--wait", "--json"], {
      env: { ...process.env, CAMBIUM_HOME: home },
      encoding: "utf8",
    });
    if (indexed.status !== 0) throw new Error(indexed.stderr);
  }
  const store = openSqliteIndex(join(home, "index"));
  const status = store.repositories().find((one) => one.root === root);
  if (status === undefined) throw new Error(`${root} is not in ${home}.`);
  const paths = [];
  for (const { path } of store.texts(status.repository, anyText, {})) paths.push(path);
  const known = new Set(paths);
  const csearchIndex = join(home, "csearch");
  if (hasCsearch)
    spawnSync("cindex", ["-reset", root], { env: { ...process.env, CSEARCHINDEX: csearchIndex } });
  const times = { cambium: [], rg: [], csearch: [] };
  const measure = async (name, ask) => {
    const began = performance.now();
    const answer = await ask();
    if (answer !== undefined) times[name].push(performance.now() - began);
    return answer;
  };
  const differing = [];
  let lines = 0;
  for (let made = 0; times.cambium.length < Number(values.patterns); made += 1) {
    const request = makers[made % makers.length](sample(root, paths));
    const page = await measure("cambium", () =>
      searchExact(store, { ...request, repository: status.repository }),
    );
    if (page.total > Number(values.selective)) {
      times.cambium.pop();
      continue;
    }
    const found = await runCambium(store, status.repository, request);
    const expected = await measure("rg", () => runRipgrep(root, known, request));
    if (hasCsearch) await measure("csearch", () => runCsearch(csearchIndex, request));
    lines += expected.size;
    const missing = [...expected].filter((line) => !found.has(line));
    const extra = [...found].filter((line) => !expected.has(line));
    if (missing.length + extra.length > 0)
      differing.push({
        ...request,
        missing: missing.slice(0, 3),
        extra: extra.slice(0, 3),
        of: expected.size,
      });
  }
  store.close();
  const ms = (list) => ({
    p50: Math.round(percentile(list, 0.5)),
    p95: Math.round(percentile(list, 0.95)),
    of: list.length,
  });
  const told = {
    name: "regex_equals_rg",
    repository: status.repository,
    files: paths.length,
    patterns: times.cambium.length,
    lines,
    differing: differing.length,
  };
  print({
    ...told,
    cambium_page_ms: ms(times.cambium),
    rg_ms: ms(times.rg),
    ...(hasCsearch && { csearch_ms: ms(times.csearch) }),
  });
  for (const one of differing) print(one);
  return differing.length;
}

const home = values.home ?? mkdtempSync(join(tmpdir(), "cambium-exact-"));
let differing = 0;
try {
  for (const folder of folders) differing += await compare(folder, home);
} finally {
  if (values.home === undefined) rmSync(home, { recursive: true, force: true });
}
process.exitCode = differing === 0 ? 0 : 1;
