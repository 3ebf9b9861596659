/**
 * Every setting once: name, type, default, environment variable and one sentence. The only file that reads the
 * environment. Precedence: defaults, then the settings file, then the environment, then flags.
 */
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { z } from "zod";
import { CambiumError } from "./errors.ts";

const MiB = 1024 * 1024;
const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const optional = z.string().default("");
const names = z
  .union([z.string().transform((given) => given.split(",")), z.array(z.string())])
  .transform((given) => given.map((name) => name.trim()).filter((name) => name !== ""))
  .default([]);

const units: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: MiB, G: 2 ** 30, T: 2 ** 40 };
const size = z
  .union([z.string(), z.number()])
  .transform((given, context) => {
    const [, digits = "", unit = ""] = /^(\d{1,15})([KMGT]?)$/i.exec(String(given).trim()) ?? [];
    if (digits === "") context.addIssue("Give bytes, or a number with K, M, G or T behind it, such as 20G.");
    return Number(digits) * (units[unit.toUpperCase()] ?? 1);
  })
  .default(0);

/** Tokens, or dollars; no budget for nothing. Undefined for what is none. */
export function readBudget(
  text: string,
): { readonly tokens: number } | { readonly dollars: number } | undefined {
  const [, sign, digits = "", unit = ""] = /^\s*(\$)?\s*(\d+(?:\.\d+)?)\s*([kKmM]?)\s*$/.exec(text) ?? [];
  if (text.trim() === "") return { tokens: Number.POSITIVE_INFINITY };
  if (digits === "") return undefined;
  const value = Number(digits) * ({ k: 1e3, m: 1e6 }[unit.toLowerCase()] ?? 1);
  return sign === undefined ? { tokens: Math.floor(value) } : { dollars: value };
}

/** A name or password in it would be shown in messages; keys have settings of their own. */
function isServerAddress(text: string): boolean {
  if (text === "") return true;
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}

/** What is said of it in messages never holds a password or a key. */
type Setting = {
  readonly env: string;
  readonly schema: z.ZodType;
  readonly about: string;
  readonly isSecret?: true;
  /** Nothing but a secret: never a flag, as everybody on the machine can read those. */
  readonly noFlag?: true;
  /** As a flag it stands alone. */
  readonly isSwitch?: true;
};

/** One entry a setting; the README's table is made from it. */
export const settings = {
  home: {
    env: "CAMBIUM_HOME",
    schema: z.string().min(1).default(join(homedir(), ".cambium")),
    about: "Data folder; everything lives under it, and nothing is written inside an indexed repository.",
  },
  queueUrl: {
    env: "CAMBIUM_QUEUE_URL",
    schema: z
      .string()
      .regex(
        /^(sqlite:$|(rediss?|postgres|postgresql):\/\/)/,
        'It begins with redis://, rediss://, postgres:// or postgresql://, or is just "sqlite:".',
      )
      .default("sqlite:"),
    about:
      "Where tasks are kept: `sqlite:`, `redis://user:password@host:port/database` (`rediss://` over TLS) or `postgres://user:password@host/database`. A password is better in the environment or in settings.json than in a flag, which everybody on the machine can read.",
    isSecret: true,
  },
  indexUrl: {
    env: "CAMBIUM_INDEX_URL",
    schema: z
      .string()
      .regex(/^sqlite:$/, 'This version keeps indexes in SQLite only; the one valid value is "sqlite:".')
      .default("sqlite:"),
    about: "Where indexes are kept.",
  },
  roots: {
    env: "CAMBIUM_ROOTS",
    schema: z
      .union([z.string(), z.array(z.string())])
      .transform((given, context) => {
        const parts = typeof given === "string" ? given.split(delimiter) : given;
        const folders = parts.filter((part) => part.trim() !== "");
        // Taken for an empty list it would open what it was meant to close.
        if (given.length > 0 && folders.length === 0)
          context.addIssue("It names no folder; leave it out or name one.");
        return folders;
      })
      .default([]),
    about:
      "Allow-list of folders that may be indexed, separated as in PATH. Empty: what you name on the command line, and over MCP the folder the client started in.",
  },
  maxFileBytes: {
    env: "CAMBIUM_MAX_FILE_BYTES",
    schema: whole(1024, 64 * MiB).default(MiB),
    about: "Larger files are not parsed: they are indexed as text.",
  },
  maxTextBytes: {
    env: "CAMBIUM_MAX_TEXT_BYTES",
    schema: whole(1024, 512 * MiB).default(64 * MiB),
    about: "Larger files are skipped with the reason `too_large`.",
  },
  keepDays: {
    env: "CAMBIUM_KEEP_DAYS",
    schema: whole(0, 36_500).default(30),
    about:
      "The daily clean-up takes a repository, branch or worktree out of the index that was neither indexed nor asked about for so many days; 0 keeps all.",
  },
  diskQuota: {
    env: "CAMBIUM_DISK_QUOTA",
    schema: size,
    about:
      "How much disk the index may take, in bytes or as `20G`; 0 is any. Above it indexing fails, and a clean-up takes out what was used longest ago.",
  },
  parseLimitMs: {
    env: "CAMBIUM_PARSE_LIMIT_MS",
    schema: whole(100, 600_000).default(10_000),
    about: "A file that takes the parser longer is skipped with the reason `parser_timeout`.",
  },
  concurrency: {
    env: "CAMBIUM_CONCURRENCY",
    schema: whole(1, 64).default(Math.min(8, availableParallelism())),
    about: "Child processes that parse at the same time. Default: the number of cores, at most 8.",
  },
  workerIdleMs: {
    env: "CAMBIUM_WORKER_IDLE_MS",
    schema: whole(100, 86_400_000).default(600_000),
    about: "A detached worker ends itself after standing idle this long.",
  },
  resultTtlMs: {
    env: "CAMBIUM_RESULT_TTL_MS",
    schema: whole(1000, 31 * 86_400_000).default(86_400_000),
    about: "Ended tasks and their results are kept this long.",
  },
  toolset: {
    env: "CAMBIUM_TOOLSET",
    schema: names,
    about:
      "Sets of tools that an MCP client is shown, of `ask`, `index` and `tasks`, separated by commas. Empty: all.",
  },
  tools: {
    env: "CAMBIUM_TOOLS",
    schema: names,
    about: "Names of tools that an MCP client is shown, beside those of the sets. Empty: no others.",
  },
  readOnly: {
    env: "CAMBIUM_READ_ONLY",
    schema: z.stringbool().or(z.boolean()).default(false),
    about:
      "An MCP client is shown only tools that read, and resources and prompts that go with those; this wins over the other two.",
    isSwitch: true,
  },
  tenant: {
    env: "CAMBIUM_TENANT",
    schema: optional.refine((name) => /^[\w-]{0,64}$/.test(name), {
      error: "Use 1 to 64 letters, digits, hyphens or underscores.",
    }),
    about: "Whose tasks these are: each tenant sees and steers only its own.",
  },
  tenantMaxUnfinished: {
    env: "CAMBIUM_TENANT_MAX_UNFINISHED",
    schema: whole(0, 1_000_000).default(0),
    about: "So many unfinished tasks a tenant may have; 0 is any number.",
  },
  signingKeys: {
    env: "CAMBIUM_SIGNING_KEYS",
    schema: optional,
    about:
      "Keys that sign jobs and commands to workers, as `id:secret,id:secret`: the first one signs, all are accepted. `id[queue,queue]:secret` is a key for these queues only; `control` among them stands for commands.",
    isSecret: true,
    noFlag: true,
  },
  encryptionKeys: {
    env: "CAMBIUM_ENCRYPTION_KEYS",
    schema: optional,
    about:
      "Keys that encrypt results in the store, as `id:secret,id:secret`: the first one encrypts, all are read.",
    isSecret: true,
    noFlag: true,
  },
  token: {
    env: "CAMBIUM_TOKEN",
    schema: optional.refine((token) => /^[\x21-\x7e]{0,200}$/.test(token), {
      error: "Use at most 200 ASCII characters without blanks.",
    }),
    about:
      "Bearer token of `cambium serve` with every scope, beside those of tokens.json. Empty: the first start makes that file, with one token.",
    isSecret: true,
    noFlag: true,
  },
  httpHosts: {
    env: "CAMBIUM_HTTP_HOSTS",
    schema: z
      .union([z.string(), z.array(z.string())])
      .transform((given) => (typeof given === "string" ? given.split(",") : given))
      .transform((names) => names.map((name) => name.trim().toLowerCase()).filter((name) => name !== ""))
      .refine((names) => names.every((name) => /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)$/.test(name)), {
        error: "Use names of hosts without scheme and port, with commas between them.",
      })
      .default([]),
    about:
      "Names under which `cambium serve` may be called (the Host and Origin headers), with commas between them, beside this machine's own: those of a proxy before it.",
  },
  httpRate: {
    env: "CAMBIUM_HTTP_RATE",
    schema: whole(1, 1_000_000).default(2000),
    about: "Requests a second that one token may make of `cambium serve`; twice as many may come at once.",
  },
  httpConcurrency: {
    env: "CAMBIUM_HTTP_CONCURRENCY",
    schema: whole(1, 10_000).default(128),
    about: "Requests of one token that `cambium serve` answers at the same time.",
  },
  embeddings: {
    env: "CAMBIUM_EMBEDDINGS",
    schema: z.enum(["none", "local", "voyage", "openai"]).default("none"),
    about:
      "Who turns code into vectors for search by meaning: `none`, `local` (made on this machine from each repository's own text), `voyage`, or `openai` for every server with an OpenAI-compatible `/v1/embeddings`. With the last two the text of indexed code is sent there.",
  },
  embeddingsUrl: {
    env: "CAMBIUM_EMBEDDINGS_URL",
    schema: z
      .string()
      .default("")
      .refine(isServerAddress, { error: "Use an address such as http://127.0.0.1:11434/v1." })
      .transform((url) => url.replace(/\/+$/, "").replace(/\/embeddings$/, "")),
    about:
      "The provider's base address, for example `http://127.0.0.1:11434/v1` for Ollama. Default: the provider's own.",
  },
  embeddingsModel: {
    env: "CAMBIUM_EMBEDDINGS_MODEL",
    schema: z.string().max(200).default(""),
    about:
      "The model. Default: `voyage-code-3`, or `text-embedding-3-small`. At Voyage also with its output type, for answers a quarter as long: `voyage-code-3@int8` (`uint8`, `binary`, `ubinary`).",
  },
  embeddingsDimensions: {
    env: "CAMBIUM_EMBEDDINGS_DIMENSIONS",
    schema: whole(0, 4096).default(0),
    about: "Numbers of a vector; 0 is what is usual for the model.",
  },
  embeddingsBudget: {
    env: "CAMBIUM_EMBEDDINGS_BUDGET",
    schema: z
      .string()
      .default("")
      .refine((text) => readBudget(text) !== undefined, {
        error: "Write tokens (5000000, 5M) or US dollars ($2.50); empty is no budget.",
      }),
    about:
      "All that may ever be spent in this data folder, in tokens (`5M`) or US dollars (`$2.50`): what goes beyond it waits. Empty: no budget.",
  },
  embeddingsRequestsPerMinute: {
    env: "CAMBIUM_EMBEDDINGS_REQUESTS_PER_MINUTE",
    schema: whole(0, 1_000_000).default(0),
    about: "The account's limit of requests; 0 is the provider's usual one.",
  },
  embeddingsTokensPerMinute: {
    env: "CAMBIUM_EMBEDDINGS_TOKENS_PER_MINUTE",
    schema: whole(0, 1_000_000_000).default(0),
    about: "The account's limit of tokens; 0 is the provider's usual one.",
  },
  embeddingsPrice: {
    env: "CAMBIUM_EMBEDDINGS_PRICE",
    schema: z.union([z.literal(""), z.coerce.number().min(0).max(10_000)]).default(""),
    about: "US dollars for a million tokens. Default: the provider's published price.",
  },
  rerankModel: {
    env: "CAMBIUM_RERANK_MODEL",
    schema: z.string().max(200).default(""),
    about:
      "A reranker of Voyage, for example `rerank-2.5`, that reads the first 50 hits of each question again and puts them in order; their text is sent there. Empty: none.",
  },
  voyageKey: {
    env: "VOYAGE_API_KEY",
    schema: optional,
    about: "Key for `voyage`.",
    isSecret: true,
    noFlag: true,
  },
  openaiKey: {
    env: "OPENAI_API_KEY",
    schema: optional,
    about: "Key for `openai`; most servers of your own need none.",
    isSecret: true,
    noFlag: true,
  },
  logLevel: {
    env: "CAMBIUM_LOG_LEVEL",
    schema: z.enum(["silent", "error", "warn", "info", "debug"]).default("info"),
    about: "How much is written to stderr (by `cambium serve` as JSON lines) and to the worker's log file.",
  },
} as const satisfies Record<string, Setting>;

type SettingName = keyof typeof settings;
export type Config = { readonly [Name in SettingName]: z.output<(typeof settings)[Name]["schema"]> } & {
  /** The folder an MCP client says it works in, beside the current one; undefined where it says nothing. */
  readonly clientFolder: string | undefined;
};

/** Reads all settings. Throws `invalid_argument` that names the setting, where it came from and what is valid. */
export function readConfig(
  flags: Readonly<Record<string, unknown>> = {},
  environment: NodeJS.ProcessEnv = process.env,
): Config {
  const home = resolve(
    String(flags["home"] ?? (environment["CAMBIUM_HOME"] || settings.home.schema.parse(undefined))),
  );
  const file = readSettingsFile(join(home, "settings.json"));
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings) as [SettingName, (typeof settings)[SettingName]][]) {
    const fromEnvironment = environment[setting.env] || undefined;
    const given = flags[name] ?? fromEnvironment ?? file[name];
    const parsed = (setting.schema as z.ZodType).safeParse(name === "home" ? home : given);
    if (!parsed.success) {
      const origin = flags[name] !== undefined ? "the flag" : fromEnvironment ? setting.env : "settings.json";
      const reason = parsed.error.issues[0]?.message ?? "not valid";
      const shown = "isSecret" in setting ? name : `${name} = ${JSON.stringify(given)}`;
      throw new CambiumError("invalid_argument", `${origin}: ${shown} is refused. ${reason}`);
    }
    values[name] = parsed.data;
  }
  return { ...(values as Config), clientFolder: environment["CLAUDE_PROJECT_DIR"] || undefined };
}

function readSettingsFile(path: string): Record<string, unknown> {
  if (!existsSync(path)) return {};
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new CambiumError(
      "invalid_argument",
      `${path} is not readable JSON: ${(error as Error).message}`,
      error,
    );
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new CambiumError("invalid_argument", `${path} must hold one JSON object of settings.`);
  }
  const unknown = Object.keys(content).find((key) => !(key in settings));
  if (unknown !== undefined) {
    const known = Object.keys(settings).join(", ");
    throw new CambiumError("invalid_argument", `${path}: there is no setting "${unknown}". Known: ${known}.`);
  }
  return content as Record<string, unknown>;
}

/** https://no-color.org: any value but an empty one. */
export function isColorUnwanted(environment: NodeJS.ProcessEnv = process.env): boolean {
  return (environment["NO_COLOR"] ?? "") !== "";
}
