/** What is never sent to a provider, and what only looks a little like it. */
import { describe, expect, it } from "vitest";
import { reasonToWithhold } from "./withhold.ts";

const long = (length: number) => "a1B2c3D4e5".repeat(20).slice(0, length);

describe("a passage", () => {
  it.each([
    ["a private key", `-----BEGIN ${"RSA "}PRIVATE KEY-----`],
    ["an AWS key", `id = AKIA${"ABCDEFGHIJKLMNOP"}`],
    ["a GitHub token", `ghp_${long(36)}`],
    ["a Slack token", `xoxb-${long(20)}`],
    ["a Stripe key", `sk_live_${long(24)}`],
    ["a key of a model provider", `pa-${long(44)}`],
    ["a password in an address", "postgres://app:hunter2hunter@db.internal/shop"],
    ["a password", `const apiKey = "${long(24)}";`],
    ["a password", `client_secret: '${long(32)}'`],
  ])("with %s stays here: %s", (what, text) => expect(reasonToWithhold(`line\n${text}\nline`)).toBe(what));

  it.each([
    "const password = readPassword(prompt);",
    'password: "{{ .Values.password }}"',
    'const secret = "correct horse battery staple";',
    "https://user@example.org/path",
    "redis://user:password@host:6379/0 is the form of it".replace("password", "$PASSWORD"),
    "function skipToken(token: string): void {}",
    `const hash = "sha256-${long(44)}";`,
  ])("without may be sent: %s", (text) => expect(reasonToWithhold(text)).toBeUndefined());

  it("is looked through in a moment, whatever it holds", () => {
    const began = performance.now();
    for (const text of ["a".repeat(3000), 'secret="'.repeat(375), "x://".repeat(750), "eyJ".repeat(1000)])
      reasonToWithhold(text);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
