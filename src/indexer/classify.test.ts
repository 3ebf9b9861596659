/** Which names are keys, which are no text, and that their neighbours are let through. */
import { describe, expect, it } from "vitest";
import { isInside, skipByName } from "./classify.ts";

const reasonOf = (path: string, bytes = 1) => skipByName(path, bytes, 1000)?.reason;

describe("a name", () => {
  it.each([
    ".env",
    "a/.env.local",
    ".env.production",
    ".ENV",
    "server.pem",
    "a/tls.KEY",
    "x.p12",
    "x.pfx",
    "x.jks",
    "x.keystore",
    "id_rsa",
    ".ssh/id_ed25519",
    "id_dsa",
    "id_ecdsa",
    ".netrc",
    ".pypirc",
    ".htpasswd",
    "pw.kdbx",
    ".aws/credentials",
    "home/.aws/credentials",
    ".docker/config.json",
    ".config/gcloud/application_default_credentials.json",
    ".git-credentials",
    "prod.env",
    ".env~",
    ".env-prod",
    ".env_local",
    ".envrc",
    "prod.tfvars",
    "terraform.tfstate",
    "terraform.tfstate.backup",
    ".aws/credentials.bak",
    "kubeconfig",
    "id_rsa.old",
    "config/secrets.yml",
    "secrets.yaml",
    "credentials.json",
  ])("is a secret: %s", (path) => {
    expect(reasonOf(path)).toBe("secret");
  });

  it.each([
    ".env.example",
    ".env.sample",
    "a/.env.template",
    ".env.production.example",
    "env.ts",
    ".environment",
    "id_rsa.pub",
    "key.c",
    "pem",
    "keys.go",
    "docker/config.json",
    "config.json",
    "src/credentials",
    "notaws/credentials",
    ".npmrc",
    "my.envoy",
    "example.env",
    ".yarnrc.yml",
    "main.tf",
    "notes.bak",
  ])("is no secret: %s", (path) => {
    expect(reasonOf(path)).toBeUndefined();
  });

  it.each([
    "a.png",
    "A.JPG",
    "b.tar.gz",
    "c.woff2",
    "d.mp4",
    "e.o",
    "f.so",
    "g.class",
    "h.pyc",
    "i.sqlite",
    "j.wasm",
    "bun.lockb",
  ])("is binary: %s", (path) => {
    expect(reasonOf(path)).toBe("binary");
  });

  it.each([
    "a.ts",
    "a.svg",
    "a.d",
    "a.bin.ts",
    "png",
    ".png.c",
    "Makefile",
    "a.S",
    "a.pb",
    "a.dat",
    "go.mod",
    "a.lock",
  ])("may be text: %s", (path) => {
    expect(reasonOf(path)).toBeUndefined();
  });

  it.each(["package-lock.json", "web/yarn.lock", "Cargo.lock", "go.sum", "uv.lock"])(
    "is a lock file: %s",
    (path) => {
      expect(reasonOf(path)).toBe("generated");
    },
  );
});

describe("a size", () => {
  it("is refused above the limit, and a secret stays a secret", () => {
    expect(reasonOf("a.c", 1000)).toBeUndefined();
    expect(skipByName("a.c", 1001, 1000)).toEqual({ reason: "too_large", detail: "1001 bytes" });
    expect(reasonOf(".env", 5000)).toBe("secret");
  });
});

it("knows a folder from its twin", () => {
  expect(isInside("/a/b", "/a/b")).toBe(true);
  expect(isInside("/a/b", "/a/b/c")).toBe(true);
  expect(isInside("/a/b", "/a/b-evil/c")).toBe(false);
  expect(isInside("/a/b", "/a")).toBe(false);
  expect(isInside("/", "/etc")).toBe(true);
});
