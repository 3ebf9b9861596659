/** Where a repository's programs begin: what manifests name, functions called main, and files that are so by custom. */
import { isAside } from "./asides.ts";
import type { IndexedFile, RepositorySummary } from "./overview.ts";
import type { IndexStore } from "./store.ts";

type EntryPoint = RepositorySummary["entryPoints"][number];

const entryPointsMax = 12;
/** Manifests that are read, those nearest to the top first. */
const manifestsMax = 10;
const mainsMax = 200;
/** Languages whose programs begin in a function (or method) called main. */
const mainLanguages: ReadonlySet<string> = new Set(
  "go rust c cpp java kotlin csharp swift dart scala zig d nim haskell objc cuda ocaml fsharp".split(" "),
);
const customary =
  /(^|\/)(__main__\.py|manage\.py|wsgi\.py|asgi\.py|(main|app|cli|server)\.(py|rb|m?[jt]sx?)|Program\.cs|lib\.rs|config\.ru|index\.(m?[jt]sx?|php|html))$/;
/** Deeper than this an `index.ts` is a part of something, not its beginning. */
const customaryDepth = 3;

export function findEntryPoints(
  store: IndexStore,
  repository: string,
  files: readonly IndexedFile[],
): EntryPoint[] {
  const known = new Set(files.map(({ path }) => path));
  const candidates = [
    ...fromManifests(store, repository, files, known),
    ...mainFunctions(store, repository),
    ...files
      .filter(({ path }) => customary.test(path) && depthOf(path) <= customaryDepth && !isAside(path))
      .sort((a, b) => byDepth(a.path, b.path))
      .map(({ path }) => ({ path, line: null, why: "by its name" })),
  ];
  const seen = new Set<string>();
  return candidates
    .filter(({ path }) => !seen.has(path) && seen.add(path) !== undefined)
    .slice(0, entryPointsMax);
}

function mainFunctions(store: IndexStore, repository: string): EntryPoint[] {
  const found = ["main", "Main"].flatMap((name) =>
    store.findDefinitions(repository, name, { match: "exact", limit: mainsMax }),
  );
  return found
    .filter(
      ({ path, language, definition: { kind } }) =>
        (kind === "function" || kind === "method") && mainLanguages.has(language) && !isAside(path),
    )
    .sort((a, b) => byDepth(a.path, b.path))
    .map(({ path, definition }) => ({
      path,
      line: definition.line,
      why: `${definition.kind} ${definition.name}`,
    }));
}

function fromManifests(
  store: IndexStore,
  repository: string,
  files: readonly IndexedFile[],
  known: ReadonlySet<string>,
): EntryPoint[] {
  return files
    .filter(({ path }) => /(^|\/)(package\.json|pyproject\.toml|Cargo\.toml)$/.test(path) && !inside(path))
    .sort((a, b) => byDepth(a.path, b.path))
    .slice(0, manifestsMax)
    .flatMap(({ path }) => {
      const text = store.text(repository, path) ?? "";
      const folder = path.slice(0, path.lastIndexOf("/") + 1);
      const named = path.endsWith(".json") ? readPackage(text) : readToml(text);
      return named.flatMap(({ name, target }) => {
        const found = resolveTarget(folder, target, known);
        return found === undefined ? [] : [{ path: found, line: null, why: `${name} of ${path}` }];
      });
    });
}

/** Manifests of tests and examples; being JSON does not count here. */
const inside = (path: string) => isAside(`${path.slice(0, path.lastIndexOf("/") + 1)}x`);

interface Named {
  readonly name: string;
  readonly target: string;
}

function readPackage(text: string): Named[] {
  try {
    const { bin, main, module } = JSON.parse(text) as Record<string, unknown>;
    const commands =
      typeof bin === "string"
        ? [["bin", bin]]
        : Object.entries(typeof bin === "object" && bin !== null ? bin : {});
    return [
      ...commands.map(([name, target]) => [`command ${name}`, target]),
      ["main", module ?? main],
    ].flatMap(([name, target]) => (typeof target === "string" ? [{ name: String(name), target }] : []));
  } catch {
    return [];
  }
}

/** Scripts of Python projects (`name = "package.module:function"`) and binaries of Rust ones (`path = "…"`). */
function readToml(text: string): Named[] {
  const named: Named[] = [];
  let section = "";
  for (const line of text.split("\n")) {
    section = /^\s*\[+([^\]]+)\]/.exec(line)?.[1]?.trim() ?? section;
    const [, key = "", value = ""] = /^\s*["']?([\w.-]+)["']?\s*=\s*["']([^"']+)["']/.exec(line) ?? [];
    if (/^(project\.(gui-)?scripts|tool\.poetry\.scripts)$/.test(section) && value !== "")
      named.push({ name: `command ${key}`, target: (value.split(":")[0] ?? "").replaceAll(".", "/") });
    if ((section === "bin" || section === "lib") && key === "path")
      named.push({ name: section, target: value });
  }
  return named;
}

/** A target may be what a build makes of a source file: then the source is meant. */
function resolveTarget(folder: string, target: string, known: ReadonlySet<string>): string | undefined {
  const plain = target.replace(/^\.\//, "");
  const stem = plain.replace(/\.[cm]?js$/, "");
  const moved = stem.replace(/^(dist|lib|build|out)\//, "src/");
  const candidates = [
    plain,
    ...[stem, moved, `src/${stem}`].flatMap((one) =>
      [".ts", ".tsx", ".mts", ".js", ".mjs", ".py", "/__main__.py", "/__init__.py"].map((end) => one + end),
    ),
  ];
  return candidates.map((one) => folder + one).find((path) => known.has(path));
}

const depthOf = (path: string) => path.split("/").length;

function byDepth(a: string, b: string): number {
  return depthOf(a) - depthOf(b) || (a < b ? -1 : a > b ? 1 : 0);
}
