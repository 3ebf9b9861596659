/**
 * Where the time of a cold index goes: the whole pipeline in one process under V8's profiler, each sample put down to
 * the innermost stage it was taken in. Prints `time_<stage>` in seconds, with its share of the whole as the ratio.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { childFlags } from "../../dist/child-tuning.js";
import { runAside } from "./run-aside.mjs";

const indexOnce = join(dirname(fileURLToPath(import.meta.url)), "..", "fixtures", "index-once.mjs");

/** By the files and functions that begin them; after a wait a function stands at the bottom of its stack itself. */
const stages = {
  scan: ["scan.js", "walk.js", "git-files.js", "file-list.js", "open-index.js begin"],
  read: ["read-file.js", "large-file.js readLarge"],
  hash: ["pipeline.js keyOf"],
  load: ["parse.js compileGrammar", "parse.js startEngine"],
  parse: ["web-tree-sitter.js parse", "web-tree-sitter.js delete"],
  query: ["web-tree-sitter.js matches"],
  extract: ["extract-file.js", "parse.js"],
  write: ["write-batch.js"],
  publish: ["pipeline.js publish"],
};
const stageOf = new Map(
  Object.entries(stages).flatMap(([stage, starts]) => starts.map((start) => [start, stage])),
);
const ofEngine = new Map([
  ["(idle)", "wait"],
  ["(garbage collector)", "collect"],
]);

export async function measureStages(corpus, print) {
  const folder = mkdtempSync(join(tmpdir(), "cambium-stages-"));
  try {
    const profiler = ["--cpu-prof", "--cpu-prof-interval", "500", "--cpu-prof-dir", folder];
    const args = [...profiler, ...childFlags, indexOnce, join(folder, "index"), corpus];
    const { status, stderr } = await runAside(args, process.env);
    if (status !== 0) throw new Error(`index failed: ${stderr}`);
    const name = readdirSync(folder).find((file) => file.endsWith(".cpuprofile"));
    const spent = addUp(JSON.parse(readFileSync(join(folder, name), "utf8")));
    const whole = [...spent.values()].reduce((sum, seconds) => sum + seconds, 0);
    for (const [stage, seconds] of spent)
      print(`time_${stage}`, seconds, "s", seconds / whole, "the whole pipeline in one process");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds by stage, in the order of the line. */
function addUp({ nodes, samples, timeDeltas }) {
  const spent = new Map([...Object.keys(stages), "collect", "wait", "other"].map((stage) => [stage, 0]));
  const stageOfNode = new Map();
  // A node's children come after it.
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  for (const { id, callFrame } of nodes) {
    const { functionName, url } = callFrame;
    const file = url.split("/").at(-1);
    const own = ofEngine.get(functionName) ?? stageOf.get(`${file} ${functionName}`) ?? stageOf.get(file);
    stageOfNode.set(id, own ?? stageOfNode.get(parents.get(id)) ?? "other");
  }
  for (const [at, id] of samples.entries()) {
    const stage = stageOfNode.get(id);
    spent.set(stage, spent.get(stage) + timeDeltas[at] / 1e6);
  }
  return spent;
}
