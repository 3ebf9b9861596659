/** The files and folders that a scan is limited to: what was seen to change, without a look at all the rest. */
import { join } from "node:path";
import { isRepositoryTop } from "./git-folder.ts";

export interface Selection {
  /** Relative to the root of the scan, `/` between names, none at the end. */
  readonly paths: readonly string[];
  /** Whether a path is named, lies below what is named, or on the way to it. */
  meets(path: string): boolean;
  /**
   * What to list in the repository `at` (empty, or ending in `/`), relative to it; undefined for all of it. A nested
   * repository is named as a whole, as git looks into none.
   */
  within(root: string, at: string): readonly string[] | undefined;
}

export function selectPaths(paths: readonly string[]): Selection {
  const named = new Set(paths);
  const ways = new Set(paths.flatMap(foldersOf));
  const isBelowNamed = (path: string) => named.has("") || foldersOf(path).some((folder) => named.has(folder));
  return {
    paths,
    meets: (path) => named.has(path) || ways.has(path) || isBelowNamed(path),
    within(root, at) {
      const own = at.slice(0, -1);
      if (named.has(own) || isBelowNamed(own)) return undefined;
      const below = paths.filter((path) => path.startsWith(at));
      return [...new Set(below.map((path) => cutAtRepository(root, at, path)))];
    },
  };
}

/** The folders on the way to a path, outermost first: `a`, `a/b` for `a/b/c`. */
export function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1))
    folders.push(path.slice(0, slash));
  return folders;
}

function cutAtRepository(root: string, at: string, path: string): string {
  const inside = foldersOf(path).filter((folder) => folder.length > at.length);
  return (inside.find((folder) => isRepositoryTop(join(root, folder))) ?? path).slice(at.length);
}
