/**
 * Measures retrieval: indexes each checkout of a set with the built program and asks it the set's questions.
 *
 *     npm run eval -- --set <file> --repos <folder> [--home <folder>] [--only a,b] [--ablate] [--misses]
 *
 * `<folder>/<name>` is the checkout of each repository at the revision that the set names; nothing is obtained here.
 * Prints one JSON line a repository, a category and in total; with `--ablate` also one line for each rule of the
 * ranking that is left out, with `--misses` one for each question whose answer is not first. `--home` keeps the index.
 * Where CAMBIUM_EMBEDDINGS is set, vectors are made or bought first, and take part.
 */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { meanOf, measureQuery } from "./measure.mjs";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
const { values } = parseArgs({
  options: {
    set: { type: "string" },
    repos: { type: "string" },
    home: { type: "string" },
    only: { type: "string" },
    ablate: { type: "boolean", default: false },
    misses: { type: "boolean", default: false },
  },
});
if (values.set === undefined || values.repos === undefined)
  throw new Error("Say what to ask and where the checkouts are: --set <file> --repos <folder>.");

const { askCode } = await import(join(dist, "indexer/meaning.js"));
const { readConfig } = await import(join(dist, "config.js"));
const { openMeaning } = await import(join(dist, "embedding-provider.js"));
const { openSqliteIndex } = await import(join(dist, "indexer/stores/sqlite/open-index.js"));
const { rankingRules } = await import(join(dist, "indexer/rank.js"));

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "cambium-eval-")));
const home = values.home === undefined ? scratch : resolve(values.home);
const env = {
  ...process.env,
  CAMBIUM_HOME: home,
  CAMBIUM_WORKER_IDLE_MS: "2000",
  CAMBIUM_LOG_LEVEL: "error",
};
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** A checkout at another revision would be asked the wrong questions. */
function checkRevision(folder, { name, revision }) {
  if (!revision) return;
  const head = execFileSync("git", ["-C", folder, "rev-parse", "HEAD"], { encoding: "utf8" }).trim();
  if (head !== revision) throw new Error(`${name}: ${folder} is at ${head}, the set asks about ${revision}.`);
}

const config = readConfig({ home });
const isMeant = config.embeddings !== "none";

async function run(...args) {
  const given = [join(dist, "main.js"), ...args, "--wait", "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, given, { env, maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout);
}

async function index(folder) {
  const { repository } = await run("index", folder);
  if (isMeant) await run("embed", repository);
  return repository;
}

async function ask({ store, meaning }, repository, { queries }, without, onMiss = () => {}) {
  const open = meaning && (async () => meaning);
  const measured = [];
  for (const { query, relevant, secondary = [], category = "all" } of queries) {
    const { hits, note } = await askCode(store, open, { query, repository, limit: 10, without });
    if (note !== undefined) throw new Error(`${repository}: ${note}`);
    const measure = measureQuery(hits, [...relevant, ...secondary]);
    if (measure.ndcg10 < 1)
      onMiss({ query, category, relevant, secondary, found: hits.map(({ path }) => path) });
    measured.push({ ...measure, category });
  }
  return measured;
}

const wanted = values.only?.split(",");
const sets = JSON.parse(readFileSync(values.set, "utf8"));
const measures = [];
const ablated = new Map((values.ablate ? rankingRules : []).map((rule) => [rule, []]));
try {
  for (const set of sets) {
    if (wanted !== undefined && !wanted.includes(set.name)) continue;
    const folder = resolve(values.repos, set.name);
    if (!existsSync(folder)) {
      process.stderr.write(`${set.name}: left out, as there is no checkout ${folder}\n`);
      continue;
    }
    checkRevision(folder, set);
    const repository = await index(resolve(folder, set.root ?? "."));
    const store = openSqliteIndex(join(home, "index"));
    const onMiss = values.misses ? (miss) => print({ repository: set.name, ...miss }) : undefined;
    const opened = { store, meaning: isMeant ? openMeaning(config, store) : undefined };
    const own = await ask(opened, repository, set, undefined, onMiss);
    for (const [rule, all] of ablated) all.push(...(await ask(opened, repository, set, new Set([rule]))));
    opened.meaning?.ledger.close();
    store.close();
    measures.push(...own);
    print({ repository: set.name, ...meanOf(own) });
  }
  for (const category of [...new Set(measures.map((one) => one.category))].sort())
    print({ category, ...meanOf(measures.filter((one) => one.category === category)) });
  for (const [rule, all] of ablated) print({ without: rule, ...meanOf(all) });
  print({ total: true, ...meanOf(measures) });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
