/** Keys and tokens that source texts quote: masked in place, and nowhere in what is stored. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { indexFolder } from "../../test/fixtures/index-folder.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { openSqliteIndex } from "./stores/sqlite/open-index.ts";

const long = (length: number) => "a1B2c3D4e5".repeat(20).slice(0, length);
const awsKey = `AKIA${"ABCDEFGH23456777"}`;
const begin = (kind: string) => `-----BEGIN ${kind}PRIVATE KEY-----`;
const end = (kind: string) => `-----END ${kind}PRIVATE KEY-----`;

describe("a secret in an issuer's format", () => {
  it.each([
    ["an AWS key", awsKey],
    ["a GitHub token", `ghp_${long(36)}`],
    ["a GitLab token", `glpat-${long(20)}`],
    ["a Slack token", `xoxb-${long(20)}`],
    ["a Google key", `AIza${long(35)}`],
    ["a Stripe key", `sk_live_${long(24)}`],
    ["a key of a model provider", `sk-ant-${long(40)}`],
    ["an npm or PyPI token", `npm_${long(36)}`],
    ["an Azure key", `AccountKey=${long(44)}`],
  ])("%s is masked, and all around it stays where it is", (what, secret) => {
    const { text, masked } = maskSecrets(`const é = "${secret}"; // ${secret}\nnext();\n`);
    expect(text).toBe(`const é = "${"*".repeat(secret.length)}"; // ${"*".repeat(secret.length)}\nnext();\n`);
    expect(masked).toBe(`masked: ${what} (2 times)`);
  });

  it.each(["", "RSA ", "EC ", "OPENSSH "])("a %sprivate key is masked with all its lines", (kind) => {
    const body = Array.from({ length: 5 }, () => long(64)).join("\n");
    const { text, masked } = maskSecrets(`key = """${begin(kind)}\n${body}\n${end(kind)}"""\n`);
    expect(text).not.toContain(long(20));
    expect(text.split("\n")).toHaveLength(8);
    expect(masked).toBe("masked: a private key");
  });
});

it.each([
  `if (text.startsWith("${begin("")}")) return;`,
  'const password = "hunter2hunter2hunter2";',
  "class sk-some-very-long-name-of-a-class-that-has-no-number {}",
  `"integrity": "sha512-${long(88)}"`,
  "AKIA is how such a key begins",
])("is left as it is: %s", (text) => {
  expect(maskSecrets(text)).toEqual({ text });
});

it("a text is looked through in a moment, whatever it holds", () => {
  const began = performance.now();
  for (const text of [
    begin("").repeat(20_000),
    `${begin("")}\n`.concat("A".repeat(900_000)),
    "eyJ".repeat(300_000),
  ])
    maskSecrets(text);
  expect(performance.now() - began).toBeLessThan(10_000);
});

it("nowhere in the data folder is a token that a source file quotes, and the ledger says so", async () => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "mask-")));
  try {
    const root = join(top, "shop");
    mkdirSync(root);
    writeFileSync(join(root, "client.ts"), `export const clientKey = "${awsKey}";\n`);
    writeFileSync(join(root, "copy.ts"), `export const clientKey = "${awsKey}";\n`);
    const store = openSqliteIndex(join(top, "index"));
    await indexFolder(store, root);
    expect(store.text("shop", "client.ts")).toBe(`export const clientKey = "${"*".repeat(20)}";\n`);
    expect(store.findDefinitions("shop", "clientKey", { match: "exact", limit: 9 })).toHaveLength(2);
    expect(store.searchText("shop", awsKey, { limit: 9 })).toEqual([]);
    expect(store.skipped("shop")).toEqual(
      ["client.ts", "copy.ts"].map((path) => ({ path, reason: "secret", detail: "masked: an AWS key" })),
    );
    store.close();
    for (const name of readdirSync(join(top, "index"))) {
      const bytes = readFileSync(join(top, "index", name))
        .toString("latin1")
        .toLowerCase();
      expect(bytes.includes(awsKey.toLowerCase()), name).toBe(false);
    }
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
});
