/**
 * Golden questions: what a newcomer asks, and the file that answers it. The ranks on the pinned fixtures are kept in
 * `ranks.json`, one line a question, so that a change of the ranking is read as a diff (`-u` writes them anew). The
 * ten questions to Cambium itself count in the floors only, as their ranks move with any edit of its sources.
 */
import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { IndexStore } from "../../src/indexer/store.ts";
import { openSqliteIndex } from "../../src/indexer/stores/sqlite/open-index.ts";
import { here, indexFolder, type Question, qualityOf, type Rank, rankOf, readQuestions } from "./ask.ts";

const fixtures = ["flask", "vite", "tokio", "prometheus"] as const;
const checkout = join(here, "..", "..");
/** Folders of the checkout that are not its code. */
const left = new Set(["node_modules", "dist", "test", ".git"]);

/** Kept numbers over all 50 questions: raise them with the ranking, never lower them to make a change pass. */
const floors = { hit1: 0.93, hit5: 0.99, mrr: 0.955 };

let scratch = "";
let store: IndexStore;
const ranks = new Map<string, readonly Rank[]>();

async function ask(name: string, questions: readonly Question[]): Promise<void> {
  const repository = await indexFolder(store, join(scratch, name));
  ranks.set(
    name,
    questions.map((question) => rankOf(store, repository, question)),
  );
}

beforeAll(async () => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), "cambium-golden-")));
  store = openSqliteIndex(join(scratch, "index"));
  for (const name of fixtures) {
    cpSync(join(here, "fixtures", name), join(scratch, name), { recursive: true });
    await ask(name, readQuestions(`fixtures/${name}.json`));
  }
  const filter = (path: string) => !left.has(relative(checkout, path).split(sep)[0] ?? "");
  cpSync(checkout, join(scratch, "cambium"), { recursive: true, filter });
  await ask("cambium", ownQuestions());
});

afterAll(() => {
  store?.close();
  rmSync(scratch, { recursive: true, force: true });
});

function ownQuestions(): readonly Question[] {
  const sets = readQuestions("questions.json") as unknown as { name: string; questions: Question[] }[];
  return sets.find(({ name }) => name === "cambium")?.questions ?? [];
}

/** Rank by set, tool and question: one line a question and tool. */
function toKept(name: string): [string, number | null][] {
  return (ranks.get(name) ?? []).flatMap(({ question, search, symbol }) => {
    const searched: [string, number | null] = [`${name}, search_code: ${question}`, search];
    return symbol === undefined ? [searched] : [searched, [`${name}, find_symbol: ${question}`, symbol]];
  });
}

test("every question has an answer that exists, and there are fifty", () => {
  const all = [...ranks.values()].flat();
  expect(all).toHaveLength(50);
  expect(new Set(all.map(({ question }) => question)).size).toBe(50);
  const missing = [...ranks].flatMap(([name, asked]) =>
    asked.filter(({ file }) => store.text(name, file) === undefined).map(({ file }) => `${name}/${file}`),
  );
  expect(missing).toEqual([]);
});

test("the ranks on the fixtures are the kept ones", async () => {
  const kept = JSON.stringify(Object.fromEntries(fixtures.flatMap(toKept)), null, 2);
  await expect(`${kept}\n`).toMatchFileSnapshot(join(here, "ranks.json"));
});

test("a name that is asked for is the first definition found", () => {
  const named = [...ranks.values()].flat().filter(({ kind }) => kind === "symbol");
  expect(named.length).toBeGreaterThanOrEqual(15);
  expect(named.filter(({ symbol }) => symbol !== 1)).toEqual([]);
});

test("hit@1, hit@5 and mean reciprocal rank keep their floors", () => {
  const quality = qualityOf([...ranks.values()].flat().map(({ search }) => search));
  expect(quality.hit1).toBeGreaterThanOrEqual(floors.hit1);
  expect(quality.hit5).toBeGreaterThanOrEqual(floors.hit5);
  expect(quality.mrr).toBeGreaterThanOrEqual(floors.mrr);
});
