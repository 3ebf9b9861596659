/** The watcher over real folders and the system's own events. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../test/e2e/cambium.ts";
import { type FolderWatch, readWatchLimit, type WatchEvent, watchFolders } from "./watch.ts";

let root: string;
let watching: FolderWatch | undefined;
let events: WatchEvent[];

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "watch-")));
  events = [];
});
afterEach(() => {
  watching?.close();
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text = "text\n"): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: root });

async function begin(foldersMax?: number): Promise<FolderWatch> {
  watching = await watchFolders(root, {
    onEvent: (event) => void events.push(event),
    ...(foldersMax === undefined ? {} : { foldersMax }),
  });
  return watching;
}
const told = (path: string) => events.some((event) => event.type === "path" && event.path === path);
const heard = (type: WatchEvent["type"]) => events.some((event) => event.type === type);

/** The act, and then the events that must follow it. */
async function follow(act: () => void, what: string, condition: () => boolean): Promise<void> {
  events.length = 0;
  act();
  await until(what, condition, 10_000);
  await watching?.settled();
}

describe.each([
  ["a git repository", true],
  ["a plain folder", false],
])("in %s", (_what, isGit) => {
  beforeEach(() => {
    write("src/inner/a.txt");
    write("build/made/b.txt");
    write(".gitignore", "build/\n");
    if (isGit) git("init", "-q");
  });

  it("tells of what is written, added, renamed and deleted in the folders that count", async () => {
    const { folders } = await begin();
    expect(folders).toBe(3);
    await follow(
      () => write("src/inner/a.txt", "changed\n"),
      "a change",
      () => told("src/inner/a.txt"),
    );
    await follow(
      () => write("new.txt"),
      "a new file",
      () => told("new.txt"),
    );
    const rename = () => renameSync(join(root, "new.txt"), join(root, "src", "other.txt"));
    await follow(rename, "a rename", () => told("new.txt") && told("src/other.txt"));
    const drop = () => rmSync(join(root, "src", "other.txt"));
    await follow(drop, "a deletion", () => told("src/other.txt"));
    write("build/made/c.txt");
    await follow(
      () => write("last.txt"),
      "a later event",
      () => told("last.txt"),
    );
    expect(told("build/made/c.txt")).toBe(false);
  });

  it("watches folders that appear, with all that is in them, and lets go of those that are gone", async () => {
    const watch = await begin();
    await follow(
      () => write("deep/er/est/a.txt"),
      "a folder",
      () => told("deep"),
    );
    await until("the new folders are watched", () => watch.folders === 6);
    await follow(
      () => write("deep/er/est/b.txt"),
      "a file in it",
      () => told("deep/er/est/b.txt"),
    );
    await follow(
      () => rmSync(join(root, "deep"), { recursive: true }),
      "its end",
      () => told("deep"),
    );
    await until("it is let go", () => watch.folders === 3);
  });

  it("sees into a folder that took the place of another one of the same name", async () => {
    await begin();
    const replace = () => {
      renameSync(join(root, "src"), join(root, "old"));
      write("src/inner/a.txt");
    };
    await follow(replace, "the exchange", () => told("src") && told("old"));
    await follow(
      () => write("src/inner/z.txt"),
      "a file in the new one",
      () => told("src/inner/z.txt"),
    );
    await follow(
      () => write("old/inner/y.txt"),
      "a file in the old one",
      () => told("old/inner/y.txt"),
    );
  });

  it("sees the first file of a folder that was empty", async () => {
    mkdirSync(join(root, "empty", "inner"), { recursive: true });
    await begin();
    await follow(
      () => write("empty/inner/a.txt"),
      "the first file",
      () => told("empty/inner/a.txt"),
    );
  });

  it("tells that the rules have changed, and watches what counts from then on", async () => {
    const watch = await begin();
    await follow(
      () => write(".gitignore", "other/\n"),
      "new rules",
      () => heard("rules"),
    );
    await until("the folders that count now", () => watch.folders === 5);
    await follow(
      () => write("build/made/c.txt"),
      "a file that counts now",
      () => told("build/made/c.txt"),
    );
    await follow(
      () => write(".gitignore", "build/\n"),
      "the old rules",
      () => heard("rules"),
    );
    await until("what no longer counts is let go", () => watch.folders === 3);
  });

  it("says why it cannot watch, and then watches nothing", async () => {
    const watch = await begin(2);
    expect(watch.folders).toBe(0);
    const notice = expect.stringContaining("more than 2 folders");
    expect(events).toEqual([{ type: "blind", notice, isGone: false }]);
  });

  it("says that the folder is gone", async () => {
    await begin();
    await follow(
      () => rmSync(root, { recursive: true }),
      "the end of the folder",
      () => heard("blind"),
    );
    expect(events.at(-1)).toMatchObject({ notice: expect.stringContaining("gone") });
  });
});

describe("with git", () => {
  it("tells of another commit, a switch of branches and the index, also in a further work tree", async () => {
    git("init", "-q", "-b", "main");
    write("a.txt");
    git("add", ".");
    git("commit", "-qm", "1");
    git("worktree", "add", "-q", "-b", "side", join(root, "tree"));
    const outer = root;
    await begin();
    await follow(
      () => git("switch", "-qc", "other"),
      "another branch",
      () => heard("head"),
    );
    write("b.txt");
    await follow(
      () => git("add", "b.txt"),
      "the index",
      () => heard("index"),
    );
    watching?.close();
    root = join(outer, "tree");
    await begin();
    await follow(
      () => git("switch", "-q", "--detach"),
      "a switch in the work tree",
      () => heard("head"),
    );
    root = outer;
  });
});

it("reads how much the system lets be watched, where it says so", () => {
  if (process.platform === "linux") expect(readWatchLimit()).toBeGreaterThan(0);
  expect(readWatchLimit("/nowhere")).toBeUndefined();
});
