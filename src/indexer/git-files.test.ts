/** Git is asked without giving a repository's settings, or the caller's environment, a way to run or redirect anything. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findIgnored, headCommit, listGitFiles, recentlyChanged } from "./git-files.ts";

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "git-files-")));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function git(folder: string, ...args: string[]): string {
  return execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@example.org", ...args], {
    cwd: folder,
    encoding: "utf8",
  });
}

it("runs no script that a repository names in its settings", async () => {
  const repository = join(root, "evil");
  const mark = join(root, "ran");
  const script = join(root, "script");
  mkdirSync(repository);
  writeFileSync(script, `#!/bin/sh\ntouch ${mark}\n`);
  chmodSync(script, 0o755);
  git(repository, "init", "-q");
  writeFileSync(join(repository, "a"), "");
  git(repository, "add", "a");
  git(repository, "commit", "-qm", "1");
  const keys = [
    "core.fsmonitor",
    "core.pager",
    "pager.ls-files",
    "pager.log",
    "core.sshCommand",
    "core.askPass",
  ];
  for (const key of [...keys, "diff.external", "diff.trap.textconv", "diff.trap.command"]) {
    git(repository, "config", key, script);
  }
  git(repository, "ls-files");
  expect(existsSync(mark), "the trap works on a careless call").toBe(true);
  rmSync(mark);
  expect((await listGitFiles(repository, {}))?.names).toEqual(["a"]);
  expect(await headCommit(repository)).toMatch(/^[0-9a-f]{40}$/);
  expect(await findIgnored(repository, ["a", "b"], {})).toEqual(new Set());
  writeFileSync(join(repository, ".gitattributes"), "* diff=trap\n");
  expect(await recentlyChanged(repository)).toEqual(new Set(["a"]));
  expect(existsSync(mark)).toBe(false);
});

it("tells what the last commits touched, below the folder that is asked about", async () => {
  git(root, "init", "-q");
  expect(await recentlyChanged(root)).toEqual(new Set());
  mkdirSync(join(root, "in"));
  for (const name of ["old", "in/two words", "in/später"]) {
    writeFileSync(join(root, name), name);
    git(root, "add", ".");
    git(root, "commit", "-qm", name);
  }
  expect(await recentlyChanged(root)).toEqual(new Set(["old", "in/two words", "in/später"]));
  expect(await recentlyChanged(join(root, "in"))).toEqual(new Set(["two words", "später"]));
  expect(await recentlyChanged(root, { git: "" })).toEqual(new Set());
});

it("fetches no missing object, however the repository wants it fetched", async () => {
  const mark = join(root, "ran");
  const script = join(root, "script");
  const source = join(root, "source");
  mkdirSync(source);
  writeFileSync(script, `#!/bin/sh\ntouch ${mark}\nexit 1\n`);
  chmodSync(script, 0o755);
  git(source, "init", "-q");
  for (const folder of ["in", "out"]) {
    mkdirSync(join(source, folder));
    writeFileSync(join(source, folder, "f"), folder);
  }
  git(source, "add", ".");
  git(source, "commit", "-qm", "1");
  git(source, "sparse-checkout", "set", "--cone", "--sparse-index", "in");
  const tree = git(source, "rev-parse", "HEAD:out").trim();
  rmSync(join(source, ".git/objects", tree.slice(0, 2), tree.slice(2)));
  git(source, "config", "remote.origin.url", `ext::${script}`);
  git(source, "config", "remote.origin.promisor", "true");
  git(source, "config", "extensions.partialClone", "origin");
  git(source, "config", "core.repositoryFormatVersion", "1");
  git(source, "config", "protocol.ext.allow", "always");
  try {
    execFileSync("git", ["ls-files"], { cwd: source, stdio: "ignore" });
  } catch {}
  expect(existsSync(mark), "the trap works on a careless call").toBe(true);
  rmSync(mark);
  await listGitFiles(source, {});
  expect(existsSync(mark)).toBe(false);
});

it("asks about the folder it was given, even inside a git hook", async () => {
  const other = join(root, "other");
  const mine = join(root, "mine");
  for (const folder of [other, mine]) {
    mkdirSync(folder);
    git(folder, "init", "-q");
    writeFileSync(join(folder, folder === mine ? "mine.c" : "other.c"), "");
  }
  const before = process.env["GIT_DIR"];
  process.env["GIT_DIR"] = join(other, ".git");
  try {
    expect((await listGitFiles(mine, {}))?.names).toEqual(["mine.c"]);
  } finally {
    if (before === undefined) delete process.env["GIT_DIR"];
    else process.env["GIT_DIR"] = before;
  }
});

it("reads a list of many megabytes", async () => {
  git(root, "init", "-q");
  const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], {
    cwd: root,
    input: "",
    encoding: "utf8",
  }).trim();
  const name = "n".repeat(200);
  const index = Array.from({ length: 60_000 }, (_, number) => `100644 ${blob}\t${name}${number}\n`).join("");
  execFileSync("git", ["update-index", "--index-info"], { cwd: root, input: index });
  expect((await listGitFiles(root, {}))?.names.length).toBe(60_000);
});

it("has no answer where there is no git, no repository or no folder", async () => {
  expect(await listGitFiles(root, {})).toBeUndefined();
  expect(await headCommit(root)).toBeNull();
  git(root, "init", "-q");
  expect(await headCommit(root), "no commit yet").toBeNull();
  expect(await listGitFiles(root, { git: join(root, "no-such-program") })).toBeUndefined();
  expect(await listGitFiles(root, { git: "" })).toBeUndefined();
  expect(await listGitFiles(join(root, "gone"), {})).toBeUndefined();
});

it("gives up when it is told to", async () => {
  const reason = new Error("enough");
  await expect(listGitFiles(root, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const slow = join(root, "slow");
  writeFileSync(slow, "#!/bin/sh\nexec sleep 600\n");
  chmodSync(slow, 0o755);
  const controller = new AbortController();
  const answer = listGitFiles(root, { git: slow, signal: controller.signal });
  controller.abort(reason);
  await expect(answer).rejects.toBe(reason);
});

it("names the paths that git ignores", async () => {
  git(root, "init", "-q");
  writeFileSync(join(root, ".gitignore"), "*.sock\n");
  expect(await findIgnored(root, ["a.sock", "b", "new\nline.sock"], {})).toEqual(
    new Set(["a.sock", "new\nline.sock"]),
  );
});
