/** Walks the folders below a root, entering no link, and finds the names that the root's lists of files hold. */
import { isUtf8 } from "node:buffer";
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Skip } from "./classify.ts";
import { type FileList, type ListOptions, listByCambiumIgnore, openFileList } from "./file-list.ts";
import { findIgnored } from "./git-files.ts";

export interface WalkOptions extends ListOptions {
  /** Hears of each folder (empty, or ending in `/`) before its names are read. */
  readonly onFolder?: (folder: string) => void;
  /** Hears of each folder in which git lists nothing, ignored or not, with the repository in which it lies. */
  readonly onUnlistedFolder?: (path: string, repository: string) => void;
}

export interface FoundFiles {
  /** Everything that is not a folder, relative to the root. */
  readonly paths: string[];
  /** What is known to be left out without a look at the file. */
  readonly skipped: { readonly path: string; readonly skip: Skip }[];
}

interface Folder {
  /** Empty, or ending in `/`. */
  readonly path: string;
  readonly list: FileList;
  readonly ownRules: FileList;
  /** Where the repository of this folder begins, and how many repositories it lies in. */
  readonly repository: string;
  readonly depth: number;
}

/** A folder being walked: its names, and what it adds. */
interface Walk {
  readonly root: string;
  readonly options: WalkOptions;
  readonly found: FoundFiles;
  readonly next: Folder[];
  /** Pipes and sockets, of which git's list says nothing, by repository. */
  readonly unlisted: Map<string, string[]>;
}

const foldersAtOnce = 32;
const repositoryDepthMax = 5;

/** Finds the files below `root`, a real path. Folders that cannot be read are among the skipped. */
export async function walkFiles(root: string, options: WalkOptions): Promise<FoundFiles> {
  const found: FoundFiles = { paths: [], skipped: [] };
  const unlisted = new Map<string, string[]>();
  const list = await openFileList(root, "", options);
  const ownRules = listByCambiumIgnore(root, options);
  let level: Folder[] = [{ path: "", list, ownRules, repository: "", depth: 1 }];
  while (level.length > 0) {
    const next: Folder[] = [];
    const walk: Walk = { root, options, found, next, unlisted };
    await forEachAtOnce(level, foldersAtOnce, (folder) => walkFolder(walk, folder));
    level = next;
  }
  for (const [repository, paths] of unlisted) {
    const ignored = await findIgnored(join(root, repository), paths, options);
    found.paths.push(...paths.filter((path) => !ignored.has(path)).map((path) => repository + path));
  }
  return found;
}

async function walkFolder(walk: Walk, folder: Folder): Promise<void> {
  walk.options.signal?.throwIfAborted();
  walk.options.onFolder?.(folder.path);
  const entries = await readFolder(walk, folder.path);
  const names = new Set(entries.map((entry) => entry.name));
  const list = folder.list.enter(folder.path, names);
  const inner: Folder = { ...folder, list, ownRules: folder.ownRules.enter(folder.path, names) };
  const badNames = hasReplaced(names) ? await readBadNames(walk.root, folder.path) : undefined;
  for (const entry of entries) {
    const path = folder.path + entry.name;
    if (entry.name === ".git" || walk.options.only?.meets(path) === false) continue;
    const shown = badNames?.get(entry.name);
    if (shown !== undefined) {
      if (!isHeld(inner, path, entry.isDirectory())) continue;
      const skip: Skip = { reason: "bad_name" };
      walk.found.skipped.push(...shown.map((name) => ({ path: folder.path + name, skip })));
    } else if (entry.isDirectory()) await addFolder(walk, inner, path);
    else addFile(walk, inner, path, entry);
  }
}

/** The entries of a folder; none, and a note in the ledger, where it cannot be read. */
async function readFolder(walk: Walk, path: string): Promise<Dirent[]> {
  try {
    return await readdir(join(walk.root, path), { withFileTypes: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (path === "" || code === "EMFILE" || code === "ENFILE" || code === "ENOMEM") throw error;
    const isGone = code === "ENOENT" || code === "ENOTDIR";
    const skip: Skip = { reason: "unreadable", detail: `folder: ${code}` };
    if (!isGone) walk.found.skipped.push({ path: path.slice(0, -1), skip });
    return [];
  }
}

async function addFolder(walk: Walk, parent: Folder, path: string): Promise<void> {
  if (!isHeld(parent, path, true)) {
    const isUnlisted = parent.list.byGit && parent.ownRules.holds(path, true);
    if (isUnlisted) walk.options.onUnlistedFolder?.(path, parent.repository);
    return;
  }
  const inner: Folder = { ...parent, path: `${path}/` };
  if (!parent.list.isRepository(path)) {
    walk.next.push(inner);
  } else if (parent.depth >= repositoryDepthMax) {
    const detail = `folder: more than ${repositoryDepthMax} repositories inside each other`;
    walk.found.skipped.push({ path, skip: { reason: "unreadable", detail } });
  } else {
    const list = await openFileList(walk.root, inner.path, walk.options);
    walk.next.push({ ...inner, list, repository: inner.path, depth: parent.depth + 1 });
  }
}

function addFile(walk: Walk, folder: Folder, path: string, entry: Dirent): void {
  if (isHeld(folder, path, false)) {
    walk.found.paths.push(path);
  } else if (folder.list.byGit && isSpecial(entry) && folder.ownRules.holds(path, false)) {
    const paths = walk.unlisted.get(folder.repository) ?? [];
    walk.unlisted.set(folder.repository, paths);
    paths.push(path.slice(folder.repository.length));
  }
}

function isHeld(folder: Folder, path: string, isFolder: boolean): boolean {
  return folder.list.holds(path, isFolder) && folder.ownRules.holds(path, isFolder);
}

function isSpecial(entry: Dirent): boolean {
  return entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice();
}

/** Whether a name may have been decoded with a loss: bytes that are not UTF-8 become U+FFFD. */
function hasReplaced(names: ReadonlySet<string>): boolean {
  for (const name of names) if (name.includes("\ufffd")) return true;
  return false;
}

/** The names of a folder that are not UTF-8, as they were decoded, each with the forms it is shown in. */
async function readBadNames(root: string, path: string): Promise<Map<string, string[]>> {
  const names = new Map<string, string[]>();
  for (const name of await readdir(join(root, path), { encoding: "buffer" })) {
    if (isUtf8(name)) continue;
    const decoded = name.toString("utf8");
    names.set(decoded, [...(names.get(decoded) ?? []), showBytes(name)]);
  }
  return names;
}

/** A name in which each byte that is not UTF-8 is written `\xNN`. */
export function showBytes(name: Buffer): string {
  let shown = "";
  for (let at = 0; at < name.length; ) {
    const first = name[at] ?? 0;
    const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    const character = name.subarray(at, at + length);
    const isValid = character.length === length && isUtf8(character);
    shown += isValid ? character.toString("utf8") : `\\x${first.toString(16).padStart(2, "0")}`;
    at += isValid ? length : 1;
  }
  return shown;
}

async function forEachAtOnce<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let at = 0;
  const run = async () => {
    for (let item = items[at++]; item !== undefined; item = items[at++]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, run));
}
