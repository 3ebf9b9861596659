/** Where git keeps its things, checked against work trees and submodules that git itself has made. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findRepository, isRepositoryTop } from "./git-folder.ts";

const settings = ["user.name=a", "user.email=a@b", "protocol.file.allow=always", "init.defaultBranch=main"];
const git = (folder: string, ...args: string[]) =>
  execFileSync("git", ["-C", folder, ...settings.flatMap((one) => ["-c", one]), ...args], {
    stdio: "ignore",
  });

describe("the repository around a folder", () => {
  let parent: string;
  let root: string;

  beforeEach(() => {
    parent = realpathSync(mkdtempSync(join(tmpdir(), "git-folder-")));
    root = join(parent, "app");
    mkdirSync(join(root, "src"), { recursive: true });
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  it("is found from a sub-folder, and shared by all work trees, but not by a submodule", () => {
    git(root, "init", "-q");
    git(root, "commit", "-qm", "1", "--allow-empty");
    const ownFolder = join(root, ".git");
    const here = { top: root, commonFolder: ownFolder, ownFolder };
    expect(findRepository(join(root, "src"))).toEqual(here);
    const tree = join(parent, "tree");
    git(root, "worktree", "add", "-q", tree);
    expect(findRepository(tree)).toEqual({
      top: tree,
      commonFolder: here.commonFolder,
      ownFolder: join(root, ".git", "worktrees", "tree"),
    });
    const inner = join(tree, "inner");
    git(tree, "submodule", "add", "-q", root, "inner");
    expect(findRepository(inner)?.top).toBe(inner);
    expect(findRepository(inner)?.commonFolder).toMatch(/\/modules\/inner$/);
    expect([root, tree, inner, join(root, "src"), parent].map(isRepositoryTop)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it.each([
    ["an empty file", (path: string) => writeFileSync(path, "")],
    ["a file that leads nowhere", (path: string) => writeFileSync(path, "gitdir: ../gone\n")],
    ["an empty folder", (path: string) => mkdirSync(path)],
    ["a pipe", (path: string) => execFileSync("mkfifo", [path])],
  ])("is none where .git is %s, even beside a file named HEAD", (_what, make) => {
    make(join(root, ".git"));
    writeFileSync(join(root, "HEAD"), "ref: refs/heads/main\n");
    expect(findRepository(root)).toBeUndefined();
  });
});
