/** The index files of one folder: opened once, followed as other processes add, remove and replace them. */
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { CambiumError } from "../../../errors.ts";
import { damageMark, IndexFile } from "./index-file.ts";

const filePattern = /^[0-9a-f]{16}\.db$/;
/** A folder's time is as fine as the kernel's clock tick: a listing this close to it may have missed a change. */
const settledMs = 50;

/** A file that is out of reach for a moment (busy, no permission, no descriptor) is tried again after this. */
const retryMs = 1000;

/** Why a file cannot be read. Damage and a newer format last until the file is another one. */
interface Failure {
  readonly error: unknown;
  readonly lasts: boolean;
  readonly stamp: string;
  readonly retryAt: number;
}

export class Catalogue {
  readonly #folder: string;
  readonly #open = new Map<string, IndexFile>();
  readonly #broken = new Map<string, Failure>();
  #listedAt = -1;
  #names: readonly string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** All files that can be read now. */
  files(): IndexFile[] {
    this.#list();
    return this.#names.flatMap((name) => this.#opened(name) ?? []);
  }

  /** Why a file of the folder cannot be read, where there is one. */
  failure(): unknown {
    return this.#broken.values().next().value?.error;
  }

  /**
   * The file of this name, made where it is missing. A damaged one is moved aside first; throws `conflict` for one of
   * a newer format, which stays as it is.
   */
  create(name: string): IndexFile {
    this.#listedAt = -1;
    this.#list();
    const path = join(this.#folder, name);
    const inode = inodeOf(path);
    if (existsSync(damageMark(path))) this.#moveAside(name, inode);
    try {
      return this.#keep(name);
    } catch (error) {
      if (!(error instanceof CambiumError) || error.code !== "corrupt") throw error;
      this.#moveAside(name, inode);
      return this.#keep(name);
    }
  }

  /** Deletes the file with its log. */
  delete(file: IndexFile): void {
    this.#delete(file.path.slice(this.#folder.length + 1));
  }

  /** Deletes the file of this name if it is damaged so that it cannot be opened; says whether it was. */
  deleteUnreadable(name: string): boolean {
    this.#list();
    if (!this.#names.includes(name) || this.#opened(name) !== undefined) return false;
    if (codeOf(this.#broken.get(name)?.error) !== "corrupt") return false;
    this.#delete(name);
    return true;
  }

  #delete(name: string): void {
    this.#forget(name);
    for (const suffix of ["-wal", "-shm", "", ".damaged"])
      rmSync(join(this.#folder, name + suffix), { force: true });
    this.#dropCorrupt(name);
    this.#listedAt = -1;
  }

  close(): void {
    for (const name of [...this.#open.keys()]) this.#forget(name);
    this.#listedAt = -1;
  }

  #list(): void {
    const changedAt = statSync(this.#folder, { throwIfNoEntry: false })?.mtimeMs;
    if (changedAt !== undefined && changedAt === this.#listedAt) return;
    const now = Date.now();
    this.#broken.clear();
    this.#names =
      changedAt === undefined
        ? []
        : readdirSync(this.#folder)
            .filter((name) => filePattern.test(name))
            .sort();
    this.#listedAt = changedAt !== undefined && now - changedAt > settledMs ? changedAt : -1;
    for (const [name, file] of [...this.#open]) {
      if (inodeOf(join(this.#folder, name)) !== file.inode) this.#forget(name);
    }
  }

  #opened(name: string): IndexFile | undefined {
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    const stamp = stampOf(join(this.#folder, name));
    const known = this.#broken.get(name);
    if (known !== undefined && (known.lasts ? known.stamp === stamp : Date.now() < known.retryAt))
      return undefined;
    try {
      const file = this.#keep(name);
      this.#broken.delete(name);
      return file;
    } catch (error) {
      const lasts = ["corrupt", "conflict"].includes(codeOf(error));
      this.#broken.set(name, { error, lasts, stamp, retryAt: Date.now() + retryMs });
      return undefined;
    }
  }

  #keep(name: string): IndexFile {
    const open = this.#open.get(name) ?? new IndexFile(join(this.#folder, name));
    this.#open.set(name, open);
    return open;
  }

  #forget(name: string): void {
    this.#open.get(name)?.close();
    this.#open.delete(name);
    this.#broken.delete(name);
  }

  #dropCorrupt(name: string): void {
    const isAside = (other: string) => other.startsWith(`${name}.corrupt-`);
    for (const other of readdirSync(this.#folder).filter(isAside))
      rmSync(join(this.#folder, other), { force: true });
  }

  /** Unless another process was faster and the name already belongs to a new file. */
  #moveAside(name: string, inode: bigint | undefined): void {
    const path = join(this.#folder, name);
    this.#forget(name);
    if (inode !== undefined && inodeOf(path) === inode) {
      this.#dropCorrupt(name);
      // Before the name is free: another process may begin a new file there at once, with a log of its own.
      rmSync(`${path}-wal`, { force: true });
      rmSync(`${path}-shm`, { force: true });
      renameSync(path, `${path}.corrupt-${Date.now()}`);
    }
    rmSync(damageMark(path), { force: true });
    this.#listedAt = -1;
  }
}

function codeOf(error: unknown): string {
  return error instanceof CambiumError ? error.code : "";
}

function stampOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return `${stats?.ino} ${stats?.mtimeNs}`;
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
