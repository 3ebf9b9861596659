/** Which file or folder of which repository a path means: absolute, from the repository's top, from here, or `name: path`. */
import { isAbsolute, relative, resolve } from "node:path";
import { CambiumError } from "../errors.ts";
import type { Outline } from "../indexer/overview.ts";
import type { IndexStore, RepositoryStatus } from "../indexer/store.ts";
import { contains } from "./policy.ts";
import { chooseRepository } from "./repository-choice.ts";
import { oneLine, showPath } from "./text.ts";

export interface OutlineChoice {
  readonly status: RepositoryStatus;
  readonly outline: Outline;
}

export interface OutlineWish {
  readonly path: string;
  readonly repository?: string | undefined;
}

const suggestionsMax = 5;
const besideMax = 12;

/** Throws `not_found` with what there is instead, `invalid_argument` where several repositories have such a path. */
export function chooseOutline(index: IndexStore, wish: OutlineWish, cwd: string): OutlineChoice {
  const candidates = candidatesOf(index, wish, cwd);
  if (candidates.length === 0) {
    const text = 'Nothing is indexed yet. Call index_repository {"path":"…"} first (`cambium index`).';
    throw new CambiumError("not_found", text);
  }
  const found = candidates.flatMap(({ status, path }) => {
    const outline = index.outline(status.repository, path);
    return outline === undefined ? [] : { status, outline };
  });
  const [first] = found;
  if (first === undefined)
    throw missing(
      index,
      wish,
      candidates.map(({ status }) => status),
    );
  const others = found.filter(({ status }) => status.repository !== first.status.repository);
  if (others.length > 0) {
    const names = [first, ...others].map(({ status }) => status.repository).join(", ");
    const text = `${wish.path} is in several repositories. Say repository as well, one of: ${names}.`;
    throw new CambiumError("invalid_argument", text);
  }
  return first;
}

interface Candidate {
  readonly status: RepositoryStatus;
  readonly path: string;
}

function candidatesOf(index: IndexStore, { path, repository }: OutlineWish, cwd: string): Candidate[] {
  if (repository === undefined && isPathOfMachine(path)) {
    const { chosen } = chooseRepository(index, path, cwd);
    return chosen === undefined ? [] : [{ status: chosen, path: within(chosen, path) }];
  }
  const { chosen, known } = chooseRepository(index, repository, cwd);
  if (chosen !== undefined) {
    if (isPathOfMachine(path)) return [{ status: chosen, path: within(chosen, path) }];
    const fromTop = { status: chosen, path };
    const here = resolve(cwd, path);
    return contains(chosen.root, here)
      ? [fromTop, { status: chosen, path: relative(chosen.root, here) }]
      : [fromTop];
  }
  const [, name, rest] = /^([^/:]+)(?::\s*(.*))?$/.exec(path) ?? [];
  const named = known.find((one) => one.repository === name);
  return named === undefined
    ? known.map((status) => ({ status, path }))
    : [{ status: named, path: rest ?? "" }];
}

const isPathOfMachine = (path: string) => isAbsolute(path) || /^(~(\/|$)|file:)/.test(path);

/** A path that a link leads to is only known by the name it has in the repository. */
function within({ root }: RepositoryStatus, path: string): string {
  const plain = path.replace(/^file:\/\//, "");
  return contains(root, plain) ? relative(root, plain) : plain;
}

function missing(index: IndexStore, { path }: OutlineWish, tried: readonly RepositoryStatus[]): CambiumError {
  const name = path.replace(/\/+$/, "").split("/").at(-1)?.toLowerCase() ?? "";
  const near = [...new Map(tried.map((status) => [status.repository, status])).values()].flatMap(
    ({ repository }) => nearPaths(index, repository, name).map((found) => showPath(found)),
  );
  const beside = near.length > 0 ? [] : tried.flatMap(({ repository }) => besideOf(index, repository, path));
  const advice =
    beside.length > 0
      ? `Its folder holds: ${beside.slice(0, besideMax).join(", ")}${beside.length > besideMax ? ", …" : ""}.`
      : near.length > 0
        ? `Did you mean: ${near.slice(0, suggestionsMax).join(", ")}?`
        : 'Call get_outline {"path":"."} to see what there is.';
  const asked = JSON.stringify(oneLine(path, 120));
  return new CambiumError("not_found", `The index holds no file or folder ${asked}. ${advice}`);
}

/** What the folder has in which the path would be, those that begin alike first. */
function besideOf(index: IndexStore, repository: string, path: string): string[] {
  const slash = path.replace(/\/+$/, "").lastIndexOf("/");
  const folder = slash < 0 ? undefined : index.outline(repository, path.slice(0, slash));
  if (folder?.type !== "folder") return [];
  const initial = path.charAt(slash + 1).toLowerCase();
  const names = [...folder.folders.map(({ name }) => `${name}/`), ...folder.files.map(({ name }) => name)];
  const isLike = (name: string) => Number(name.toLowerCase().startsWith(initial));
  return names.sort((a, b) => isLike(b) - isLike(a)).map((name) => showPath(name));
}

/** Paths that have the name, or a folder of it. */
function nearPaths(index: IndexStore, repository: string, name: string): string[] {
  const found = new Set<string>();
  for (const { path } of index.files(repository)) {
    const parts = path.toLowerCase().split("/");
    const at = parts.findIndex(
      (part, depth) => part === name || (depth === parts.length - 1 && part.startsWith(`${name}.`)),
    );
    if (at >= 0)
      found.add(
        path
          .split("/")
          .slice(0, at + 1)
          .join("/"),
      );
    if (found.size >= suggestionsMax) break;
  }
  return [...found];
}
