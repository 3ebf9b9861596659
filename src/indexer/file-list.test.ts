/** Ignore files mean what git says they mean: every case is checked against git itself, with and without its list. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { scanRepository } from "./scan.ts";

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "file-list-")));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(files: Record<string, string>, base = root): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }
}

function git(folder: string, ...args: string[]): string {
  const identity = [
    "-c",
    "user.name=A",
    "-c",
    "user.email=a@example.org",
    "-c",
    "protocol.file.allow=always",
  ];
  return execFileSync("git", [...identity, ...args], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function paths(folder = root, program = "git"): Promise<string[]> {
  const files = await scanRepository(folder, {
    languageOf: () => "text",
    extractorOf: () => 1,
    git: program,
  });
  return files.map((file) => file.path);
}

const withoutGit = "";

const cases: { name: string; files: Record<string, string> }[] = [
  {
    name: "nested files, the inner one deciding",
    files: {
      ".gitignore": "*.log\n",
      "a/.gitignore": "!keep.log\n",
      "a/keep.log": "",
      "a/x.log": "",
      "keep.log": "",
    },
  },
  {
    name: "a folder that an inner file re-includes",
    files: {
      ".gitignore": "build/\n",
      "a/.gitignore": "!build/\n",
      "a/build/x": "",
      "build/x": "",
      "a/b/build/y": "",
    },
  },
  {
    name: "nothing below an ignored folder comes back",
    files: { ".gitignore": "out/\n!out/x\n", "out/x": "", "out/.gitignore": "!x\n", y: "" },
  },
  {
    name: "a list of exceptions",
    files: { ".gitignore": "/*\n!/src/\n!*.md\n", "src/a.c": "", "lib/a.c": "", "a.md": "", b: "" },
  },
  {
    name: "anchors",
    files: {
      ".gitignore": "/a\nb/c\n",
      a: "",
      "x/a": "",
      "b/c": "",
      "x/b/c": "",
      "d/.gitignore": "/e\nf/g\n",
      "d/e": "",
      "d/x/e": "",
      "d/f/g": "",
      "d/x/f/g": "",
    },
  },
  { name: "folders only", files: { ".gitignore": "tmp/\n", tmp: "", "a/tmp/x": "", "b/tmp": "" } },
  {
    name: "wildcards, ranges and double stars",
    files: {
      ".gitignore": "*.[oa]\n?x\n**/gen/**\nlib/**/z\n[!p]q\n",
      "a.o": "",
      "b.a": "",
      "c.c": "",
      ax: "",
      abx: "",
      "p/gen/k/l": "",
      gen: "",
      "lib/z": "",
      "lib/m/n/z": "",
      "lib/zz": "",
      aq: "",
      pq: "",
    },
  },
  {
    name: "spaces, comments, escapes and line ends",
    files: {
      ".gitignore": "\uFEFF# no\n\\#yes\n\\!bang\ntrail   \nkept\\ \ncr\r\n\n!\n",
      "#yes": "",
      "!bang": "",
      trail: "",
      "kept ": "",
      kept: "",
      cr: "",
      "# no": "",
    },
  },
  {
    name: "case",
    files: { ".gitignore": "README\n*.TXT\n", readme: "", "a/README": "", "a.txt": "", "b.TXT": "" },
  },
  {
    name: "folders whose names look like patterns",
    files: {
      "a[b]*/.gitignore": "x\n/y\n",
      "a[b]*/x": "",
      "a[b]*/y": "",
      "a[b]*/c/y": "",
      "ab/x": "",
      " s /.gitignore": "x\n",
      " s /x": "",
      " s /y": "",
      "!n/.gitignore": "x\n",
      "!n/x": "",
      "#c/.gitignore": "x\n",
      "#c/x": "",
    },
  },
  {
    name: "everything in a folder",
    files: { "a/.gitignore": "*\n", "a/x": "", "a/b/y": "", "c/.gitignore": "*\n!.gitignore\n", "c/x": "" },
  },
  {
    name: "stars that could reach the folder itself",
    files: { "a/.gitignore": "**\n!x\n", "a/x": "", "a/b/x": "", "d/.gitignore": "/**\n", "d/x": "" },
  },
];

describe("ignore files", () => {
  it.each(cases)("mean what git says: $name", async ({ files }) => {
    git(root, "init", "-q");
    write(files);
    const all = Object.keys(files);
    const ignored = new Set(checkIgnore(all));
    const expected = all.filter((path) => !ignored.has(path)).sort();
    expect(await paths(root, withoutGit)).toEqual(expected);
    expect(await paths(root)).toEqual(expected);
  });

  function checkIgnore(all: readonly string[]): string[] {
    try {
      const input = all.map((path) => `${path}\0`).join("");
      const output = execFileSync("git", ["check-ignore", "-z", "--stdin"], {
        cwd: root,
        input,
        encoding: "utf8",
      });
      return output.split("\0").slice(0, -1);
    } catch (error) {
      if ((error as { status?: number }).status === 1) return [];
      throw error;
    }
  }

  it("include .git/info/exclude, and a .gitignore above a sub-folder", async () => {
    git(root, "init", "-q");
    write({ ".git/info/exclude": "secret/\n*.tmp\n", ".gitignore": "/sub/deep/no\n*.log\n!*.tmp2\n" });
    write({
      "sub/a": "",
      "sub/a.tmp": "",
      "sub/a.log": "",
      "sub/deep/no": "",
      "sub/deep/yes": "",
      "sub/secret/x": "",
      top: "",
    });
    const expected = ["a", "deep/yes"];
    expect(await paths(join(root, "sub"))).toEqual(expected);
    expect(await paths(join(root, "sub"), withoutGit)).toEqual(expected);
  });

  it("are ignored themselves where they are links", async () => {
    write({ "rules.txt": "*.c\n", "a.c": "" });
    git(root, "init", "-q");
    execFileSync("ln", ["-s", "rules.txt", join(root, ".gitignore")]);
    expect(await paths()).toContain("a.c");
    expect(await paths(root, withoutGit)).toContain("a.c");
  });

  it("leave something of sources that came without their repository", async () => {
    write({ ".gitignore": "*.o\n/*\n!/debian/\n", "kernel/a.c": "", "kernel/a.o": "", README: "" });
    expect(await paths()).toEqual([".gitignore", "README", "kernel/a.c"]);
    git(root, "init", "-q");
    expect(await paths()).toEqual([]);
  });

  it("leave a folder alone that the repository around it ignores as a whole", async () => {
    git(root, "init", "-q");
    write({ ".gitignore": "*\n", "project/a": "", "project/b.log": "", "project/.gitignore": "*.log\n" });
    expect(await paths(join(root, "project"))).toEqual([".gitignore", "a"]);
    expect(await paths(join(root, "project"), withoutGit)).toEqual([".gitignore", "a"]);
  });
});

describe(".cambiumignore", () => {
  it("takes away from both lists, in nested folders too, and gives nothing back", async () => {
    git(root, "init", "-q");
    write({ ".gitignore": "*.log\n", ".cambiumignore": "!x.log\nvendor/\n*.gen.c\n" });
    write({
      "x.log": "",
      "vendor/a.c": "",
      "a.gen.c": "",
      "a.c": "",
      "b/.cambiumignore": "/only\n!k.gen.c\n",
    });
    write({ "b/only": "", "b/c/only": "", "b/k.gen.c": "", "c/k.gen.c": "" });
    const expected = [".cambiumignore", ".gitignore", "a.c", "b/.cambiumignore", "b/c/only", "b/k.gen.c"];
    expect(await paths()).toEqual(expected);
    expect(await paths(root, withoutGit)).toEqual(expected);
  });

  it("works where git ignores the file itself, and reaches into nested repositories", async () => {
    git(root, "init", "-q");
    write({
      ".git/info/exclude": ".cambiumignore\n",
      ".cambiumignore": "no.c\n",
      "no.c": "",
      "yes.c": "",
      "in/no.c": "",
      "in/yes.c": "",
    });
    git(join(root, "in"), "init", "-q");
    expect(await paths()).toEqual(["in/yes.c", "yes.c"]);
    expect(await paths(root, withoutGit)).toEqual(["in/yes.c", "yes.c"]);
  });
});

describe("git's list", () => {
  it("holds tracked files that are ignored, and no deleted or unmerged ones twice", async () => {
    git(root, "init", "-q");
    write({ ".gitignore": "*.log\n", "kept.log": "1", "gone.c": "1", "both.c": "1" });
    git(root, "add", "-f", ".");
    git(root, "commit", "-qm", "1");
    git(root, "checkout", "-qb", "other");
    write({ "both.c": "2" });
    git(root, "commit", "-qam", "2");
    git(root, "checkout", "-q", "-");
    write({ "both.c": "3" });
    git(root, "commit", "-qam", "3");
    expect(() => git(root, "merge", "other")).toThrow();
    rmSync(join(root, "gone.c"));
    expect(await paths()).toEqual([".gitignore", "both.c", "kept.log"]);
  });

  it("leaves out what a sparse checkout left out", async () => {
    git(root, "init", "-q");
    write({ "in/a": "1", "out/b": "1", c: "1" });
    git(root, "add", ".");
    git(root, "commit", "-qm", "1");
    git(root, "sparse-checkout", "set", "--cone", "--sparse-index", "in");
    expect(await paths()).toEqual(["c", "in/a"]);
  });

  it("does not reach through a tracked folder that became a link", async () => {
    const outside = mkdtempSync(join(tmpdir(), "outside-"));
    try {
      writeFileSync(join(outside, "x"), "1");
      git(root, "init", "-q");
      write({ "dir/x": "1" });
      git(root, "add", ".");
      rmSync(join(root, "dir"), { recursive: true });
      execFileSync("ln", ["-s", outside, join(root, "dir")]);
      expect(await paths()).toEqual(["dir"]);
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it("goes on in submodules, in nested repositories and in further work trees", async () => {
    const inner = realpathSync(mkdtempSync(join(tmpdir(), "inner-")));
    try {
      git(inner, "init", "-q");
      write({ ".gitignore": "*.x\n", "m.c": "" }, inner);
      git(inner, "add", ".");
      git(inner, "commit", "-qm", "1");
      git(root, "init", "-q");
      git(root, "submodule", "--quiet", "add", inner, "sub");
      write({
        ".gitignore": "*.y\n",
        "a.y": "",
        "sub/u.x": "",
        "sub/u.y": "",
        "plain/nested/n.c": "",
        "plain/nested/n.y": "",
      });
      git(join(root, "plain/nested"), "init", "-q");
      const expected = [
        ".gitignore",
        ".gitmodules",
        "plain/nested/n.c",
        "plain/nested/n.y",
        "sub/.gitignore",
        "sub/m.c",
        "sub/u.y",
      ];
      expect(await paths()).toEqual(expected);
      expect(await paths(root, withoutGit)).toEqual(expected);
      git(inner, "worktree", "add", "-q", join(root, "tree"));
      write({ "tree/t.x": "", "tree/t.c": "" });
      writeFileSync(join(inner, ".git/info/exclude"), "t.c\n");
      expect(await paths(join(root, "tree"))).toEqual([".gitignore", "m.c"]);
      expect(await paths(join(root, "tree"), withoutGit)).toEqual([".gitignore", "m.c"]);
    } finally {
      rmSync(inner, { recursive: true });
    }
  });

  it("ends at the fifth repository inside another, and says so", async () => {
    for (let depth = 0, folder = root; depth < 7; depth += 1, folder = join(folder, "r")) {
      mkdirSync(folder, { recursive: true });
      git(folder, "init", "-q");
      writeFileSync(join(folder, "f"), "");
    }
    for (const program of ["git", withoutGit]) {
      const options = { languageOf: () => "text", extractorOf: () => 1, git: program };
      const files = await scanRepository(root, options);
      expect(files.map((file) => file.path)).toEqual([
        "f",
        "r/f",
        "r/r/f",
        "r/r/r/f",
        "r/r/r/r/f",
        "r/r/r/r/r",
      ]);
      expect(files.at(-1)?.skip?.reason).toBe("unreadable");
    }
  });

  it("is not missed in a plain folder of repositories, where some folders are left out anyway", async () => {
    write({
      "one/.gitignore": "*.o\n",
      "one/a.o": "",
      "one/a.c": "",
      "one/node_modules/m.js": "",
      "b.o": "",
    });
    write({
      "node_modules/x.js": "",
      "__pycache__/x.pyc": "",
      ".venv/x.py": "",
      ".hg/x": "",
      ".svn/x": "",
      "v/node_modules/x.js": "",
    });
    git(join(root, "one"), "init", "-q");
    expect(await paths()).toEqual(["b.o", "one/.gitignore", "one/a.c", "one/node_modules/m.js"]);
    expect(await paths(root, withoutGit)).toEqual(["b.o", "one/.gitignore", "one/a.c"]);
  });
});
