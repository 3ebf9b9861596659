/** BullMQ's Redis backend behind the port: how it connects, and what must hold before tasks are entrusted to it. */
import { createRequire } from "node:module";
import type { QueueBaseOptions } from "bullmq";
import type { Redis } from "ioredis";
import { CambiumError } from "../../errors.ts";
import type { JobStore } from "../job-store.ts";
import { explainedBackend } from "./explained-backend.ts";
import { explainRedis, type RedisPlace, readRedisPlace } from "./redis-place.ts";

const load = createRequire(import.meta.url);
/** Only with the first queue, as a door that is not asked for a task must not pay for it; see `connection.ts`. */
const loadBackend = () =>
  load("bullmq/dist/cjs/utils/create-backend.js") as Pick<typeof import("bullmq"), "createRedisBackend">;
const loadClient = () => load("ioredis") as Pick<typeof import("ioredis"), "Redis">;

/** Connects at the first use. Throws `invalid_argument` for a URL that is none. */
export function openRedisStore(url: string): JobStore {
  const place = readRedisPlace(url);
  const shared = new SharedClient(place);
  const explain = (error: unknown) => explainRedis(error, place.shown, shared.lastError);
  let trusted: Promise<readonly string[]> | undefined;
  const trust = () => {
    trusted ??= checkServer(shared.open(), place).catch((error: unknown) => {
      trusted = undefined;
      throw error;
    });
    return trusted;
  };
  return {
    connection: {},
    backend: (name, given, how = {}) => {
      const { createRedisBackend } = loadBackend();
      const options = { ...given, prefix: place.prefix } as QueueBaseOptions;
      // These wait for as long as the server is away, and go on by themselves.
      if (how.blocking || how.withBlockingConnection) {
        const connection = { ...place.server, maxRetriesPerRequest: null };
        return createRedisBackend(name, { ...options, connection }, how);
      }
      // All others share one connection that fails soon; it must not ask the server anything before the first call.
      const quick = { skipVersionCheck: true, skipWaitingForReady: true };
      const backend = createRedisBackend(name, { ...options, ...quick, connection: shared.open() }, how);
      return explainedBackend(backend, explain, trust);
    },
    async check() {
      try {
        return await checkServer(shared.open(), place);
      } catch (error) {
        throw explain(error);
      }
    },
    close: () => shared.close(),
  };
}

class SharedClient {
  lastError: Error | undefined;
  readonly #place: RedisPlace;
  #client: Redis | undefined;

  constructor(place: RedisPlace) {
    this.#place = place;
  }

  open(): Redis {
    if (this.#client !== undefined) return this.#client;
    const { Redis } = loadClient();
    const limits = { maxRetriesPerRequest: 2, commandTimeout: 10_000 };
    this.#client = new Redis({ ...this.#place.server, ...limits });
    // Each call reports its own failure; without a listener the driver would print it.
    this.#client.on("error", (error) => {
      this.lastError = error;
    });
    return this.#client;
  }

  async close(): Promise<void> {
    const client = this.#client;
    if (client === undefined || client.status === "end") return;
    // What was sent is answered before the connection ends, but nobody waits for a server that is away.
    if (client.status === "ready") await client.quit().catch(() => {});
    client.disconnect();
  }
}

const oldest = [6, 2] as const;

async function checkServer(client: Redis, place: RedisPlace): Promise<readonly string[]> {
  const info = readInfo(await client.info());
  const [major = 0, minor = 0] = (info.get("redis_version") ?? "").split(".").map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    const text = `Redis at ${place.shown} has the version ${info.get("redis_version")}. Install ${oldest.join(".")} or newer.`;
    throw new CambiumError("conflict", text);
  }
  const policy = info.get("maxmemory_policy") ?? "noeviction";
  const remedy = "Run CONFIG SET maxmemory-policy noeviction, and write it into redis.conf.";
  if (policy.startsWith("allkeys-")) {
    const text = `Redis at ${place.shown} has maxmemory-policy ${policy}: when its memory is full it would throw accepted tasks away without a word. ${remedy}`;
    throw new CambiumError("conflict", text);
  }
  const warnings: string[] = [];
  if (policy !== "noeviction")
    warnings.push(`Redis at ${place.shown} has maxmemory-policy ${policy}. ${remedy}`);
  if (info.get("aof_enabled") === "0" && (await readSavePoints(client)) === "") {
    const text = `Redis at ${place.shown} keeps nothing on disk: a restart of it loses all tasks. Set "appendonly yes" in redis.conf.`;
    warnings.push(text);
  }
  return warnings;
}

/** Undefined where the user may not ask, as with most hosts. */
async function readSavePoints(client: Redis): Promise<string | undefined> {
  const answer = (await client.config("GET", "save").catch(() => [])) as readonly string[];
  return answer[1];
}

function readInfo(text: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).map((line) => line.split(":"));
  return new Map(lines.map(([name = "", ...rest]) => [name, rest.join(":")]));
}
