/** What the processes that this program starts can see of its settings. */
import { afterEach, expect, it, vi } from "vitest";
import { readConfig } from "./config.ts";
import { childEnvironment, takeHandedSettings, workerEnvironment } from "./handed-settings.ts";

const secrets = {
  CAMBIUM_QUEUE_URL: "redis://user:secret-a@host",
  CAMBIUM_SIGNING_KEYS: "k:secret-b-and-long-enough",
  CAMBIUM_ENCRYPTION_KEYS: "k:secret-c-and-long-enough",
  VOYAGE_API_KEY: "secret-d",
  OPENAI_API_KEY: "secret-e",
};
const config = readConfig({ home: "/nowhere" }, secrets);

afterEach(() => vi.unstubAllEnvs());

it("a worker gets all of them, once", () => {
  vi.stubEnv("CAMBIUM_HANDED_SETTINGS", workerEnvironment(config)["CAMBIUM_HANDED_SETTINGS"]);
  expect(takeHandedSettings()).toEqual(JSON.parse(JSON.stringify(config)));
  expect(process.env["CAMBIUM_HANDED_SETTINGS"]).toBeUndefined();
});

it("a child process gets none of the secrets, also not from what its worker inherited", () => {
  for (const [name, value] of Object.entries(secrets)) vi.stubEnv(name, value);
  const environment = childEnvironment(config);
  expect(JSON.stringify(environment)).not.toContain("secret-");
  expect(JSON.parse(environment["CAMBIUM_HANDED_SETTINGS"] ?? "")).toMatchObject({ home: config.home });
  expect(environment["PATH"]).toBe(process.env["PATH"]);
});

it("only the child process that buys embeddings gets their keys, and nothing else", () => {
  for (const [name, value] of Object.entries(secrets)) vi.stubEnv(name, value);
  const environment = childEnvironment(config, "embeddings");
  expect(JSON.parse(environment["CAMBIUM_HANDED_SETTINGS"] ?? "")).toMatchObject({ voyageKey: "secret-d" });
  expect(JSON.stringify(environment)).not.toMatch(/secret-[abc]/);
});
