/** The file of tokens: how it is made, read again, and refused. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openTokens, type Tokens, type TokensOptions } from "./tokens.ts";

let top: string;
let file: string;
let logged: string[];
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "cambium-tokens-"));
  file = join(top, "home", "tokens.json");
  logged = [];
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(top, { recursive: true, force: true });
});

const open = (more: Partial<TokensOptions> = {}): Tokens =>
  openTokens({
    ...{ file, fromEnvironment: "", tenant: "", mayCreate: true },
    log: (line) => void logged.push(line),
    ...more,
  });
const write = (content: unknown, mode = 0o600) => {
  open();
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  chmodSync(file, mode);
};
const token = "a-token-of-some-length";
const one = (more: object = {}) => ({ tokens: [{ name: "one", token, scopes: ["read"], ...more }] });
/** The file is looked at once a second at most. */
const pass = () => vi.spyOn(performance, "now").mockReturnValue(performance.now() + 2000);

describe("the file", () => {
  it("is made once, for its owner alone, and used by who starts next", () => {
    open();
    const made = readFileSync(file, "utf8");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [{ token: given }] = JSON.parse(made).tokens;
    expect(open().find(`Bearer ${given}`)).toMatchObject({
      name: "default",
      scopes: ["read", "index", "admin"],
    });
    expect(readFileSync(file, "utf8")).toBe(made);
  });

  it("is not made where CAMBIUM_TOKEN is set, or where nobody has seen it", () => {
    expect(open({ fromEnvironment: token }).find(`Bearer ${token}`)).toMatchObject({ name: "CAMBIUM_TOKEN" });
    expect(() => open({ mayCreate: false })).toThrow(/set CAMBIUM_TOKEN/);
    expect(existsSync(file)).toBe(false);
  });

  it.each([0o644, 0o640, 0o604, 0o660])("is refused with mode %o", (mode) => {
    write(one(), mode);
    expect(() => open()).toThrow(/Others can read .*chmod 600/);
  });

  it.each([
    ["no JSON", `{"tokens": "${token}"`],
    ["a short token", one({ token: "short" })],
    ["a blank in a token", one({ token: "a token with blanks in it" })],
    ["a scope that is not there", one({ scopes: ["root"] })],
    ["a field that is not there", one({ expires: "never" })],
    ["a tenant that could be another", one({ tenant: "a.b" })],
    ["folders without a tenant", one({ roots: ["/srv/acme"] })],
    ["a folder that depends on where one stands", one({ tenant: "acme", roots: ["acme"] })],
    ["a token twice", { tokens: [one().tokens[0], { ...one().tokens[0], name: "two" }] }],
    ["a name twice", { tokens: [one().tokens[0], { ...one().tokens[0], token: `${token}2` }] }],
  ])("is refused with %s, in words that show no token", (_name, content) => {
    write(content);
    expect(() => open()).toThrow(/is refused/);
    expect(() => open()).not.toThrow(token);
  });
});

describe("tokens", () => {
  it("carry their scopes and their tenant, by default that of the settings", () => {
    write({ tokens: [...one({ tenant: "acme" }).tokens, { name: "two", token: `${token}2`, scopes: [] }] });
    const tokens = open({ tenant: "house" });
    expect(tokens.find(`bearer  ${token}`)).toMatchObject({ name: "one", scopes: ["read"], tenant: "acme" });
    expect(tokens.find(`Bearer ${token}2`)).toMatchObject({ name: "two", scopes: [], tenant: "house" });
    for (const header of [
      undefined,
      "",
      token,
      `Bearer${token}`,
      "Bearer ",
      `Bearer ${token}3`,
      `Basic ${token}`,
    ])
      expect(tokens.find(header)).toBeUndefined();
  });

  it("follow the file: what is added comes in, what is removed stays out", () => {
    write(one());
    const tokens = open();
    expect(tokens.find(`Bearer ${token}`)).toBeDefined();
    writeFileSync(file, JSON.stringify(one({ token: "another-token-of-length" })));
    pass();
    expect(tokens.find(`Bearer ${token}`)).toBeUndefined();
    expect(tokens.find("Bearer another-token-of-length")).toBeDefined();
  });

  it.each([
    ["broken", () => writeFileSync(file, "{")],
    ["readable by others", () => chmodSync(file, 0o644)],
    ["gone", () => rmSync(file)],
  ])("all stay out while the file is %s", (name, change) => {
    write(one());
    utimesSync(file, 1, 1);
    const tokens = open({ fromEnvironment: "the-token-of-the-settings" });
    change();
    pass();
    expect(tokens.find(`Bearer ${token}`)).toBeUndefined();
    expect(tokens.find("Bearer the-token-of-the-settings")).toBeDefined();
    expect(logged.length).toBe(name === "gone" ? 0 : 1);
  });
});
