/** Which index file a folder belongs to: worktrees of one git repository share one, so that they share blobs. */
import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const settingsBytesMax = 1024 * 1024;

/** File name of the index for `root`, a real path. */
export function indexFileName(root: string): string {
  return `${createHash("sha256")
    .update(gitCommonFolder(root) ?? root)
    .digest("hex")
    .slice(0, 16)}.db`;
}

/** The folder in which git keeps the objects of all worktrees, found as git finds it; undefined outside of git. */
function gitCommonFolder(root: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    const found = commonFolderAt(join(folder, ".git"));
    if (found !== undefined) return found;
    if (dirname(folder) === folder) return undefined;
  }
}

function commonFolderAt(dotGit: string): string | undefined {
  try {
    if (statSync(dotGit).isDirectory()) return realpathSync(dotGit);
    const pointer = /^gitdir: (.+)$/m.exec(readSmall(dotGit))?.[1];
    if (pointer === undefined) return undefined;
    const worktree = resolve(dirname(dotGit), pointer.trim());
    return realpathSync(resolve(worktree, commonDirOf(worktree)));
  } catch {
    return undefined;
  }
}

/** A submodule's folder is its own; a worktree's names the one it shares. */
function commonDirOf(worktree: string): string {
  try {
    return readSmall(join(worktree, "commondir")).trim();
  } catch {
    return ".";
  }
}

/** Throws for all but a small file: a pipe or a terminal in its place would never come to an end. */
function readSmall(path: string): string {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > settingsBytesMax) throw new Error(`${path} is no small file`);
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}
