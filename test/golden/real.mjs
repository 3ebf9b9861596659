/**
 * Asks the fifty questions of `questions.json` on real checkouts, with the built program's command line:
 *
 *     node test/golden/real.mjs --repos <folder> [--home <folder>]
 *
 * `<folder>/<name>` is the checkout of each set that has a commit; the set without one asks about Cambium itself.
 * Prints one JSON line a question, a repository and in total. With `--home` the index is kept for the next run. Where
 * CAMBIUM_EMBEDDINGS is set, vectors are made or bought first.
 */
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

const here = fileURLToPath(new URL(".", import.meta.url));
const checkout = join(here, "..", "..");
const program = join(checkout, "dist", "main.js");
const { values } = parseArgs({ options: { repos: { type: "string" }, home: { type: "string" } } });
if (values.repos === undefined) throw new Error("Say where the checkouts are: --repos <folder>.");
const scratch = realpathSync(mkdtempSync(join(tmpdir(), "cambium-real-")));
const env = {
  ...process.env,
  CAMBIUM_HOME: values.home === undefined ? join(scratch, "home") : resolve(values.home),
  CAMBIUM_WORKER_IDLE_MS: "1000",
  CAMBIUM_LOG_LEVEL: "error",
};

const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const round = (value) => Math.round(value * 1000) / 1000;

async function ask(...args) {
  const options = { env, cwd: scratch, maxBuffer: 256 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args, "--json"], options);
  return JSON.parse(stdout);
}

/** Cambium's own code, without the questions, which hold their own words. */
function copyOwnCode() {
  const left = new Set(["node_modules", "dist", "test", ".git"]);
  const filter = (path) => !left.has(relative(checkout, path).split(sep)[0] ?? "");
  cpSync(checkout, join(scratch, "cambium"), { recursive: true, filter });
  return join(scratch, "cambium");
}

/** From 1, counted in files; null where the file is not among the hits. */
function placeOf(file, found) {
  const place = [...new Set(found.map(({ path }) => path))].indexOf(file);
  return place === -1 ? null : place + 1;
}

function qualityOf(ranks) {
  const share = (most) => round(ranks.filter((rank) => rank !== null && rank <= most).length / ranks.length);
  const reciprocal = ranks.reduce((sum, rank) => sum + (rank === null ? 0 : 1 / rank), 0);
  return { hit1: share(1), hit5: share(5), mrr: round(reciprocal / ranks.length), questions: ranks.length };
}

async function askAll({ name, commit, questions }) {
  const root = commit === null ? copyOwnCode() : resolve(values.repos, name);
  if (!existsSync(root)) throw new Error(`There is no checkout of ${name} in ${root}.`);
  const { repository } = await ask("index", root, "--wait");
  if ((env.CAMBIUM_EMBEDDINGS ?? "none") !== "none") await ask("embed", repository, "--wait");
  const ranks = [];
  for (const { question, file, kind } of questions) {
    if (!existsSync(join(root, file)))
      throw new Error(`${file} is not in ${root}; is it the commit ${commit}?`);
    const { hits } = await ask("search", question, "--repo", repository, "--limit", "100");
    const rank = placeOf(file, hits);
    const found = kind === "symbol" ? await ask("symbol", question, "--repo", repository) : undefined;
    const symbol = found === undefined ? {} : { symbol: placeOf(file, found.definitions) };
    print({ repository: name, kind, question, file, rank, ...symbol, first: hits[0]?.path ?? null });
    ranks.push(rank);
  }
  print({ repository: name, ...qualityOf(ranks) });
  return ranks;
}

try {
  const all = [];
  for (const set of JSON.parse(readFileSync(join(here, "questions.json"), "utf8")))
    all.push(...(await askAll(set)));
  print({ repository: "total", ...qualityOf(all) });
} finally {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
}
