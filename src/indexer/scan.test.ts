/** The scan against real folders: links, pipes, odd names, missing rights, order, progress and aborts. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ScanOptions, scanRepository } from "./scan.ts";
import type { ScannedFile } from "./store.ts";
import { showBytes } from "./walk.ts";

let parent: string;
let root: string;

beforeEach(() => {
  parent = realpathSync(mkdtempSync(join(tmpdir(), "scan-")));
  root = join(parent, "root");
  mkdirSync(root);
});

afterEach(() => {
  rmSync(parent, { recursive: true, force: true });
});

function write(path: string | Buffer, text = ""): void {
  if (typeof path === "string") mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function bytes(...parts: (string | number)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([part]))),
  );
}

function gitInit(folder = root): void {
  execFileSync("git", ["init", "-q"], { cwd: folder });
}

function scan(options: Partial<ScanOptions> = {}): Promise<ScannedFile[]> {
  const byEnding = (path: string) => (path.endsWith(".c") ? "c" : "text");
  return scanRepository(root, {
    languageOf: byEnding,
    extractorOf: (language) => language.length,
    ...options,
  });
}

/** Path and reason of each file, `-` for one that is to be indexed. */
async function reasons(options: Partial<ScanOptions> = {}): Promise<Record<string, string>> {
  const files = await scan(options);
  return Object.fromEntries(files.map((file) => [file.path, file.skip?.reason ?? "-"]));
}

const bothLists = [
  { name: "by git's list", git: "git" },
  { name: "by its own walk", git: "" },
];

describe("a scanned file", () => {
  it("carries path, size, time, language and extractor", async () => {
    write(join(root, "a/b.c"), "12345");
    utimesSync(join(root, "a/b.c"), 1, 1_700_000_000.25);
    expect(await scan()).toEqual([
      { path: "a/b.c", bytes: 5, mtimeMs: 1_700_000_000_250, language: "c", extractor: 1 },
    ]);
  });

  it("is left out by its name or size, with the reason", async () => {
    write(join(root, ".env"), "TOKEN=1");
    write(join(root, "logo.png"));
    write(join(root, "large.c"), "x".repeat(101));
    write(join(root, "just.c"), "x".repeat(100));
    const files = await scan({ maxFileBytes: 100 });
    expect(files.map((file) => file.skip)).toEqual([
      { reason: "secret" },
      undefined,
      { reason: "too_large", detail: "101 bytes" },
      { reason: "binary", detail: ".png" },
    ]);
  });
});

describe.each(bothLists)("$name", ({ git }) => {
  it("follows no link, and says where it leads", async () => {
    write(join(parent, "root-evil/secret.c"));
    write(join(root, "real/a.c"));
    const links = {
      "inside.c": "real/a.c",
      folder: "real",
      up: ".",
      "real/loop": "..",
      "outside.c": "../root-evil/secret.c",
      outside: "../root-evil",
      absolute: "/etc/hostname",
      dangling: "nowhere",
      round: "about",
      about: "round",
    };
    for (const [path, target] of Object.entries(links)) symlinkSync(target, join(root, path));
    gitInit();
    expect(await reasons({ git })).toEqual({
      about: "unreadable",
      absolute: "outside_root",
      dangling: "unreadable",
      folder: "symlink",
      "inside.c": "symlink",
      outside: "outside_root",
      "outside.c": "outside_root",
      "real/a.c": "-",
      "real/loop": "symlink",
      round: "unreadable",
      up: "symlink",
    });
  });

  it("notes pipes and sockets that are not ignored", async () => {
    mkdirSync(join(root, "d"));
    execFileSync("mkfifo", [join(root, "pipe.c"), join(root, "d/ignored"), join(root, "d/private")]);
    write(join(root, ".gitignore"), "ignored\n");
    write(join(root, ".cambiumignore"), "private\n");
    write(join(root, "d/a.c"));
    gitInit();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, "d/socket"), resolve));
    try {
      const found = await reasons({ git });
      expect(found).toEqual({
        ".cambiumignore": "-",
        ".gitignore": "-",
        "d/a.c": "-",
        "d/socket": "not_a_file",
        "pipe.c": "not_a_file",
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it("is not held up by pipes in the place of what it reads itself", async () => {
    write(join(root, "in/a.c"));
    execFileSync("mkfifo", [join(root, ".cambiumignore"), join(root, "in/.git")]);
    if (git === "") execFileSync("mkfifo", [join(root, "in/.gitignore")]);
    gitInit();
    expect(await reasons({ git })).toMatchObject({ ".cambiumignore": "not_a_file", "in/a.c": "-" });
  });

  it("shows names that are not UTF-8, once for a folder and all in it", async () => {
    const at = Buffer.from(`${root}/`);
    write(Buffer.concat([at, bytes("caf", 0xe9, ".c")]));
    write(Buffer.concat([at, bytes("caf", 0xe8, ".c")]));
    const folder = Buffer.concat([at, bytes("d", 0xff)]);
    mkdirSync(folder);
    write(Buffer.concat([folder, bytes("/x.c")]));
    write(Buffer.concat([folder, bytes("/y.c")]));
    write(Buffer.concat([at, bytes(0x80, ".o")]));
    write(join(root, "good-\u00e9-\u{1f600}-\ufffd.c"));
    write(join(root, ".gitignore"), "*.o\n");
    gitInit();
    expect(await reasons({ git })).toEqual({
      ".gitignore": "-",
      "caf\\xe8.c": "bad_name",
      "caf\\xe9.c": "bad_name",
      "d\\xff": "bad_name",
      "good-\u00e9-\u{1f600}-\ufffd.c": "-",
    });
  });

  it("takes names as they are, with line ends, quotes, spaces and the names of object members", async () => {
    const names = [" lead", "__proto__", "a\nb.c", "constructor/toString", "quo\"te'.c", "tab\t", "trail "];
    for (const name of names) write(join(root, name));
    gitInit();
    expect((await scan({ git })).map((file) => file.path)).toEqual(names);
  });

  it("orders by path, and answers the same twice", async () => {
    for (const name of ["b/z", "b.c", "a", "B", "b-c", "b/a/k", "\u00e9"]) write(join(root, name));
    gitInit();
    const files = await scan({ git });
    expect(files.map((file) => file.path)).toEqual(["B", "a", "b-c", "b.c", "b/a/k", "b/z", "\u00e9"]);
    expect(await scan({ git })).toEqual(files);
  });

  // Root reads every folder, so the scan runs under another user's rights then.
  it("notes a folder that it may not read, and goes on", async () => {
    write(join(root, "open/a.c"));
    write(join(root, "shut/b.c"));
    write(join(root, "open/shut/c.c"));
    write(join(root, "ignored/d.c"));
    write(join(root, ".gitignore"), "ignored\n");
    gitInit();
    const isRoot = process.geteuid?.() === 0;
    const user = 65_534;
    if (isRoot) execFileSync("chown", ["-R", String(user), parent]);
    for (const folder of ["shut", "open/shut", "ignored"]) chmodSync(join(root, folder), 0);
    if (isRoot) process.seteuid?.(user);
    try {
      const expected = { ".gitignore": "-", "open/a.c": "-", "open/shut": "unreadable", shut: "unreadable" };
      expect(await reasons({ git })).toEqual(expected);
    } finally {
      if (isRoot) process.seteuid?.(0);
      for (const folder of ["shut", "open/shut", "ignored"]) chmodSync(join(root, folder), 0o700);
      if (isRoot) chownSync(parent, 0, 0);
    }
  });

  it("reports how many files it saw, and stops when it is told to", async () => {
    for (let number = 0; number < 2500; number += 1) write(join(root, `f${number}`));
    gitInit();
    const seen: number[] = [];
    await scan({ git, onProgress: (files) => seen.push(files) });
    expect(seen).toEqual([1000, 2000, 2500]);
    const controller = new AbortController();
    const reason = new Error("enough");
    const heard: number[] = [];
    const onProgress = (files: number) => {
      heard.push(files);
      controller.abort(reason);
    };
    await expect(scan({ git, onProgress, signal: controller.signal })).rejects.toBe(reason);
    expect(heard).toEqual([1000]);
    await expect(scan({ git, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("finds nothing in an empty folder", async () => {
    expect(await scan({ git })).toEqual([]);
    gitInit();
    expect(await scan({ git })).toEqual([]);
  });
});

it("fails with the system's error where the root is gone", async () => {
  rmSync(root, { recursive: true });
  await expect(scan()).rejects.toMatchObject({ code: "ENOENT" });
});

it("shows each byte that is no UTF-8, and only those", () => {
  expect(showBytes(bytes("a\u00e9\u20ac\u{1f600}"))).toBe("a\u00e9\u20ac\u{1f600}");
  expect(showBytes(bytes("a", 0xff, "b", 0xc3))).toBe("a\\xffb\\xc3");
  expect(showBytes(bytes(0xe2, 0x82, "c", 0xed, 0xa0, 0x80))).toBe("\\xe2\\x82c\\xed\\xa0\\x80");
});
