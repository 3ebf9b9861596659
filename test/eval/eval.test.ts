/** The measure of retrieval quality, counted by hand, and the script that prints it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { measureQuery } from "./measure.mjs";

const hit = (path: string, startLine = 1, endLine = 10) => ({ path, startLine, endLine });

it("counts a target at the first hit that covers it, and nothing below the tenth", () => {
  const hits = [hit("src/a.ts"), hit("src/b.ts"), hit("src/a.ts")];
  expect(measureQuery(hits, ["lib/src/b.ts"])).toEqual({
    ndcg10: 1 / Math.log2(3),
    hit1: 0,
    hit5: 1,
    mrr: 0.5,
  });
  expect(measureQuery(hits, ["src/a.ts", "src/b.ts"]).ndcg10).toBe(1);
  expect(measureQuery(hits, ["c.ts"])).toEqual({ ndcg10: 0, hit1: 0, hit5: 0, mrr: 0 });
  const late = [...Array.from({ length: 10 }, () => hit("x.ts")), hit("c.ts")];
  expect(measureQuery(late, ["c.ts"]).mrr).toBe(0);
});

it("asks for a span where the target has one, and for whole names of folders", () => {
  const target = { path: "a.ts", start_line: 11, end_line: 20 };
  expect(measureQuery([hit("a.ts"), hit("a.ts", 15, 16)], [target]).mrr).toBe(0.5);
  expect(measureQuery([hit("src/data.ts")], ["ta.ts"]).mrr).toBe(0);
});

it.each(["none", "local"])(
  "prints a line for each repository and one in total, with embeddings: %s",
  (embeddings) => {
    const folder = mkdtempSync(join(tmpdir(), "cambium-eval-test-"));
    try {
      const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
      const queries = [
        { query: "sessions kept in a signed cookie", relevant: ["pebble/sessions.py"], secondary: [] },
      ];
      const set = [{ name: "flask", repo: "made/up", revision: null, root: null, queries }];
      writeFileSync(join(folder, "set.json"), JSON.stringify(set));
      const args = [at("main.mjs"), "--set", join(folder, "set.json"), "--repos", at("../golden/fixtures")];
      const env = { ...process.env, CAMBIUM_EMBEDDINGS: embeddings };
      const lines = execFileSync(process.execPath, args, { encoding: "utf8", env }).trim().split("\n");
      const [own, , total] = lines.map((line) => JSON.parse(line));
      expect(own).toMatchObject({ repository: "flask", queries: 1, ndcg10: expect.any(Number) });
      expect(total).toEqual({ ...own, repository: undefined, total: true });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
