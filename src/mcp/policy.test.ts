/** Which folders may be indexed, on a real file system with all the ways around the rules that are known. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CambiumError } from "../errors.ts";
import { contains, openPathPolicy, type PathPolicyOptions } from "./policy.ts";

let top: string;
const at = (...names: string[]) => join(top, ...names);

beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "cambium-policy-")));
  for (const folder of [
    "work/repo/src",
    "work/repo-evil",
    "user/.ssh/keys",
    "user/.azure",
    "user/.local/share/keyrings",
    "user/Library/Keychains",
    "user/code",
    "user/.cambium/index",
    "elsewhere",
  ]) {
    mkdirSync(at(folder), { recursive: true });
  }
  writeFileSync(at("work/repo/file.ts"), "export {};\n");
  symlinkSync(at("elsewhere"), at("work/repo/escape"));
  symlinkSync(at("work/repo"), at("work/alias"));
  symlinkSync(at("work/loop"), at("work/loop"));
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

function resolve(path: string, options: Partial<PathPolicyOptions> = {}): string {
  const policy = openPathPolicy({
    cwd: at("work/repo"),
    userHome: at("user"),
    dataHome: at("user/.cambium"),
    roots: [],
    otherwise: "anything",
    ...options,
  });
  try {
    return policy.resolveRepositoryRoot(path);
  } catch (error) {
    expect(error).toBeInstanceOf(CambiumError);
    return `${(error as CambiumError).code}: ${(error as CambiumError).message}`;
  }
}

describe("on the command line everything may be named", () => {
  it.each([
    [".", "work/repo"],
    ["..", "work"],
    ["src/", "work/repo/src"],
    ["../alias", "work/repo"],
    ["escape", "elsewhere"],
    ["~/code", "user/code"],
  ])("%s is %s", (path, expected) => {
    expect(resolve(path)).toBe(at(expected));
  });

  it("understands a file address", () => {
    expect(resolve(`file://${at("elsewhere")}`)).toBe(at("elsewhere"));
  });

  it.each([
    ["", /^invalid_argument: .*empty/],
    ["a\0b", /^invalid_argument: .*NUL/],
    ["missing", /^not_found: There is no folder missing/],
    ["file.ts", /^invalid_argument: file.ts is a file\. .*work\/repo\b/],
    ["file.ts/deeper", /^not_found/],
    ["../loop", /^invalid_argument: .*loop/],
    ["/", /^forbidden: .*too wide/],
    ["~", /^forbidden: .*home folder/],
    ["~/.ssh", /^forbidden: .*keys/],
    ["~/.ssh/keys", /^forbidden: .*keys/],
    ["~/.azure", /^forbidden: .*keys/],
    ["~/.local/share/keyrings", /^forbidden: .*keys/],
    ["~/Library/Keychains", /^forbidden: .*keys/],
    ["~/.cambium", /^forbidden: .*data folder/],
    ["~/.cambium/index", /^forbidden: .*data folder/],
    ["/proc/self", /^forbidden/],
    ["/etc/ssl/private", /^(forbidden: .*keys|not_found)/],
    ["file://host/share", /^invalid_argument/],
  ])("refuses %j", (path, words) => {
    expect(resolve(path)).toMatch(words);
  });
});

describe("an allow-list rules at every door", () => {
  const roots = () => ({ roots: [at("work/alias")] });

  it("allows the folder itself and what is in it, through links and dots", () => {
    expect(resolve(".", roots())).toBe(at("work/repo"));
    expect(resolve(at("work/repo/src/../src"), roots())).toBe(at("work/repo/src"));
  });

  it.each([["../repo-evil"], [".."], ["escape"], ["~/code"], ["../missing"]])(
    "refuses %s and names CAMBIUM_ROOTS",
    (path) => {
      expect(resolve(path, roots())).toMatch(/^forbidden: .*outside the allowed folders.*CAMBIUM_ROOTS/);
    },
  );

  it.each([
    ["a twin by its whole path", () => at("work/repo-evil")],
    ["a twin through a link beside", () => at("work/alias/../repo-evil")],
    ["a twin by a file address", () => `file://${at("work/repo-evil")}`],
    ["encoded dots in a file address", () => `file://${at("work/repo")}/%2e%2e/repo-evil`],
    ["this process's view of the disk", () => `/proc/self/root${at("work/repo-evil")}`],
    ["dots after a folder that is not there", () => "missing/../../repo-evil"],
    ["many slashes", () => `//${at("work")}//repo-evil//`],
  ])("refuses %s", (_name, path) => {
    expect(resolve(path(), roots())).toMatch(/^forbidden: .*outside the allowed folders/);
  });

  it.each([
    ["encoded dots", "%2e%2e/repo-evil"],
    ["an encoded slash", "..%2frepo-evil"],
    ["an encoded slash, twice", "..%252frepo-evil"],
    ["an overlong slash", "..%c0%afrepo-evil"],
    ["wide dots", "\uff0e\uff0e/repo-evil"],
    ["dots of one sign", "\u2025/repo-evil"],
    ["an encoded NUL", "src%00/../../repo-evil%00"],
    ["a drive of Windows", "C:\\Windows\\System32"],
    ["a share of Windows", "\\\\server\\share"],
    ["a device of Windows", "\\\\?\\C:\\"],
    ["climbing as on Windows", "..\\repo-evil"],
  ])("takes %s for a name that is not there, and decodes nothing", (_name, path) => {
    expect(resolve(path, roots())).toMatch(/^(not_found|forbidden)/);
    expect(resolve(path, { otherwise: "anything" })).toMatch(/^not_found/);
  });

  it.each([
    ["a NUL", "src\0/../../repo-evil"],
    ["a NUL in a file address", "file:///src%00"],
    ["an encoded slash in a file address", "file:///work%2frepo"],
    ["another machine's file address", "file://server/share"],
  ])("refuses %s as no path at all", (_name, path) => {
    expect(resolve(path, roots())).toMatch(/^invalid_argument/);
  });

  it("does not tell whether a path outside exists", () => {
    const said = [at("elsewhere"), at("elsewhere-missing")].map((path) =>
      resolve(path, roots()).replaceAll(path, "X"),
    );
    expect(said[0]).toBe(said[1]);
  });

  it("allows nothing when its folders do not exist", () => {
    expect(resolve(".", { roots: [at("gone")] })).toMatch(/^forbidden: .*\(none\)/);
  });
});

describe("without an allow-list an MCP client may name its workplaces", () => {
  const workplaces = (more: Partial<PathPolicyOptions> = {}) => ({
    otherwise: "workplaces" as const,
    ...more,
  });

  it("the current folder, the client's folder, and what is indexed already", () => {
    expect(resolve("src", workplaces())).toBe(at("work/repo/src"));
    expect(resolve("~/code", workplaces())).toMatch(/^forbidden/);
    expect(resolve("~/code", workplaces({ clientFolder: at("user/code") }))).toBe(at("user/code"));
    expect(resolve(at("elsewhere"), workplaces({ indexedRoots: () => [at("elsewhere")] }))).toBe(
      at("elsewhere"),
    );
  });

  it("standing in the top folder or the home folder allows nothing", () => {
    for (const cwd of ["/", at("user")]) {
      expect(resolve(at("elsewhere"), workplaces({ cwd })), cwd).toMatch(
        /^forbidden: .*\(none\).*CAMBIUM_ROOTS/,
      );
    }
  });

  it("a damaged index does not keep the current folder from being indexed", () => {
    const indexedRoots = () => {
      throw new CambiumError("corrupt", "damaged");
    };
    expect(resolve(".", workplaces({ indexedRoots }))).toBe(at("work/repo"));
  });
});

it("contains compares whole names", () => {
  expect(contains("/a/repo", "/a/repo")).toBe(true);
  expect(contains("/a/repo", "/a/repo/x")).toBe(true);
  expect(contains("/a/repo", "/a/repo-evil")).toBe(false);
  expect(contains("/", "/a")).toBe(true);
});
