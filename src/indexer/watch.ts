/**
 * Watches the folders of a repository that the scan would enter, with one handle a folder, and tells which paths were
 * touched. It reads no file and decides nothing: what is told may turn out to be ignored, unchanged or gone.
 */
import { existsSync, type FSWatcher, lstatSync, readdirSync, readFileSync, statfsSync, watch } from "node:fs";
import { basename, join } from "node:path";
import type { ListOptions } from "./file-list.ts";
import { findIgnored } from "./git-files.ts";
import { findRepository } from "./git-folder.ts";
import { selectPaths } from "./selection.ts";
import { walkFiles } from "./walk.ts";

/** What has happened: a path was touched, which folders and files count has changed, or git has moved on. */
export type WatchEvent =
  | { readonly type: "path"; readonly path: string }
  | { readonly type: "rules" | "head" | "index" }
  /** Git is at work (`busy`), as in a switch of branches, or has come to an end (`calm`). */
  | { readonly type: "busy" | "calm" }
  /** The watching itself has come to an end: from now on only a look at everything tells what has changed. */
  | { readonly type: "blind"; readonly notice: string; readonly isGone: boolean };

export interface WatchOptions extends ListOptions {
  readonly onEvent: (event: WatchEvent) => void;
  /** More folders are not watched. Default: half of what the system allows, at most 32,768. */
  readonly foldersMax?: number;
}

export interface FolderWatch {
  /** How many folders are watched now. */
  readonly folders: number;
  /** Resolves when folders that appeared are watched too. */
  settled(): Promise<void>;
  close(): void;
}

/** What a folder is without this process being able to watch it. */
class Blindness extends Error {}

const ruleFiles: ReadonlySet<string> = new Set([".gitignore", ".cambiumignore"]);
const foldersMaxDefault = 32_768;
/** Where changes made elsewhere are not told: NFS, SMB, CIFS, 9P and FUSE, by their numbers in Linux. */
const remoteSystems: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xfe534d42, 0xff534d42, 0x01021997, 0x65735546,
]);

/**
 * Begins to watch, and resolves when every folder is: what happens from then on is told, what happened before is for a
 * scan to find. Where it cannot watch, it says so by the event `blind` and watches nothing.
 */
export async function watchFolders(root: string, options: WatchOptions): Promise<FolderWatch> {
  const folders = new Folders(root, options);
  await folders.start();
  return folders;
}

/** How many folders may be watched; undefined where the system does not say. */
export function readWatchLimit(path = "/proc/sys/fs/inotify/max_user_watches"): number | undefined {
  try {
    const limit = Number(readFileSync(path, "utf8"));
    return Number.isInteger(limit) ? limit : undefined;
  } catch {
    return undefined;
  }
}

/** Why a folder cannot be watched now; undefined when it can. */
export function whyBlind(folder: string): string | undefined {
  try {
    refuseRemote(folder);
    watch(folder, () => {}).close();
    return undefined;
  } catch (error) {
    return explainBlindness(error);
  }
}

class Folders implements FolderWatch {
  readonly #root: string;
  readonly #options: WatchOptions;
  readonly #max: number;
  /** By folder: empty for the root, else ending in `/`. */
  readonly #watched = new Map<string, FSWatcher>();
  readonly #git: FSWatcher[] = [];
  /** Folders that appeared, and are to be watched with all that is in them. */
  #appeared = new Set<string>();
  #adding: Promise<void> | undefined;
  #isClosed = false;

  constructor(root: string, options: WatchOptions) {
    this.#root = root;
    this.#options = options;
    const limit = readWatchLimit();
    const half = limit === undefined ? foldersMaxDefault : Math.floor(limit / 2);
    this.#max = options.foldersMax ?? Math.min(foldersMaxDefault, half);
  }

  get folders(): number {
    return this.#watched.size;
  }

  async start(): Promise<void> {
    try {
      refuseRemote(this.#root);
      this.#watchGit();
      await this.#add([""]);
    } catch (error) {
      this.#goBlind(error);
    }
  }

  async settled(): Promise<void> {
    while (this.#adding !== undefined) await this.#adding;
  }

  close(): void {
    this.#isClosed = true;
    for (const watcher of [...this.#watched.values(), ...this.#git]) watcher.close();
    this.#watched.clear();
  }

  /** Each folder is watched before its names are read, so that nothing appears in between unseen. */
  async #add(paths: readonly string[]): Promise<void> {
    const isAll = paths.includes("");
    const seen = new Set<string>();
    const unlisted = new Map<string, string[]>();
    const see = (folder: string) => {
      seen.add(folder);
      this.#watch(folder);
    };
    await walkFiles(this.#root, {
      ...this.#options,
      ...(isAll ? {} : { only: selectPaths(paths) }),
      onFolder: see,
      onUnlistedFolder: (path, repository) => {
        unlisted.set(repository, [...(unlisted.get(repository) ?? []), path]);
      },
    });
    for (const [repository, folders] of unlisted) await this.#addUnlisted(repository, folders, see);
    if (!isAll) return;
    for (const folder of [...this.#watched.keys()]) if (!seen.has(folder)) this.#forget(folder);
  }

  /** Where git lists nothing it may come to list something: else the first file in an empty folder would go unseen. */
  async #addUnlisted(
    repository: string,
    folders: readonly string[],
    see: (folder: string) => void,
  ): Promise<void> {
    for (let level = folders; level.length > 0; ) {
      const names = level.map((path) => path.slice(repository.length));
      const ignored = await findIgnored(join(this.#root, repository), names, this.#options);
      const open = names.filter((name) => !ignored.has(name)).map((name) => repository + name);
      for (const path of open) see(`${path}/`);
      level = open.flatMap((path) => foldersIn(this.#root, path));
    }
  }

  #watch(folder: string): void {
    if (this.#isClosed || this.#watched.has(folder)) return;
    if (this.#watched.size >= this.#max) {
      throw new Blindness(`it has more than ${this.#max} folders, which is as many as are watched`);
    }
    // Without the slash: the end of a folder is told by the last name of the path that is watched.
    const watcher = openWatcher(join(this.#root, folder.slice(0, -1)), (isRename, name) =>
      this.#hear(folder, isRename, name),
    );
    if (watcher === undefined) return;
    watcher.on("error", (error) => this.#lose(folder, error));
    this.#watched.set(folder, watcher);
  }

  #hear(folder: string, isRename: boolean, name: string | undefined): void {
    if (this.#isClosed) return;
    if (name === undefined || ruleFiles.has(name)) this.#hearRules();
    else if (name !== ".git") this.#hearName(folder, isRename, name);
    else if (folder === "" && isRename) this.#hearGit();
  }

  #hearName(folder: string, isRename: boolean, name: string): void {
    // The end of the watched folder itself is told by its own name.
    if (isRename && folder !== "" && name === basename(folder)) this.#lookAgain(folder);
    if (isRename && folder === "" && name === basename(this.#root)) this.#checkRoot();
    const path = folder + name;
    const isFolder = isFolderAt(join(this.#root, path));
    const isWatched = this.#watched.has(`${path}/`);
    // What changes inside a watched folder is told by that folder.
    if (isFolder && isWatched && !isRename) return;
    this.#tell({ type: "path", path });
    if (isFolder && !isWatched) this.#appear(path);
    else if (!isFolder && isWatched) this.#forget(`${path}/`);
  }

  /** Other folders may count from now on. */
  #hearRules(): void {
    this.#tell({ type: "rules" });
    this.#appear("");
  }

  #hearGit(): void {
    for (const watcher of this.#git.splice(0)) watcher.close();
    this.#watchGit();
    this.#hearRules();
  }

  /** It may have been replaced by another one of the same name. */
  #lookAgain(folder: string): void {
    this.#forget(folder);
    this.#tell({ type: "path", path: folder.slice(0, -1) });
    if (isFolderAt(join(this.#root, folder))) this.#appear(folder.slice(0, -1));
  }

  #checkRoot(): void {
    if (lstatSync(this.#root, { throwIfNoEntry: false }) === undefined) this.#goBlind(undefined);
  }

  #appear(path: string): void {
    this.#appeared.add(path);
    this.#adding ??= this.#addAppeared();
  }

  async #addAppeared(): Promise<void> {
    try {
      while (this.#appeared.size > 0) {
        const paths = [...this.#appeared];
        this.#appeared = new Set();
        await this.#add(paths);
        // What was put into them before they were watched.
        for (const path of paths) if (path !== "") this.#tell({ type: "path", path });
      }
    } catch (error) {
      this.#goBlind(error);
    } finally {
      this.#adding = undefined;
    }
  }

  #forget(folder: string): void {
    for (const [inner, watcher] of this.#watched) {
      if (!inner.startsWith(folder)) continue;
      watcher.close();
      this.#watched.delete(inner);
    }
  }

  /** A folder that cannot be watched any more, as it was deleted while it was opened. */
  #lose(folder: string, error: Error): void {
    if (folder === "") this.#goBlind(error);
    else this.#lookAgain(folder);
  }

  #watchGit(): void {
    const around = findRepository(this.#root);
    if (around === undefined) return;
    const { ownFolder, commonFolder } = around;
    const listen = (folder: string, hear: (name: string) => void) => {
      const watcher = openWatcher(folder, (_isRename, name) => hear(name ?? ""));
      if (watcher === undefined) return;
      watcher.on("error", () => watcher.close());
      this.#git.push(watcher);
    };
    listen(ownFolder, (name) => {
      if (name === "HEAD" || name === "ORIG_HEAD") this.#tell({ type: "head" });
      else if (name === "index") this.#tell({ type: "index" });
      else if (name === "index.lock")
        this.#tell({ type: existsSync(join(ownFolder, name)) ? "busy" : "calm" });
    });
    listen(join(commonFolder, "info"), (name) => {
      if (name === "exclude") this.#tell({ type: "rules" });
    });
  }

  #tell(event: WatchEvent): void {
    if (!this.#isClosed) this.#options.onEvent(event);
  }

  #goBlind(error: unknown): void {
    if (this.#isClosed) return;
    const isGone = lstatSync(this.#root, { throwIfNoEntry: false }) === undefined;
    this.#tell({ type: "blind", notice: isGone ? "its folder is gone" : explainBlindness(error), isGone });
    this.close();
  }
}

/** Undefined where the folder has gone meanwhile or may not be read: the scan says so in the ledger. */
function openWatcher(
  full: string,
  hear: (isRename: boolean, name: string | undefined) => void,
): FSWatcher | undefined {
  try {
    return watch(full, { persistent: false }, (event, name) => hear(event === "rename", name ?? undefined));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES" || code === "EPERM") return undefined;
    throw error;
  }
}

function isFolderAt(full: string): boolean {
  try {
    return lstatSync(full, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}

function foldersIn(root: string, path: string): string[] {
  try {
    const entries = readdirSync(join(root, path), { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && entry.name !== ".git")
      .map(({ name }) => `${path}/${name}`);
  } catch {
    return [];
  }
}

function refuseRemote(root: string): void {
  if (process.platform === "linux" && remoteSystems.has(statfsSync(root).type))
    throw new Blindness("its file system does not tell of changes (a network or virtual drive)");
}

function explainBlindness(error: unknown): string {
  if (error instanceof Blindness) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC")
    return `the system lets no more folders be watched (fs.inotify.max_user_watches is ${readWatchLimit() ?? "too low"})`;
  if (code === "EMFILE" || code === "ENFILE")
    return "the system gives out no more handles for watching (fs.inotify.max_user_instances)";
  return `watching failed: ${(error as Error).message}`;
}
