/** Where a PostgreSQL is, read from its URL, and how its failures are told; never with the password. */
import { CambiumError } from "../../errors.ts";

export interface PostgresPlace {
  readonly schema: string;
  /** Without our own options. */
  readonly connectionString: string;
  readonly options: string | undefined;
  /** Host, port and database, as shown to people. */
  readonly shown: string;
}

const form = 'It is "postgres://user:password@host:port/database?schema=name".';

/** Throws `invalid_argument`. */
export function readPostgresPlace(url: string): PostgresPlace {
  const refuse = (what: string) => new CambiumError("invalid_argument", `CAMBIUM_QUEUE_URL: ${what} ${form}`);
  if (!URL.canParse(url)) throw refuse("This is no URL.");
  const given = new URL(url);
  const schema = given.searchParams.get("schema") ?? "cambium";
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
    throw refuse("The schema may have up to 63 small letters, digits and _, and begins with no digit.");
  const options = given.searchParams.get("options") ?? undefined;
  given.searchParams.delete("schema");
  // In the URL they would take the place of the search path that BullMQ sets.
  given.searchParams.delete("options");
  const host = given.hostname || given.searchParams.get("host") || "127.0.0.1";
  const shown = `${host}:${given.port || 5432}${given.pathname}`;
  return { schema, connectionString: given.href, options, shown };
}

const isAway =
  /^(08...|57P0.|53300|E[A-Z_]+)$|^(timeout exceeded|Query read timeout|Connection terminated|Cannot use a pool|Client has encountered)/;

export function explainPostgres(error: unknown, { shown, schema }: PostgresPlace): unknown {
  if (!(error instanceof Error) || error instanceof CambiumError) return error;
  const { code = "" } = error as NodeJS.ErrnoException;
  const said = error.message || code;
  const told = (as: ConstructorParameters<typeof CambiumError>[0], text: string) =>
    new CambiumError(as, `PostgreSQL at ${shown} ${text}`, error);
  if (/^28/.test(code))
    return told(
      "forbidden",
      `refuses the user or the password (${said}). Correct them in CAMBIUM_QUEUE_URL.`,
    );
  if (code === "3D000")
    return told(
      "invalid_argument",
      `has no such database. Make it with \`createdb\`, or correct CAMBIUM_QUEUE_URL.`,
    );
  if (code === "42501") {
    const remedy = `Let its owner run: CREATE SCHEMA ${schema} AUTHORIZATION <this user>`;
    return told("forbidden", `does not let this user keep tasks (${said}). ${remedy}`);
  }
  if (error.name === "SchemaVersionMismatchError")
    return told("conflict", `keeps tasks of a newer version of this program. Install that one. (${said})`);
  if (isAway.test(code) || isAway.test(said))
    return told(
      "unavailable",
      `does not answer (${said}). Start it, or set CAMBIUM_QUEUE_URL to another store.`,
    );
  if (/^53/.test(code)) return told("exhausted", `has no room left (${said}). What was accepted is kept.`);
  if (code === "25006")
    return told("conflict", "is read-only (a standby). Name the primary in CAMBIUM_QUEUE_URL.");
  return error;
}
