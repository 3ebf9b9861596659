/** Where a Redis is, read from its URL, and how its failures are told; never with the password. */
import { CambiumError } from "../../errors.ts";

/** Options of the driver. */
export interface RedisServer {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: { readonly servername: string };
  readonly connectTimeout: number;
  readonly retryStrategy: (times: number) => number;
}

export interface RedisPlace {
  readonly prefix: string;
  readonly server: RedisServer;
  /** Host, port and database, as shown to people. */
  readonly shown: string;
}

const form = 'It is "redis://user:password@host:port/database?prefix=name", or "rediss://…" over TLS.';
const refuse = (what: string) => new CambiumError("invalid_argument", `CAMBIUM_QUEUE_URL: ${what} ${form}`);

/** Throws `invalid_argument`. */
export function readRedisPlace(url: string): RedisPlace {
  if (!URL.canParse(url)) throw refuse("This is no URL.");
  const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(url);
  const unknown = [...searchParams.keys()].find((name) => name !== "prefix");
  if (unknown !== undefined) throw refuse(`There is no option "${unknown}".`);
  const prefix = searchParams.get("prefix") ?? "cambium";
  if (!/^[\w.{}-]{1,60}$/.test(prefix))
    throw refuse("The prefix may have up to 60 letters, digits and . _ - { }.");
  if (!/^\/?\d{0,5}$/.test(pathname)) throw refuse("The database of a Redis is a number.");
  const host = hostname.replace(/^\[|\]$/g, "") || "127.0.0.1";
  const db = Number(pathname.slice(1));
  return {
    prefix,
    server: {
      host,
      port: Number(port) || 6379,
      db,
      ...(username === "" ? {} : { username: decodeURIComponent(username) }),
      ...(password === "" ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === "rediss:" ? { tls: { servername: host } } : {}),
      connectTimeout: 3000,
      retryStrategy: (times) => Math.min(50 * 2 ** times, 2000),
    },
    shown: `${hostname || "127.0.0.1"}:${port || 6379}/${db}`,
  };
}

const mend = "Start it, or set CAMBIUM_QUEUE_URL to another store.";

/** `cause` is the last thing that the connection itself said. */
export function explainRedis(error: unknown, shown: string, cause?: Error): unknown {
  if (!(error instanceof Error) || error instanceof CambiumError) return error;
  const reason = error.name === "MaxRetriesPerRequestError" && cause !== undefined ? cause : error;
  const said = (reason as NodeJS.ErrnoException).code ?? reason.message;
  if (/^(WRONGPASS|NOAUTH)/.test(reason.message)) {
    const text = `Redis at ${shown} refuses the user or the password. Correct them in CAMBIUM_QUEUE_URL.`;
    return new CambiumError("forbidden", text, error);
  }
  if (/^NOPERM/.test(reason.message)) {
    const text = `Redis at ${shown} does not let this user work (${reason.message}). Give it all commands on the keys of its prefix.`;
    return new CambiumError("forbidden", text, error);
  }
  if (/^(OOM|MISCONF)/.test(reason.message)) {
    const text = `Redis at ${shown} takes no more writes (${reason.message}). Give it more memory or disk; what was accepted is kept.`;
    return new CambiumError("exhausted", text, error);
  }
  const isAway = /^(E[A-Z_]+|LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|Command timed out|Connection is closed)/;
  if (!isAway.test(said) && reason.name !== "MaxRetriesPerRequestError" && !/writeable|TLS|SSL/.test(said))
    return error;
  return new CambiumError("unavailable", `Redis at ${shown} does not answer (${said}). ${mend}`, error);
}
