/**
 * How this program hands its settings to the processes that it starts: through their environment, as arguments can be
 * read by everybody on the machine. It loads nothing, as these processes must start fast.
 */
import type { Config } from "./config.ts";

const variable = "CAMBIUM_HANDED_SETTINGS";
const secretVariables = [
  "CAMBIUM_QUEUE_URL",
  "CAMBIUM_SIGNING_KEYS",
  "CAMBIUM_ENCRYPTION_KEYS",
  "CAMBIUM_TOKEN",
  "VOYAGE_API_KEY",
  "OPENAI_API_KEY",
];

/** A child process reads what strangers wrote, and needs none of the secrets; one that buys vectors needs their key. */
export type ChildConfig = Omit<Config, "queueUrl" | "signingKeys" | "encryptionKeys" | "token">;

export function workerEnvironment(config: Config, from = process.env): NodeJS.ProcessEnv {
  return { ...from, [variable]: JSON.stringify(config) };
}

export function childEnvironment(
  config: Config,
  needs: "nothing" | "embeddings" = "nothing",
): NodeJS.ProcessEnv {
  const {
    queueUrl: _url,
    signingKeys: _signing,
    encryptionKeys: _encryption,
    token: _token,
    ...rest
  } = config;
  const open = needs === "embeddings" ? rest : { ...rest, voyageKey: "", openaiKey: "" };
  const plain = Object.entries(process.env).filter(([name]) => !secretVariables.includes(name));
  return { ...Object.fromEntries(plain), [variable]: JSON.stringify(open satisfies ChildConfig) };
}

/** Once, so that what this process starts in turn does not inherit them. */
export function takeHandedSettings(): Config {
  const given = process.env[variable];
  delete process.env[variable];
  return JSON.parse(given ?? "{}") as Config;
}
