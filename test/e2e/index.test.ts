/** The main job through the command line: index, ask, follow; the keys of `--json` are frozen here. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPlace, type Place } from "./cambium.ts";

let place: Place;
let repository: string;

beforeAll(async () => {
  place = openPlace();
  repository = join(place.scratch, "shop");
  place.write(
    "shop/src/cart.ts",
    "/** Holds what a customer wants. */\nexport class ShoppingCart {\n  addItem(name: string): void {\n    this.items.push(name);\n  }\n  private items: string[] = [];\n}\n",
  );
  place.write(
    "shop/src/main.py",
    "from cart import price_of\n\n\ndef checkout_total(items):\n    return sum(price_of(item) for item in items)\n",
  );
  place.write("shop/.env", "SECRET=1\n");
  place.write("shop/.gitignore", "build/\n");
  place.write("shop/build/out.ts", "export const built = 1;\n");
});
afterAll(() => place.dispose());

describe("the command line", () => {
  it("index --wait --json prints the contract's keys, and a second run reuses everything", async () => {
    const first = await place.json(["index", repository, "--wait"]);
    expect(first).toMatchObject({
      state: "SUCCESS",
      repository: "shop",
      generation: 1,
      files: 3,
      files_skipped: 1,
      reused: 0,
    });
    for (const key of ["bytes", "symbols", "references", "chunks", "seconds"])
      expect(first[key], key).toBeGreaterThan(0);
    expect(first["task_id"]).toMatch(/^[\w-]{16,}$/);
    const second = await place.json(["index", repository, "--wait"]);
    expect(second).toMatchObject({ state: "SUCCESS", files: 3, reused: 3, generation: 1 });
    expect(second["task_id"]).not.toBe(first["task_id"]);
  });

  it("a changed file is indexed again, a deleted one is gone", async () => {
    place.write("shop/src/extra.ts", "export function applyVoucher(): number {\n  return 1;\n}\n");
    const added = await place.json(["index", repository, "--wait"]);
    expect(added).toMatchObject({ files: 4, reused: 3, generation: 2 });
    const found = await place.json(["symbol", "applyVoucher", "--repo", "shop"]);
    expect(found["definitions"]).toMatchObject([
      { path: "src/extra.ts", line: 1, kind: "function", name: "applyVoucher" },
    ]);
    const { rmSync } = await import("node:fs");
    rmSync(join(repository, "src/extra.ts"));
    await place.json(["index", repository, "--wait"]);
    expect((await place.json(["symbol", "applyVoucher", "--repo", "shop"]))["definitions"]).toEqual([]);
  });

  it("search --json", async () => {
    const answer = await place.json(["search", "shopping cart add item", "--repo", "shop"]);
    expect(answer).toMatchObject({
      total: expect.any(Number),
      pending_files: 0,
      generation: expect.any(Number),
    });
    const [hit] = answer["hits"] as Record<string, unknown>[];
    expect(hit).toMatchObject({
      path: "src/cart.ts",
      start_line: 1,
      kind: expect.any(String),
      name: expect.any(String),
    });
    expect(hit?.["end_line"]).toBeGreaterThan(1);
    expect(hit?.["snippet"]).toContain("addItem");
  });

  it("symbol and refs --json", async () => {
    const symbols = await place.json(["symbol", "ShoppingCart.addItem", "--repo", "shop", "--exact"]);
    expect(symbols["definitions"]).toMatchObject([
      {
        path: "src/cart.ts",
        line: 3,
        end_line: 5,
        kind: "method",
        name: "addItem",
        parent: "ShoppingCart",
        signature: expect.stringContaining("addItem(name: string)"),
      },
    ]);
    const refs = await place.json(["refs", "price_of", "--repo", "shop"]);
    expect(refs["references"]).toEqual(
      expect.arrayContaining([expect.objectContaining({ path: "src/main.py", line: 5, role: "call" })]),
    );
  });

  it("tasks, task, repos --json", async () => {
    const { tasks } = (await place.json(["tasks"])) as { tasks: Record<string, unknown>[] };
    expect(tasks.length).toBeGreaterThanOrEqual(4);
    const task = await place.json(["task", String(tasks[0]?.["task_id"])]);
    for (const key of ["task_id", "kind", "state", "progress", "attempts", "error", "result"])
      expect(task).toHaveProperty(key);
    expect(task["progress"]).toMatchObject({
      phase: expect.any(String),
      done: expect.any(Number),
      total: expect.any(Number),
      unit: "files",
    });
    const { repositories } = (await place.json(["repos"])) as { repositories: Record<string, unknown>[] };
    expect(repositories).toMatchObject([
      {
        repository: "shop",
        root: expect.any(String),
        state: "ready",
        files: 3,
        indexed_at: expect.any(String),
      },
    ]);
  });

  it("names the ignore rules that were not used, in the result, in words and with the repository", async () => {
    place.write("rules/a.py", "A = 1\n");
    place.write("rules/.cambiumignore", "# too costly\n**/x/**/y/**/z\n");
    const places = [".cambiumignore:2"];
    const folder = join(place.scratch, "rules");
    const indexed = await place.json(["index", folder, "--wait"]);
    expect(indexed).toMatchObject({ state: "SUCCESS", ignore_rules_refused: places });
    const said = await place.run(["task", String(indexed["task_id"])]);
    expect(said.stdout).toContain("too many wildcards: .cambiumignore:2");
    const { repositories } = (await place.json(["repos"])) as { repositories: Record<string, unknown>[] };
    const refused = repositories.map((one) => [one["repository"], one["ignore_rules_refused"]]);
    expect(refused).toEqual([
      ["rules", places],
      ["shop", undefined],
    ]);
    await place.json(["remove", "rules"]);
  });

  it("cancel of a finished task leaves it as it is; remove forgets the repository", async () => {
    const { tasks } = (await place.json(["tasks"])) as { tasks: Record<string, unknown>[] };
    expect(await place.json(["cancel", String(tasks[0]?.["task_id"])])).toMatchObject({ state: "SUCCESS" });
    await place.json(["remove", "shop"]);
    expect((await place.json(["repos"]))["repositories"]).toEqual([]);
  });
});

describe("the caller's mistakes end with 2, say what to do, and leave no task", () => {
  it.each([
    ["a path that does not exist", ["index", "missing"], /no folder|does not exist/i],
    ["a file", ["index", "shop/.env"], /is a file/],
    ["the top folder", ["index", "/"], /too wide|not allowed/],
    ["an unknown task", ["task", "0123456789abcdef0123456789abcdef"], /task/i],
    ["an unknown command", ["indx", "."], /index/],
    ["an unknown option", ["index", ".", "--wiat"], /--wait/],
    ["an unknown repository", ["search", "x", "--repo", "nope"], /nope/],
    ["a limit that is no number", ["search", "x", "--limit", "many"], /limit/],
    ["an unknown mode", ["search", "x", "--mode", "psychic"], /lexical/],
  ])("%s", async (_name, args, words) => {
    const before = await place.json(["tasks"]);
    const { status, stdout, stderr } = await place.run(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(words);
    expect(await place.json(["tasks"])).toEqual(before);
  });

  it("outside the allowed roots", async () => {
    const { status, stderr } = await place.run(["index", repository], { env: { CAMBIUM_ROOTS: place.home } });
    expect(status).toBe(2);
    expect(stderr).toContain("CAMBIUM_ROOTS");
  });
});
