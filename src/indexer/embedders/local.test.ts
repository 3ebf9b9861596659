/** From a repository's own text to answers by meaning, with a real index and a real ledger. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { indexFolder } from "../../../test/fixtures/index-folder.ts";
import { embedBatch } from "../embed-batch.ts";
import { isComplete, planEmbeddings, previewEmbeddings } from "../embed-plan.ts";
import { askCode, type Meaning, standingEmbedder } from "../meaning.ts";
import { openSqliteIndex } from "../stores/sqlite/open-index.ts";
import { openSqliteLedger } from "../stores/vectors/open-ledger.ts";
import { openVectorCare } from "../stores/vectors/sweep.ts";
import { trainedEmbedder } from "../train-space.ts";
import { openLocal } from "./local.ts";

const context = { signal: new AbortController().signal, report: () => {} };
let folder: string;
let root: string;
let ledger: ReturnType<typeof openSqliteLedger>;
let store: ReturnType<typeof openSqliteIndex>;
let meaning: Meaning;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cambium-local-"));
  root = join(folder, "shop");
  mkdirSync(root);
  ledger = openSqliteLedger(join(folder, "embeddings.db"));
  store = openSqliteIndex(join(folder, "index"));
  const local = openLocal((model) => ledger.space(model));
  meaning = {
    ...{ embedder: local.untrained, embedderFor: local.embedderFor, reranker: undefined },
    // A budget of nothing does not stand before what costs nothing.
    ...{ ledger, vectors: ledger, source: store, budgetTokens: 0, budgetDollars: 0 },
  };
});
afterEach(() => {
  ledger.close();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Words that stand together in a few files; `pay` and `charge` never in the same one. */
function writeShop(): void {
  const write = (name: string, text: string) => writeFileSync(join(root, `${name}.ts`), text);
  for (let at = 0; at < 12; at += 1) {
    write(`a${at}`, `export const invoice${at} = () => settle(ledger, charge, ${at});\n`);
    write(`b${at}`, `export const purse${at} = () => pay(ledger, settle, ${at});\n`);
    write(`c${at}`, `export const socket${at} = () => retry(packet, timeout, ${at});\n`);
  }
}

/** Plans and makes all of it, as the jobs do. */
async function embedAll() {
  const repository = (await indexFolder(store, root))?.repository ?? "";
  const embedder = await trainedEmbedder(meaning, repository, context);
  const { batches } = await planEmbeddings({ ...meaning, embedder }, repository, context);
  for (const batch of batches) {
    const own = meaning.embedderFor(ledger.batch(batch)?.model ?? embedder.model) ?? embedder;
    const deps = { ...meaning, embedder: own };
    await embedBatch(deps, store, batch, "job", context, () => ({ done: 0, total: 1 }));
  }
  const standing = await planEmbeddings({ ...meaning, embedder }, repository, context);
  return { repository, model: embedder.model, standing, batches };
}
const ask = (query: string, mode: "hybrid" | "semantic" | "lexical" = "hybrid") =>
  askCode(store, async () => meaning, { query, mode, limit: 50 });
const rules = (answer: Awaited<ReturnType<typeof ask>>) =>
  new Set(answer.hits.flatMap(({ explain }) => explain.map(({ rule }) => rule)));

it("finds by meaning what no word of the question stands in, costs nothing, and makes nothing twice", async () => {
  writeShop();
  const { model, standing } = await embedAll();
  expect(model.name).toMatch(/^own-text-[0-9a-f]{8}$/);
  expect(isComplete(standing)).toBe(true);
  expect(standing).toMatchObject({ chunks: 36, embedded: 36, withheld: 0 });
  const question = "what can charge things";
  const byWords = await ask(question, "lexical");
  expect(byWords.hits.every(({ path }) => path.startsWith("a"))).toBe(true);
  const answer = await ask(question);
  expect(answer.note).toBeUndefined();
  const paths = answer.hits.map(({ path }) => path);
  expect(paths.some((path) => path.startsWith("b"))).toBe(true);
  expect(paths.findIndex((path) => path.startsWith("a"))).toBe(0);
  expect(rules(answer)).toContain("meaning");
  const nearest = (await ask(question, "semantic")).hits.map(({ path }) => path[0]);
  const ranks = (letter: string) => nearest.flatMap((one, at) => (one === letter ? at : []));
  const middle = (letter: string) => ranks(letter).reduce((sum, at) => sum + at, 0) / ranks(letter).length;
  expect([middle("a") < middle("b"), middle("b") < middle("c")]).toEqual([true, true]);
  const again = await embedAll();
  expect(again).toMatchObject({ model, batches: [] });
  expect(ledger.costs()).toMatchObject([{ vectors: 36, tokens: 0, queryTokens: 0, dollars: 0 }]);
});

it("on real code no file that answers falls, and passages without a word of the question come in", async () => {
  const fixtures = fileURLToPath(new URL("../../../test/golden/fixtures/", import.meta.url));
  cpSync(join(fixtures, "flask"), root, { recursive: true });
  await embedAll();
  const questions = JSON.parse(readFileSync(join(fixtures, "flask.json"), "utf8")) as {
    question: string;
    file: string;
  }[];
  let added = 0;
  for (const { question, file } of questions) {
    const byWords = (await ask(question, "lexical")).hits.map(({ path }) => path);
    const found = (await ask(question)).hits.map(({ path }) => path);
    const rank = (paths: readonly string[]) => [...new Set(paths)].indexOf(file);
    expect(rank(found), question).toBeLessThanOrEqual(rank(byWords));
    added += found.length - byWords.length;
  }
  expect(added).toBeGreaterThan(0);
});

it("takes part in questions in words alone; others are answered without it, and without a note", async () => {
  writeShop();
  await embedAll();
  for (const question of ["invoice3", "a3.ts", "cannot charge the ledger, got %s"]) {
    const answer = await ask(question);
    expect(answer.note, question).toBeUndefined();
    expect(rules(answer), question).not.toContain("meaning");
    expect(answer.hits).toEqual((await ask(question, "lexical")).hits);
  }
  // Words that the repository does not have.
  expect(await ask("zebras that gallop")).toMatchObject({ hits: [] });
  expect((await ask("zebras that gallop")).note).toBeUndefined();
});

it("answers from words and says so while there are no vectors", async () => {
  writeShop();
  await indexFolder(store, root);
  const answer = await ask("what can charge things");
  expect(answer.hits.length).toBeGreaterThan(0);
  expect(answer.note).toBe("Answered without meaning: shop has no vectors yet; run `cambium embed`");
  await expect(ask("what can charge things", "semantic")).rejects.toMatchObject({ code: "unavailable" });
});

it("a preview is free, counts what is there, and stores nothing", async () => {
  writeShop();
  const { repository } = (await indexFolder(store, root)) ?? { repository: "" };
  const look = () =>
    previewEmbeddings(
      { ...meaning, embedder: standingEmbedder(meaning, repository) ?? meaning.embedder },
      repository,
    );
  expect(look()).toMatchObject({ chunks: 36, known: 0, withheld: 0, tokens: 0, price: 0, minutes: 0 });
  expect(ledger.costs()).toEqual([]);
  await embedAll();
  expect(look()).toMatchObject({ chunks: 36, known: 36, diskBytes: 0 });
});

it("keeps its space while little changes; a new one is made beside it and published whole", async () => {
  writeShop();
  const { repository, model } = await embedAll();
  writeFileSync(join(root, "d.ts"), "export const voucher = () => pay(charge);\n");
  expect((await embedAll()).model).toEqual(model);
  for (let at = 0; at < 30; at += 1)
    writeFileSync(join(root, `e${at}.ts`), `export const rope${at} = () => knot(sail, mast, ${at});\n`);
  await indexFolder(store, root);
  expect(standingEmbedder(meaning, repository)).toBeUndefined();
  const embedder = await trainedEmbedder(meaning, repository, context);
  const { batches } = await planEmbeddings({ ...meaning, embedder }, repository, context);
  expect(batches.length).toBeGreaterThan(0);
  expect(ledger.published(repository)).toEqual(model);
  expect((await ask("what can charge things")).note).toBeUndefined();
  const next = await embedAll();
  expect(next.model).toEqual(embedder.model);
  expect(ledger.published(repository)).toEqual(embedder.model);
  expect((await ask("knots of the sails", "semantic")).hits[0]?.path).toMatch(/^e/);
});

it("the same number of other passages makes another space", async () => {
  writeShop();
  const { repository } = await embedAll();
  rmSync(root, { recursive: true });
  mkdirSync(root);
  for (let at = 0; at < 36; at += 1)
    writeFileSync(join(root, `e${at}.ts`), `export const rope${at} = () => knot(sail, mast, ${at});\n`);
  await indexFolder(store, root);
  expect(standingEmbedder(meaning, repository)).toBeUndefined();
});

it("a space that nothing is asked with goes with its vectors; the one in use stays", async () => {
  writeShop();
  const old = await embedAll();
  for (let at = 0; at < 30; at += 1)
    writeFileSync(join(root, `e${at}.ts`), `export const rope${at} = () => knot(sail, mast, ${at});\n`);
  const { repository, model } = await embedAll();
  const care = openVectorCare(join(folder, "embeddings.db"));
  const sweep = (now: number) => {
    care.noteReached(
      store.blobs(repository).map(({ blob }) => blob),
      now,
    );
    while (care.sweep(now).more);
  };
  sweep(1);
  expect(ledger.space(old.model)).toBeUndefined();
  expect(ledger.space(model)).toBeDefined();
  expect((await ask("what can charge things")).note).toBeUndefined();
  expect(rules(await ask("what can charge things"))).toContain("meaning");
  care.noteReached([], 2);
  while (care.sweep(2).more);
  care.close();
  expect(ledger.space(model)).toBeUndefined();
  expect(ledger.published(repository)).toBeUndefined();
  // A sweep says nothing of the index: what is there is made again.
  expect((await embedAll()).standing).toMatchObject({ embedded: 66 });
});

it.each([
  ["empty", {}],
  ["one passage", { "a.ts": "export const a = 1;\n" }],
  ["stop words", { "a.md": "the of and\n", "b.md": "to be or not\n" }],
])("a repository with nothing to learn from (%s) is complete and asks for nothing", async (_, files) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const { repository, standing } = await embedAll();
  expect(isComplete(standing)).toBe(true);
  expect(ledger.published(repository)?.provider).toBe("local");
  expect((await ask("what is a")).note).toBeUndefined();
});

it("two copies of a repository share their space and its vectors", async () => {
  writeShop();
  const one = await embedAll();
  cpSync(root, join(folder, "copy"), { recursive: true });
  root = join(folder, "copy");
  const two = await embedAll();
  expect(two).toMatchObject({ model: one.model, batches: [] });
  expect(two.repository).not.toBe(one.repository);
});
