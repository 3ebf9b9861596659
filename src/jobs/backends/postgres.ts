/** BullMQ's PostgreSQL backend behind the port: its connections, its schema, and what must hold before it is trusted. */
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import type { IQueueBackend, PostgresConnection, QueueBaseOptions } from "bullmq";
import { CambiumError } from "../../errors.ts";
import type { JobStore } from "../job-store.ts";
import { explainedBackend } from "./explained-backend.ts";
import { explainPostgres, type PostgresPlace, readPostgresPlace } from "./postgres-place.ts";

const load = createRequire(import.meta.url);
/** Only with the first queue, as a door that is not asked for a task must not pay for it; see `connection.ts`. */
const loadPostgres = () => load("bullmq/dist/cjs/postgres/index.js") as typeof import("bullmq");

const connectMs = 5000;
/** A worker and its event reader hold one more connection each, on which the server wakes them. */
const poolOf = { shared: 4, worker: 2, reader: 1 };

/** Connects at the first use, and makes its schema then. Throws `invalid_argument` for a URL that is none. */
export function openPostgresStore(url: string): JobStore {
  const place = readPostgresPlace(url);
  const explain = (error: unknown) => explainPostgres(error, place);
  let shared: PostgresConnection | undefined;
  let ready: Promise<void> | undefined;
  const connect = (max: number, limits: { readonly query_timeout?: number }) => {
    const { connectionString, schema, options } = place;
    const server = { connectionString, schema, ...(options === undefined ? {} : { options }) };
    const timeouts = { connectionTimeoutMillis: connectMs, keepAlive: true, ...limits };
    const { PostgresConnection } = loadPostgres();
    const connection = new PostgresConnection({ ...server, ...timeouts, max });
    // BullMQ's own would remember for ever that the server was away once.
    connection.waitUntilReady = prepareOnce;
    repeatDeadlocked(connection.pool);
    return connection;
  };
  const useShared = () => {
    shared ??= connect(poolOf.shared, { query_timeout: 30_000 });
    return shared;
  };
  function prepareOnce(): Promise<void> {
    ready ??= prepareSchema(useShared(), place.schema).catch((error: unknown) => {
      ready = undefined;
      throw error;
    });
    return ready;
  }
  return {
    connection: {},
    backend: (name, given, how = {}) => {
      const { PostgresQueueBackend } = loadPostgres();
      const options = given as unknown as QueueBaseOptions<string>;
      if (how.blocking || how.withBlockingConnection) {
        const label = how.withBlockingConnection ? `${name}:w:${workerNameOf(given)}` : `${name}:qe`;
        const own = connect(how.withBlockingConnection ? poolOf.worker : poolOf.reader, {});
        return new PostgresQueueBackend(own, name, options, true, label);
      }
      const backend: IQueueBackend = new PostgresQueueBackend(useShared(), name, options, false);
      return explainedBackend(backend, explain, prepareOnce);
    },
    settle: () =>
      outlastWriters(useShared(), place.schema).catch((error: unknown) => {
        throw explain(error);
      }),
    async check() {
      try {
        await prepareOnce();
        return await checkServer(useShared(), place);
      } catch (error) {
        throw explain(error);
      }
    },
    async close() {
      await shared?.close();
    },
  };
}

/** Chosen by the server among those that waited for each other: deadlock_detected, serialization_failure. */
const mayRepeat = (error: unknown) => /^(40P01|40001)$/.test(String((error as NodeJS.ErrnoException).code));
const repeatsMax = 3;

/** What BullMQ asks of a pool is one statement, of which the server has then done nothing. */
function repeatDeadlocked(pool: PostgresConnection["pool"]): void {
  const ask = pool.query.bind(pool) as (...given: unknown[]) => Promise<unknown>;
  const askAgain = async (...given: unknown[]) => {
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await ask(...given);
      } catch (error) {
        if (repeats === repeatsMax || !mayRepeat(error)) throw error;
      }
    }
  };
  Object.assign(pool, { query: askAgain });
}

const workerNameOf = (options: unknown) => (options as { readonly name?: string }).name ?? "";

/** BullMQ changes its schema only when it is told to; its own lock makes that safe for processes that start together. */
async function prepareSchema({ pool }: PostgresConnection, schema: string): Promise<void> {
  const bullmq = loadPostgres();
  const client = await pool.connect();
  // What breaks the connection also rejects the question that is asked at the moment; unheard it would end the process.
  client.on("error", () => {});
  try {
    const asked = await client.query<{ num: number }>(
      "SELECT current_setting('server_version_num')::int AS num",
    );
    const version = Math.floor((asked.rows[0]?.num ?? 0) / 10_000);
    if (version < bullmq.MINIMUM_POSTGRES_VERSION) {
      const text = `This PostgreSQL has the version ${version}. Install ${bullmq.MINIMUM_POSTGRES_VERSION} or newer.`;
      throw new CambiumError("conflict", text);
    }
    const unchecked = { skipVersionCheck: true };
    const made = await bullmq.assertSchemaCompatibility(client, schema, unchecked).catch((error: unknown) => {
      if (error instanceof bullmq.SchemaMigrationRequiredError) return 0;
      throw error;
    });
    if (made < bullmq.LATEST_SCHEMA_VERSION) await bullmq.runMigrations(client, schema, unchecked);
  } finally {
    client.removeAllListeners("error");
    client.release();
  }
}

/** So long a transaction may take to commit. */
const commitMs = 10_000;

/**
 * Jobs and events are numbered before their transactions commit. Whoever draws a number takes the sequence's lock first,
 * and holds it until the commit can be seen: those who hold it now are waited for. Throws `unavailable`.
 */
async function outlastWriters({ pool }: PostgresConnection, schema: string): Promise<void> {
  const deadline = performance.now() + commitMs;
  let before: ReadonlySet<string> | undefined;
  for (let pauseMs = 5; ; pauseMs = Math.min(100, 2 * pauseMs)) {
    const { rows } = await pool.query<{ id: string }>(
      `SELECT DISTINCT virtualtransaction AS id FROM pg_locks WHERE relation IN (to_regclass($1), to_regclass($2))
         AND mode = 'RowExclusiveLock' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [`"${schema}".event_seq`, `"${schema}".job_seq`],
    );
    const known = before;
    before = new Set(rows.map(({ id }) => id).filter((id) => known?.has(id) !== false));
    if (before.size === 0) return;
    if (performance.now() > deadline) {
      const text = `A transaction on the schema ${schema} has been open for ${commitMs / 1000} s. End it, or wait.`;
      throw new CambiumError("unavailable", text);
    }
    await sleep(pauseMs);
  }
}

async function checkServer(
  { pool }: PostgresConnection,
  { shown }: PostgresPlace,
): Promise<readonly string[]> {
  const { rows } = await pool.query<{ standby: boolean; fsync: string; commits: string }>(
    `SELECT pg_is_in_recovery() AS standby, current_setting('fsync') AS fsync,
      current_setting('synchronous_commit') AS commits`,
  );
  const { standby = false, fsync = "on", commits = "on" } = rows[0] ?? {};
  if (standby) {
    const text = `PostgreSQL at ${shown} is a standby, which takes no tasks. Name the primary in CAMBIUM_QUEUE_URL.`;
    throw new CambiumError("conflict", text);
  }
  if (fsync === "on" && commits !== "off") return [];
  const name = fsync === "on" ? "synchronous_commit" : "fsync";
  return [`PostgreSQL at ${shown} has ${name} = off: a power cut loses accepted tasks. Set it to on.`];
}
