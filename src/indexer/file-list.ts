/** Which files of a repository count: those that git lists, or, without git, those that its ignore files leave. */
import { basename, join, relative, sep } from "node:path";
import { type GitOptions, listGitFiles, prefixInWorkTree } from "./git-files.ts";
import { findRepository, isRepositoryTop } from "./git-folder.ts";
import { extendRules, type IgnoreRules } from "./ignore-rules.ts";
import { readSettings } from "./read-settings.ts";
import type { Selection } from "./selection.ts";

/** A choice among the files of a folder and below. Paths are relative to the root of the scan, without `/` at the end. */
export interface FileList {
  /** The choice within a folder, given as empty or ending in `/`, and the names that stand in it. */
  enter(folder: string, names: ReadonlySet<string>): FileList;
  holds(path: string, isFolder: boolean): boolean;
  /** Whether a folder that is held is a repository of its own, with a list of its own. */
  isRepository(path: string): boolean;
  /** Whether git made the list, which then says nothing about pipes and sockets. */
  readonly byGit: boolean;
}

export interface ListOptions extends GitOptions {
  /** Hears where an ignore rule stands that is left out as too costly to match: `path:line`, relative to the root. */
  readonly onRefusedRule?: (place: string) => void;
  /** Lists only what these name, with all that is below them; everything by default. */
  readonly only?: Selection;
}

/** Never worth reading where no repository's own list says otherwise. `.git` is left out everywhere. */
const defaultIgnored: ReadonlySet<string> = new Set([".hg", ".svn", "node_modules", "__pycache__", ".venv"]);

/** The list of the repository or plain folder `at` (empty, or ending in `/`) below `root`. */
export async function openFileList(root: string, at: string, options: ListOptions): Promise<FileList> {
  const folder = join(root, at);
  const named = options.only?.within(root, at);
  const listing = await listGitFiles(folder, options, named);
  // An empty list of a folder within somebody else's work tree: that repository ignores the folder as a whole.
  if (listing === undefined || (listing.names.length === 0 && (await isLeftOut(folder, named, options)))) {
    return listByIgnoreFiles(root, at, listing === undefined, options);
  }
  const prefix = listing.unreadable.length === 0 ? "" : ((await prefixInWorkTree(folder, options)) ?? "");
  const unreadable = listing.unreadable
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length));
  return listByGit(at, listing.names, unreadable);
}

/** Whether git lists nothing of a folder, which it then ignores as a whole; a few names alone would not tell. */
async function isLeftOut(
  folder: string,
  named: readonly string[] | undefined,
  options: ListOptions,
): Promise<boolean> {
  if (isRepositoryTop(folder)) return false;
  return named === undefined || (await listGitFiles(folder, options))?.names.length === 0;
}

function listByGit(at: string, names: readonly string[], unreadable: readonly string[]): FileList {
  const files = new Set<string>();
  const folders = new Set<string>();
  const addFolders = (path: string) => {
    for (let slash = path.lastIndexOf("/"); slash > at.length; slash = path.lastIndexOf("/", slash - 1)) {
      const folder = path.slice(0, slash);
      if (folders.has(folder)) return;
      folders.add(folder);
    }
  };
  for (const name of names) {
    const path = at + (name.endsWith("/") ? name.slice(0, -1) : name);
    files.add(path);
    addFolders(path);
  }
  for (const name of unreadable) addFolders(`${at}${name}/`);
  const list: FileList = {
    byGit: true,
    enter: () => list,
    holds: (path, isFolder) => files.has(path) || (isFolder && folders.has(path)),
    isRepository: (path) => files.has(path),
  };
  return list;
}

/** The list that `.gitignore` files and `.git/info/exclude` leave, with those above the folder if `enclosed`. */
function listByIgnoreFiles(root: string, at: string, enclosed: boolean, options: ListOptions): FileList {
  const files: IgnoreFiles = { root, fileName: ".gitignore", at, prefix: "", options };
  const folder = join(root, at);
  const around = enclosed || isRepositoryTop(folder) ? findRepository(folder) : undefined;
  if (around === undefined) return withIgnoreFiles({ ...files, isLoose: true }, undefined);
  const { top, commonFolder } = around;
  const extend = (rules: IgnoreRules | undefined, prefix: string, path: string) =>
    extendRules(rules, prefix, readSettings(path) ?? "", tellRefused(files, path));
  let rules = extend(undefined, "", join(commonFolder, "info", "exclude"));
  const above = relative(top, folder)
    .split(sep)
    .filter((name) => name !== "");
  let prefix = "";
  for (const name of above) {
    rules = extend(rules, prefix, join(top, prefix, ".gitignore"));
    prefix += `${name}/`;
    // The folder as a whole is no part of that repository.
    if (rules.ignores(prefix)) return withIgnoreFiles(files, undefined);
  }
  return withIgnoreFiles({ ...files, prefix }, rules);
}

/** What the `.cambiumignore` files of the root and its folders leave; they do not end at a nested repository. */
export function listByCambiumIgnore(root: string, options: ListOptions): FileList {
  return withIgnoreFiles({ root, fileName: ".cambiumignore", at: "", prefix: "", options }, undefined);
}

interface IgnoreFiles {
  readonly root: string;
  readonly fileName: ".gitignore" | ".cambiumignore";
  /** The folder where the list begins, and where the rules see that folder. */
  readonly at: string;
  readonly prefix: string;
  /** Whether there is no repository around, so that nothing is tracked in spite of the rules. */
  readonly isLoose?: boolean;
  readonly options: ListOptions;
}

function tellRefused({ root, options }: IgnoreFiles, path: string): (line: number) => void {
  return (line) => options.onRefusedRule?.(`${relative(root, path)}:${line}`);
}

function withIgnoreFiles(files: IgnoreFiles, rules: IgnoreRules | undefined): FileList {
  const { root, fileName, at, prefix } = files;
  const isGit = fileName === ".gitignore";
  return {
    byGit: false,
    enter(folder, names) {
      const path = join(root, folder, fileName);
      const text = names.has(fileName) ? readSettings(path) : undefined;
      if (text === undefined) return this;
      const inner = extendRules(rules, prefix + folder.slice(at.length), text, tellRefused(files, path));
      if (!files.isLoose || folder !== at || leavesSomething(inner, names))
        return withIgnoreFiles(files, inner);
      return withIgnoreFiles(files, extendRules(rules, prefix, withoutCatchAll(text)));
    },
    holds(path, isFolder) {
      if (isGit && isFolder && defaultIgnored.has(basename(path))) return false;
      return rules === undefined || !rules.ignores(prefix + path.slice(at.length) + (isFolder ? "/" : ""));
    },
    isRepository: (path) => isGit && isRepositoryTop(join(root, path)),
  };
}

/**
 * The sources of some packages (Debian's kernel is one) come without their repository but with its `.gitignore`, in
 * which `/*` ignores all that is not tracked. Taken at its word there it would leave nothing to index.
 */
function leavesSomething(rules: IgnoreRules, names: ReadonlySet<string>): boolean {
  for (const name of names) {
    if (!name.startsWith(".") && !(rules.ignores(name) && rules.ignores(`${name}/`))) return true;
  }
  return false;
}

function withoutCatchAll(text: string): string {
  return text.replace(/^\/?\*\*?[ \r]*$/gm, "");
}
