/** The law of the house: who may import whom, how long things may grow, and what is banned with its replacement. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const top = join(dirname(fileURLToPath(import.meta.url)), "..");
const listed = (folder: string) =>
  readdirSync(join(top, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name))
    .map((entry) => relative(top, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
const sources = listed("src").filter((path) => !path.endsWith(".test.ts"));
const read = (path: string) => readFileSync(join(top, path), "utf8");

interface Law {
  /** The first law whose pattern fits a file rules it. */
  readonly file: RegExp;
  readonly may: RegExp;
  readonly packages: readonly string[];
}

const self = /^$/;
const laws: readonly Law[] = [
  { file: /^src\/main\.ts$/, may: /^src\//, packages: ["node:", "bullmq"] },
  {
    file: /^src\/doctor\.ts$/,
    may: /^src\/(config|errors|sqlite|sqlite-module|task-file|task-store|watch-book|embedding-provider|mcp\/(cli|init)|indexer\/(languages|watch))\.ts$/,
    packages: ["node:"],
  },
  { file: /^src\/errors\.ts$/, may: self, packages: [] },
  { file: /^src\/config\.ts$/, may: /^src\/errors\.ts$/, packages: ["node:", "zod"] },
  { file: /^src\/log\.ts$/, may: /^src\/(config|jobs\/worker)\.ts$/, packages: [] },
  { file: /^src\/(task-file|child-tuning)\.ts$/, may: self, packages: ["node:"] },
  {
    file: /^src\/embedding-provider\.ts$/,
    may: /^src\/((config|errors|jobs\/process-identity)\.ts|indexer\/(embedders\/|stores\/vectors\/|embed|meaning|passage-source|vector-care).*)$/,
    packages: ["node:"],
  },
  { file: /^src\/handed-settings\.ts$/, may: /^src\/config\.ts$/, packages: [] },
  {
    file: /^src\/sqlite\.ts$/,
    may: /^src\/(errors|sqlite-module)\.ts$/,
    packages: ["node:", "better-sqlite3"],
  },
  { file: /^src\/sqlite-module\.ts$/, may: /^src\/errors\.ts$/, packages: ["node:"] },
  {
    file: /^src\/tasks\.ts$/,
    may: /^src\/(errors|embed-tasks|jobs\/(queue|task|schedules)|indexer\/(pipeline|refresh|store|store-care|clean-up|verify|extract-file))\.ts$/,
    packages: [],
  },
  {
    file: /^src\/embed-tasks\.ts$/,
    may: /^src\/(errors|jobs\/(queue|task)|indexer\/(store|embedder|embed-plan|embed-batch|train-space))\.ts$/,
    packages: [],
  },
  {
    file: /^src\/keep-fresh\.ts$/,
    may: /^src\/(tasks|watch-book|jobs\/(queue|task)|indexer\/(watch|gather-changes))\.ts$/,
    packages: ["node:"],
  },
  { file: /^src\/watch-book\.ts$/, may: /^src\/jobs\/process-identity\.ts$/, packages: ["node:"] },
  {
    file: /^src\/mcp\//,
    // `control` is the clock's other front: what people who run workers ask and command, with no store behind it named.
    may: /^src\/(mcp\/.*|errors\.ts|jobs\/(queue|task|control)\.ts|indexer\/(search|search-exact|symbols|symbol|store|store-care|overview|meaning)\.ts)$/,
    packages: [
      "node:",
      "zod",
      "@modelcontextprotocol/server",
      "commander",
      "cli-progress",
      "picocolors",
      "jsonc-parser",
      "smol-toml",
    ],
  },
  {
    file: /^src\/task-store\.ts$/,
    may: /^src\/(task-file|jobs\/(backends\/(redis|postgres|sqlite\/open)|job-store|worker-roll|worker-registry))\.ts$/,
    packages: ["node:"],
  },
  {
    file: /^src\/jobs\/backends\/sqlite\//,
    may: /^src\/(jobs\/backends\/sqlite\/.*|jobs\/(worker-registry|process-identity|job-store|task)\.ts|sqlite\.ts|errors\.ts)$/,
    packages: ["node:", "bullmq", "better-sqlite3"],
  },
  {
    file: /^src\/jobs\/backends\/[a-z-]+\.ts$/,
    may: /^src\/(jobs\/backends\/[a-z-]+\.ts|jobs\/job-store\.ts|errors\.ts)$/,
    packages: ["node:", "bullmq", "ioredis", "pg"],
  },
  { file: /^src\/jobs\/[^/]+\.ts$/, may: /^src\/(jobs\/[^/]+|errors)\.ts$/, packages: ["node:", "bullmq"] },
  {
    file: /^src\/indexer\/stores\/vectors\//,
    may: /^src\/(indexer\/stores\/vectors\/.*|indexer\/(store|embedder|embedding-ledger|vector-index|vector-care|vector-code)\.ts|sqlite\.ts|errors\.ts)$/,
    packages: ["node:"],
  },
  {
    // What they have in common is one request over HTTP and what can be set.
    file: /^src\/indexer\/embedders\//,
    may: /^src\/(indexer\/(embedder|word-space)|indexer\/embedders\/provider-(http|settings)|errors)\.ts$/,
    packages: ["node:"],
  },
  {
    file: /^src\/indexer\/stores\/sqlite\//,
    may: /^src\/(indexer\/stores\/sqlite\/.*|indexer\/(store|store-care|overview|passage-source|symbol|tokenize|token-bytes|trigrams|git-folder)\.ts|sqlite\.ts|errors\.ts)$/,
    packages: ["node:"],
  },
  {
    file: /^src\/indexer\/(parse|languages|extract|chunk|engine)[a-z-]*\.ts$/,
    may: /^src\/(indexer\/[^/]+|errors)\.ts$/,
    packages: ["node:", "web-tree-sitter"],
  },
  { file: /^src\/indexer\/regex-engine\.ts$/, may: self, packages: ["rregex"] },
  {
    file: /^src\/indexer\/[^/]+\.ts$/,
    may: /^src\/(indexer\/[^/]+|errors)\.ts$/,
    packages: ["node:", "ignore"],
  },
];

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"|(?:^|\n)import\s+"([^"]+)"|import\("([^"]+)"\)/g;

/** Broken laws of one file; empty when it keeps them. */
function judge(path: string, text: string): string[] {
  const law = laws.find((candidate) => candidate.file.test(path));
  if (law === undefined)
    return [`${path} fits no row of the law: say in test/house.test.ts which room it is`];
  const broken: string[] = [];
  for (const [, a, b, c] of text.matchAll(importPattern)) {
    const target = a ?? b ?? c ?? "";
    if (target.startsWith(".")) {
      const resolved = posix.normalize(posix.join(posix.dirname(path), target));
      if (!law.may.test(resolved)) broken.push(`${path} may not import ${resolved}`);
    } else if (
      !law.packages.some(
        (name) => target === name || target.startsWith(name.endsWith(":") ? name : `${name}/`),
      )
    ) {
      broken.push(`${path} may not import the package ${target}`);
    }
  }
  return broken;
}

const bans: readonly { readonly what: RegExp; readonly except: RegExp; readonly instead: string }[] = [
  {
    what: /process\.env\b/,
    except: /^src\/(config|handed-settings)\.ts$/,
    instead: "a setting in src/config.ts",
  },
  {
    what: /process\.exit\(|process\.on(ce)?\("SIG/,
    except: /^src\/(main|mcp\/stdio|jobs\/child)\.ts$/,
    instead: "return or throw; main.ts ends the process",
  },
  {
    what: /process\.stdout\b/,
    except: /^src\/(main|mcp\/(stdio|cli))[a-z-]*\.ts$/,
    instead: "an answer through the door",
  },
  { what: /\bconsole\.\w+\(/, except: /^src\/mcp\/stdio\.ts$/, instead: "stderr through the log" },
  { what: /\bfetch\(/, except: /^src\/indexer\/embedders\//, instead: "an embedder" },
  {
    what: /new RegExp\((?!["'`/])/,
    except: self,
    instead: "a fixed pattern: a user's pattern never runs in a backtracking engine",
  },
  { what: /\b(exec|execSync)\(\s*[`"']/, except: self, instead: "execFile with an argument array" },
  { what: /@ts-(ignore|nocheck)|\bas any\b|: any\b/, except: self, instead: "a type" },
  { what: /\b(TODO|FIXME|XXX)\b/, except: self, instead: "an issue" },
  {
    what: /\benum [A-Z]|\bnamespace [A-Z]|\babstract class\b/,
    except: self,
    instead: "a union of literals, a module, a function",
  },
];

/** SQL and prose stand in strings; bans are about code, so comments are taken out first. */
const withoutComments = (text: string) =>
  text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");

const functionStart =
  /^(\s*)(?:export )?(?:async )?(?:function\b|(?:(?:static|async|private|readonly|get|set|override) )*[#\w]+\([^)]*\)[^=;]*\{$|(?:const|let) \w+ = (?:async )?\([^)]*\)[^=]*=>\s*\{$)/;

/** Functions of more than 60 lines, told by indentation, which the formatter guarantees. */
function longFunctions(path: string, text: string): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, start) => {
    const indent = functionStart.exec(line)?.[1];
    if (indent === undefined || /^\s*(if|for|while|switch|return|catch)\b/.test(line)) return [];
    const end = lines.findIndex((other, index) => index > start && other.startsWith(`${indent}}`));
    return end - start > 60 ? [`${path}:${start + 1} has a function of ${end - start} lines`] : [];
  });
}

describe("the law of imports", () => {
  it.each(sources)("%s imports only what its room may", (path) => {
    expect(judge(path, read(path))).toEqual([]);
  });

  it("finds a planted violation, static, dynamic and of a package", () => {
    expect(judge("src/jobs/x.ts", 'import { a } from "../indexer/scan.ts";')).toHaveLength(1);
    expect(judge("src/indexer/x.ts", 'const a = await import("../mcp/server.ts");')).toHaveLength(1);
    expect(judge("src/mcp/x.ts", 'import Database from "better-sqlite3";')).toHaveLength(1);
    expect(judge("src/other/x.ts", "")).toHaveLength(1);
  });
});

describe("sizes and manners", () => {
  it.each(sources)(
    "%s is at most 400 lines with functions of at most 60, and opens with a sentence",
    (path) => {
      const text = read(path);
      expect(text.split("\n").length, "lines").toBeLessThanOrEqual(400);
      expect(longFunctions(path, text)).toEqual([]);
      expect(text.replace(/^#!.*\n/, ""), "opens with a doc comment").toMatch(/^\/\*\*/);
    },
  );

  it.each(sources)("%s uses nothing that is banned", (path) => {
    const code = withoutComments(read(path));
    const found = bans.filter((ban) => ban.what.test(code) && !ban.except.test(path));
    expect(found.map((ban) => `${ban.what.exec(code)?.[0]}: use ${ban.instead}`)).toEqual([]);
  });

  it("has no file without an owner", () => {
    const bad = sources.filter((path) => /\/(utils?|common|helpers?|types|misc|index)\.ts$/.test(path));
    expect(bad).toEqual([]);
  });

  it("names every runtime dependency in ARCHITECTURE.md", () => {
    const own = JSON.parse(read("package.json")) as Record<string, Record<string, string>>;
    const dependencies = { ...own["dependencies"], ...own["optionalDependencies"] };
    const told = read("ARCHITECTURE.md");
    expect(Object.keys(dependencies).filter((name) => !told.includes(`\`${name}\``))).toEqual([]);
    expect(Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it("keeps no download address in the lockfile", () => {
    expect(read("package-lock.json")).not.toContain('"resolved"');
  });
});
