/** Which folders may be indexed: every path from outside is resolved and judged here, before any task is made. */
import { realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { CambiumError } from "../errors.ts";

export interface PathPolicy {
  /**
   * The real path of the folder that `path` names (relative to the current folder, `~` and `file:` allowed).
   * Throws `invalid_argument`, `not_found` or `forbidden` with what to do instead.
   */
  resolveRepositoryRoot(path: string): string;
  /** Whether a repository at this real path lies within what is allowed. */
  allows(root: string): boolean;
}

export interface PathPolicyOptions {
  /** The folder relative paths start from. */
  readonly cwd: string;
  readonly userHome: string;
  /** CAMBIUM_HOME: never indexed. */
  readonly dataHome: string;
  /** The allow-list of the settings; empty when there is none. */
  readonly roots: readonly string[];
  /**
   * What an empty allow-list means: `anything` a person names on the command line, or only `workplaces`: the
   * current folder, `clientFolder` and repositories that are indexed already.
   */
  readonly otherwise: "anything" | "workplaces";
  readonly clientFolder?: string | undefined;
  readonly indexedRoots?: () => readonly string[];
}

export function openPathPolicy(options: PathPolicyOptions): PathPolicy {
  return {
    resolveRepositoryRoot: (path) => {
      const named = spellOut(path, options);
      const root = realPathOf(named);
      const allowed = allowedFolders(options);
      if (allowed !== undefined && !allowed.some((folder) => contains(folder, root ?? named))) {
        throw outsideOf(path, allowed, options);
      }
      if (root === undefined) {
        throw new CambiumError(
          "not_found",
          `There is no folder ${path}. Give the path of an existing folder, best absolute.`,
        );
      }
      refuseFile(path, root);
      refuseSensitive(path, root, options);
      return root;
    },
    allows: (root) => allowedFolders(options)?.some((folder) => contains(folder, root)) ?? true,
  };
}

/** Whether `path` is `folder` or below it; both are real paths. `/a/repo-evil` is not within `/a/repo`. */
export function contains(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function spellOut(path: string, { cwd, userHome }: PathPolicyOptions): string {
  if (path.trim() === "")
    throw new CambiumError(
      "invalid_argument",
      'The path is empty. Give a folder, for example "." or an absolute path.',
    );
  if (path.includes("\0"))
    throw new CambiumError("invalid_argument", "The path holds a NUL character. Give a plain folder path.");
  if (path === "~" || path.startsWith("~/")) return join(userHome, path.slice(1));
  if (!path.startsWith("file:")) return resolve(cwd, path);
  try {
    return fileURLToPath(path);
  } catch (error) {
    throw new CambiumError(
      "invalid_argument",
      `${path} is not a local file address. Give a plain folder path.`,
      error,
    );
  }
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "ELOOP")
      throw new CambiumError(
        "invalid_argument",
        `${path} is a loop of symbolic links. Give the real folder.`,
        error,
      );
    if (code === "EACCES" || code === "EPERM") {
      throw new CambiumError(
        "forbidden",
        `${path} cannot be reached with this user's rights. Choose another folder or change its rights.`,
        error,
      );
    }
    throw new CambiumError(
      "invalid_argument",
      `${path} is not a usable path (${code ?? "unknown"}). Give another folder.`,
      error,
    );
  }
}

/** Undefined when everything is allowed. */
function allowedFolders(options: PathPolicyOptions): readonly string[] | undefined {
  if (options.roots.length > 0)
    return options.roots.flatMap((root) => realPathOf(spellOut(root, options)) ?? []);
  if (options.otherwise === "anything") return undefined;
  const workplaces = [options.cwd, options.clientFolder]
    .flatMap((folder) => (folder === undefined ? [] : (realPathOf(folder) ?? [])))
    .filter((folder) => !isTooWide(folder, options));
  return [...new Set([...workplaces, ...knownRoots(options)])];
}

/** A damaged index must not keep anybody from indexing again, which mends it. */
function knownRoots({ indexedRoots }: PathPolicyOptions): readonly string[] {
  try {
    return indexedRoots?.() ?? [];
  } catch {
    return [];
  }
}

/** A client started from the desktop stands in the top folder or the home folder: that is nobody's allowance. */
function isTooWide(folder: string, { userHome }: PathPolicyOptions): boolean {
  const home = realPathOf(userHome) ?? userHome;
  return folder === dirname(folder) || folder === home || folder === "/home" || folder === "/Users";
}

function outsideOf(path: string, allowed: readonly string[], options: PathPolicyOptions): CambiumError {
  const list =
    allowed.length === 0 ? "none" : allowed.slice(0, 5).join(", ") + (allowed.length > 5 ? ", …" : "");
  const remedy =
    options.roots.length > 0
      ? "Choose a folder inside them, or ask the person to add one to CAMBIUM_ROOTS."
      : "Choose a folder inside them, or ask the person to set CAMBIUM_ROOTS for this server or to run `cambium index <path>` once.";
  return new CambiumError("forbidden", `${path} is outside the allowed folders (${list}). ${remedy}`);
}

function refuseFile(path: string, root: string): void {
  if (statSync(root).isDirectory()) return;
  throw new CambiumError(
    "invalid_argument",
    `${path} is a file. Give the folder of the repository, for example ${dirname(root)}.`,
  );
}

const keyFolders = [
  ...[".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".password-store", ".config/gcloud"],
  ...[".local/share/keyrings", "Library/Keychains", "AppData/Roaming/gnupg", "AppData/Roaming/gcloud"],
];
const systemFolders = [
  ...["/proc", "/sys", "/dev", "/run/secrets"],
  ...["/etc/ssl/private", "/etc/ssh", "/etc/pki", "/Library/Keychains"],
];

function refuseSensitive(path: string, root: string, options: PathPolicyOptions): void {
  const home = realPathOf(options.userHome) ?? options.userHome;
  if (isTooWide(root, options)) {
    throw new CambiumError(
      "forbidden",
      `${path} is ${root === home ? "the home folder" : "too wide"}. Name one repository's folder inside it.`,
    );
  }
  const dataHome = realPathOf(options.dataHome) ?? options.dataHome;
  if (contains(dataHome, root)) {
    throw new CambiumError(
      "forbidden",
      `${path} is Cambium's own data folder. Name the folder of a repository.`,
    );
  }
  const keys = keyFolders.map((name) => join(home, name));
  if ([...keys, ...systemFolders].some((folder) => isAbsolute(folder) && contains(folder, root))) {
    throw new CambiumError(
      "forbidden",
      `${path} is where keys or system files live and is never indexed. Name the folder of a repository.`,
    );
  }
}
