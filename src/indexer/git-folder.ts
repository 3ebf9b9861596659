/** Where git keeps what belongs to a folder, found as git finds it, without running git. */
import { lstatSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readSettings } from "./read-settings.ts";

export interface GitRepository {
  /** The folder in which `.git` stands. */
  readonly top: string;
  /** The real path of the folder that all work trees of the repository share. */
  readonly commonFolder: string;
  /** Where git keeps what belongs to this work tree alone, as HEAD and the index. */
  readonly ownFolder: string;
}

/** The repository whose work tree holds a folder; undefined outside of git. */
export function findRepository(folder: string): GitRepository | undefined {
  for (let top = resolve(folder); ; top = dirname(top)) {
    const folders = gitFoldersOf(top);
    if (folders !== undefined) return { top, ...folders };
    if (dirname(top) === top) return undefined;
  }
}

/** Whether `.git` in a folder is a repository, or a file that leads to one, as in submodules and further work trees. */
export function isRepositoryTop(folder: string): boolean {
  return gitFoldersOf(folder) !== undefined;
}

function gitFoldersOf(top: string): Omit<GitRepository, "top"> | undefined {
  try {
    const path = join(top, ".git");
    // Nearly every folder asked about has none, and an exception costs more than the question.
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    const own = stats.isDirectory() || statSync(path).isDirectory() ? path : pointedTo(top, path);
    if (own === undefined || !statSync(join(own, "HEAD")).isFile()) return undefined;
    // A submodule's folder is its own; a work tree's names the one that it shares.
    const commonFolder = realpathSync(resolve(own, readSettings(join(own, "commondir"))?.trim() ?? ""));
    return { commonFolder, ownFolder: realpathSync(own) };
  } catch {
    return undefined;
  }
}

function pointedTo(top: string, path: string): string | undefined {
  const target = /^gitdir: (.+?)\r?\n?$/s.exec(readSettings(path) ?? "")?.[1];
  return target === undefined ? undefined : resolve(top, target);
}
