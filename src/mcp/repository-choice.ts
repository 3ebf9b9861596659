/** Which repository a call means: by its name, by a path in it, or, when nothing is said, the one around the current folder. */
import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { CambiumError } from "../errors.ts";
import type { IndexStore, RepositoryStatus } from "../indexer/store.ts";
import { contains } from "./policy.ts";
import { oneLine } from "./text.ts";

export interface RepositoryChoice {
  /** Undefined: all of them. */
  readonly chosen: RepositoryStatus | undefined;
  readonly known: readonly RepositoryStatus[];
}

/** What is to be removed. `files` is null where the index is too damaged to tell: then the store knows it by its root. */
export interface Removable {
  readonly repository: string;
  readonly root: string;
  readonly files: number | null;
}

/** Throws `not_found` with the names there are, or why an index cannot be read that may be the one meant. */
export function chooseRepository(
  index: IndexStore,
  named: string | undefined,
  cwd: string,
): RepositoryChoice {
  const known = index.repositories();
  const wanted = named?.trim() ?? "";
  if (wanted === "") return { chosen: aroundPath(known, realPath(cwd) ?? cwd), known };
  const chosen = byName(known, wanted) ?? byPath(known, wanted, cwd);
  if (chosen === undefined) throw whyMissing(index, wanted, known);
  return { chosen, known };
}

function byName(known: readonly RepositoryStatus[], wanted: string): RepositoryStatus | undefined {
  const exact = known.find((candidate) => candidate.repository === wanted);
  if (exact !== undefined) return exact;
  // "owner/name" and other capitals are understood as long as they mean one repository.
  const last = wanted.split("/").at(-1)?.toLowerCase();
  const near = isPath(wanted) ? [] : known.filter((candidate) => candidate.repository.toLowerCase() === last);
  return near.length === 1 ? near[0] : undefined;
}

function isPath(wanted: string): boolean {
  return /^[./~]|^file:/.test(wanted);
}

/** For what cannot be undone: only a name or the repository's own folder will do, not a path somewhere in it. */
export function chooseExactly(index: IndexStore, named: string, cwd: string): Removable {
  const known = index.repositories();
  const wanted = named.trim();
  if (wanted === "") throw unknownRepository(wanted, known);
  const spelt = spellOut(wanted, cwd);
  const root = realPath(spelt) ?? (isPath(wanted) ? spelt : undefined);
  const chosen =
    byName(known, wanted) ??
    known.find((candidate) => candidate.root === spelt) ??
    known.find((candidate) => candidate.root === root);
  if (chosen !== undefined) return chosen;
  const reason = whyMissing(index, wanted, known);
  if (reason.code !== "corrupt" || root === undefined) throw reason;
  return { repository: basename(root), root, files: null };
}

/** An index that cannot be read may hold what is missing: then that is the reason. */
function whyMissing(index: IndexStore, wanted: string, known: readonly RepositoryStatus[]): CambiumError {
  try {
    index.repositories(wanted);
    return unknownRepository(wanted, known);
  } catch (error) {
    if (error instanceof CambiumError) return error;
    throw error;
  }
}

function spellOut(wanted: string, cwd: string): string {
  return /^~(\/|$)/.test(wanted)
    ? join(homedir(), wanted.slice(1))
    : resolve(cwd, wanted.replace(/^file:\/\//, ""));
}

function byPath(
  known: readonly RepositoryStatus[],
  wanted: string,
  cwd: string,
): RepositoryStatus | undefined {
  const spelt = spellOut(wanted, cwd);
  const ofRoot = known.find((candidate) => candidate.root === spelt);
  // A repository whose folder is gone can still be named; any other path must exist, or each typo would be inside one.
  const real = ofRoot === undefined ? realPath(spelt) : undefined;
  return ofRoot ?? (real === undefined ? undefined : aroundPath(known, real));
}

/** The innermost repository that holds the path. */
function aroundPath(known: readonly RepositoryStatus[], path: string): RepositoryStatus | undefined {
  return known
    .filter((candidate) => contains(candidate.root, path))
    .toSorted((a, b) => b.root.length - a.root.length)[0];
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

function unknownRepository(wanted: string, known: readonly RepositoryStatus[]): CambiumError {
  const names = known.map((candidate) => candidate.repository);
  const list =
    names.length === 0
      ? "Nothing is indexed yet."
      : `Indexed: ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", …" : ""}.`;
  return new CambiumError(
    "not_found",
    `There is no indexed repository ${JSON.stringify(oneLine(wanted, 80))}. ${list} To add one: index_repository {"path":"…"} or \`cambium index <path>\`.`,
  );
}
