/**
 * Asks git about a work tree, with nothing switched on that a repository's own settings could use to run a program.
 * Every answer may be missing: there may be no git, no repository, or one that git refuses.
 */
import { spawn } from "node:child_process";
import { homedir } from "node:os";

export interface GitOptions {
  /** Program name or path of git; an empty one means that there is none. Default: `git` in the usual places. */
  readonly git?: string;
  readonly signal?: AbortSignal;
}

/** `core.fsmonitor` alone lets a repository run a script from `ls-files`; the rest would from other corners. */
const safety = [
  "--no-pager",
  "--no-optional-locks",
  ...[
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.sshCommand=false",
    "core.askPass=false",
  ].flatMap(setting),
  ...["protocol.allow=never", "protocol.ext.allow=never", "submodule.recurse=false"].flatMap(setting),
];

/** Git does without the person's own settings where nobody knows a home folder, as in some containers. */
function findHome(): string {
  try {
    return homedir();
  } catch {
    return "";
  }
}

/** Nothing of the caller's, as `GIT_DIR` in a hook would lead elsewhere; HOME for the person's own ignore file. */
function environment(): NodeJS.ProcessEnv {
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/opt/local/bin:/run/current-system/sw/bin",
    HOME: findHome(),
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_LAZY_FETCH: "1",
    // Wins over every `protocol.*` setting, so that a missing object of a partial clone is never fetched.
    GIT_ALLOW_PROTOCOL: "none",
  };
}

/** A pipe named `.gitignore` would hold git up for ever. The kernel's 79,000 names take it less than a second. */
const listLimitMs = 60_000;
const questionLimitMs = 10_000;
const errorBytesMax = 1024 * 1024;

export interface GitListing {
  /** Files that git tracks or would track, relative to the folder; a nested repository ends in `/` or is a folder. */
  readonly names: readonly string[];
  /** Folders that git could not open, relative to the top of the work tree. */
  readonly unreadable: readonly string[];
}

/**
 * Git's own list below `folder`, which may be any folder of a work tree, or of what `paths` name there; undefined where
 * git has none.
 */
export async function listGitFiles(
  folder: string,
  options: GitOptions,
  paths: readonly string[] = ["."],
): Promise<GitListing | undefined> {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...paths];
  const args = ["--literal-pathspecs", ...list];
  const answer = await runGit(folder, args, "", listLimitMs, options);
  if (answer?.status !== 0) return undefined;
  const warnings = answer.errors.matchAll(/^warning: could not open directory '(.*)\/': /gm);
  return { names: splitNames(answer.output), unreadable: [...warnings].map((match) => match[1] ?? "") };
}

/** Which of these paths, relative to `folder`, git ignores. */
export async function findIgnored(
  folder: string,
  paths: readonly string[],
  options: GitOptions,
): Promise<Set<string>> {
  if (paths.length === 0) return new Set();
  const input = paths.map((path) => `${path}\0`).join("");
  const answer = await runGit(folder, ["check-ignore", "-z", "--stdin"], input, questionLimitMs, options);
  return new Set(splitNames(answer?.output ?? Buffer.alloc(0)));
}

/** The commit that is checked out, or null where there is no repository, no commit or no git. */
export async function headCommit(root: string, options: GitOptions = {}): Promise<string | null> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", "HEAD^{commit}"];
  const answer = await runGit(root, args, "", questionLimitMs, options);
  const commit = answer?.output.toString("latin1").trim() ?? "";
  return answer?.status === 0 && /^[0-9a-f]{40,64}$/.test(commit) ? commit : null;
}

/** So many commits say where the work is. */
const recentCommits = 200;
const recentLimitMs = 2000;

/** What the last commits have touched below `folder`, relative to it; nothing where git cannot tell soon. */
export async function recentlyChanged(
  folder: string,
  options: GitOptions = {},
): Promise<ReadonlySet<string>> {
  const what = [
    "--format=",
    "--name-only",
    "-z",
    "--relative",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
  ];
  const args = ["log", `-n${recentCommits}`, "--no-merges", ...what, "HEAD", "--"];
  const answer = await runGit(folder, args, "", recentLimitMs, options);
  return new Set(answer?.status === 0 ? splitNames(answer.output).filter((name) => name !== "") : []);
}

/** Where a folder lies in its work tree: empty at the top, else ending in `/`. Undefined outside of one. */
export async function prefixInWorkTree(folder: string, options: GitOptions): Promise<string | undefined> {
  const answer = await runGit(folder, ["rev-parse", "--show-prefix"], "", questionLimitMs, options);
  return answer?.status === 0 ? answer.output.toString("utf8").replace(/\n$/, "") : undefined;
}

interface GitAnswer {
  readonly status: number;
  readonly output: Buffer;
  readonly errors: string;
}

/** Runs git in a folder, without a shell. Undefined when it cannot be started or takes too long; throws on abort. */
async function runGit(
  folder: string,
  args: readonly string[],
  input: string,
  limitMs: number,
  options: GitOptions,
): Promise<GitAnswer | undefined> {
  options.signal?.throwIfAborted();
  const program = options.git ?? "git";
  if (program === "") return undefined;
  const child = spawn(program, [...safety, ...args], {
    cwd: folder,
    env: environment(),
    stdio: "pipe",
    windowsHide: true,
    timeout: limitMs,
    killSignal: "SIGKILL",
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  let errorBytes = 0;
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => {
    errorBytes += chunk.length;
    if (errorBytes <= errorBytesMax) errors.push(chunk);
  });
  // Git may end before it has read its input; its exit status tells that well enough.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const status = await new Promise<number | undefined>((resolve) => {
    child.on("error", () => resolve(undefined));
    child.on("close", (code) => resolve(code ?? undefined));
  });
  options.signal?.throwIfAborted();
  if (status === undefined) return undefined;
  return { status, output: Buffer.concat(output), errors: Buffer.concat(errors).toString("utf8") };
}

/** Names that are not UTF-8 are decoded as a folder listing decodes them, so that both still meet. */
function splitNames(output: Buffer): string[] {
  const names = output.toString("utf8").split("\0");
  names.pop();
  return names;
}

function setting(value: string): string[] {
  return ["-c", value];
}
