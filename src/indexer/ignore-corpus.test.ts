/** Made-up ignore files, nested, negated, anchored, with wildcards and in either case: git itself is asked what they mean. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { seeded } from "../../test/fixtures/seeded.mjs";
import { scanRepository } from "./scan.ts";

const rounds = 60;
/** Git counts bytes: to it `?` is half of a letter with an accent. Such names are two letters long here. */
const names = ["a", "b", "A", "Log", "log", "x.log", "X.LOG", "a b", "out", "#c", "!d", "a.b.c", "[e]", "éé"];
const folders = ["", "a/", "a/b/", "a/b/out/", "A/", "out/", "out/a/", "a b/", "[e]/", "a/log/", "éé/a/"];
const pieces = [
  ...["a", "b", "A", "log", "*.log", "*.LOG", "out", "a b", "\\#c", "\\!d", "[e]", "\\[e\\]", "?", "*", "**"],
  ...["a*", "*b", "[ab]", "[!ab]", "[a-c]", "a.?.c", "éé", "*.b.*", "[[:upper:]]*", "\\a"],
];

let root: string;
let all: string[];

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "ignore-corpus-")));
  execFileSync("git", ["init", "-q"], { cwd: root });
  all = folders.flatMap((folder) =>
    names
      .map((name) => folder + name)
      .filter((path) => !folders.some((other) => other.startsWith(`${path}/`))),
  );
  for (const path of all) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), "");
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function makeRule(random: () => number): string {
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
  const path = Array.from({ length: pick([1, 1, 1, 2, 2, 3]) }, () => pick(pieces)).join("/");
  return `${pick(["", "", "", "!"])}${pick(["", "", "/"])}${path}${pick(["", "", "/", "/**"])}${pick(["", "", "", " ", "\r"])}`;
}

function notIgnored(paths: readonly string[]): string[] {
  const input = paths.map((path) => `${path}\0`).join("");
  let output = "";
  try {
    output = execFileSync("git", ["check-ignore", "-z", "--stdin"], { cwd: root, input, encoding: "utf8" });
  } catch (error) {
    if ((error as { status?: number }).status !== 1) throw error;
  }
  const ignored = new Set(output.split("\0"));
  return paths.filter((path) => !ignored.has(path)).sort();
}

it(`mean what git check-ignore says, in ${rounds} repositories`, async () => {
  const seed = Number(process.env["CAMBIUM_SEED"] ?? 20_261);
  const random = seeded(seed);
  for (let round = 0; round < rounds; round += 1) {
    const places = folders.filter((folder) => folder === "" || random() < 0.3);
    const files = new Map(
      places.map((folder) => [
        `${folder}.gitignore`,
        Array.from({ length: 1 + Math.floor(random() * 4) }, () => makeRule(random)).join("\n"),
      ]),
    );
    for (const [path, text] of files) writeFileSync(join(root, path), text);
    const refused: string[] = [];
    const found = await scanRepository(root, {
      ...{ languageOf: () => "text", extractorOf: () => 1, git: "" },
      onRefusedRule: (place) => refused.push(place),
    });
    const told = `seed ${seed}, round ${round}: ${JSON.stringify([...files])}`;
    // What is too costly to match is told, and its meaning is not git's.
    if (refused.length === 0)
      expect(
        found.map(({ path }) => path),
        told,
      ).toEqual(notIgnored([...all, ...files.keys()]));
    for (const path of files.keys()) rmSync(join(root, path));
  }
});
