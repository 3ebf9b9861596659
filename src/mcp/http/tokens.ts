/**
 * Who may come in: bearer tokens with scopes and a tenant, from `CAMBIUM_TOKEN` and from a file that only its owner can
 * read, which is made at the first start and read again when it changes.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import { z } from "zod";
import { CambiumError } from "../../errors.ts";
import { type Scope, scopes } from "./scopes.ts";

export interface Caller {
  /** Of the token, as in the file: for logs and limits. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Empty for tasks without a tenant. */
  readonly tenant: string;
  /** The folders that it may touch, instead of those of the server. */
  readonly roots?: readonly string[];
}

export interface TokensOptions {
  /** `tokens.json` of the data folder. */
  readonly file: string;
  /** `CAMBIUM_TOKEN`: holds every scope. Where it is set, no file is made. */
  readonly fromEnvironment: string;
  /** The tenant of tokens that name none. */
  readonly tenant: string;
  /** A token whose name is known already: listening beyond this machine makes none by itself. */
  readonly mayCreate: boolean;
  readonly log: (line: string) => void;
}

export interface Tokens {
  /** Where the tokens are, in words, without any of them. */
  readonly origin: string;
  /** Undefined for a header that is missing or holds no token of ours. */
  find(authorization: string | undefined): Caller | undefined;
}

const leastLength = 16;
const fileSchema = z.strictObject({
  tokens: z.array(
    z.strictObject({
      name: z.string().regex(/^[\w.-]{1,40}$/),
      token: z
        .string()
        .regex(/^[\x21-\x7e]*$/)
        .min(leastLength)
        .max(200),
      scopes: z.array(z.enum(scopes)),
      tenant: z
        .string()
        .regex(/^[\w-]{0,64}$/)
        .optional(),
      roots: z
        .array(z.string().refine(isAbsolute, "must be the absolute path of a folder"))
        .min(1)
        .optional(),
    }),
  ),
});

interface Known extends Caller {
  readonly digest: Buffer;
}

const digestOf = (token: string) => createHash("sha256").update(token).digest();
const lookAgainMs = 1000;

/** Throws `forbidden` for a file that others can read, `invalid_argument` for one that is not as it must be. */
export function openTokens(options: TokensOptions): Tokens {
  const fixed = ownToken(options);
  if (fixed.length === 0) prepareFile(options);
  let stamp = stampOf(options.file);
  let listed = stamp === undefined ? [] : readTokens(options);
  let lookedAt = performance.now();
  const refresh = () => {
    if (performance.now() < lookedAt + lookAgainMs) return;
    lookedAt = performance.now();
    const now = stampOf(options.file);
    if (now === stamp) return;
    stamp = now;
    try {
      listed = now === undefined ? [] : readTokens(options);
    } catch (error) {
      // Nobody knows any more who was to be shut out.
      listed = [];
      options.log(`The tokens of the file are refused until it is mended: ${(error as Error).message}`);
    }
  };
  const origin = [
    ...(fixed.length > 0 ? ["CAMBIUM_TOKEN"] : []),
    ...(listed.length > 0 ? [`${listed.length} in ${options.file}`] : []),
  ].join(" and ");
  return {
    origin,
    find: (authorization) => {
      refresh();
      const [, given] = /^bearer +([\x21-\x7e]{1,500}) *$/i.exec(authorization ?? "") ?? [];
      return given === undefined ? undefined : findEqual([...fixed, ...listed], given);
    },
  };
}

/** Looks at all of them, whichever it is: how long it takes tells nothing. */
function findEqual(known: readonly Known[], given: string): Caller | undefined {
  const digest = digestOf(given);
  let found: Known | undefined;
  for (const one of known) if (timingSafeEqual(one.digest, digest)) found = one;
  return found;
}

function ownToken({ fromEnvironment, tenant }: TokensOptions): Known[] {
  if (fromEnvironment === "") return [];
  return [{ name: "CAMBIUM_TOKEN", scopes, tenant, digest: digestOf(fromEnvironment) }];
}

function prepareFile({ file, mayCreate }: TokensOptions): void {
  if (stampOf(file) !== undefined) return;
  if (!mayCreate) {
    throw new CambiumError(
      "invalid_argument",
      `Listening beyond this machine needs a token that you know: set CAMBIUM_TOKEN, or write ${file}; a start on 127.0.0.1 makes one.`,
    );
  }
  const tokens = [{ name: "default", token: randomBytes(32).toString("base64url"), scopes }];
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, `${JSON.stringify({ tokens }, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    linkSync(draft, file);
  } catch (error) {
    // Another server has made it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readTokens({ file, tenant }: TokensOptions): Known[] {
  if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) {
    throw new CambiumError("forbidden", `Others can read ${file}. Run: chmod 600 ${file}`);
  }
  const parsed = fileSchema.safeParse(readJson(file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refuseFile(file, `${issue?.path.join(".") || "it"}: ${issue?.message}`);
  }
  const { tokens } = parsed.data;
  const names = new Set(tokens.map(({ name }) => name));
  const values = new Set(tokens.map(({ token }) => token));
  if (names.size < tokens.length || values.size < tokens.length)
    throw refuseFile(file, "a name or a token stands there twice");
  // Tasks are told by their tenant alone, and name the folders that they are about.
  if (tokens.some((one) => one.roots !== undefined && (one.tenant ?? "") === ""))
    throw refuseFile(file, "roots are given without a tenant");
  return tokens.map((one) => ({
    name: one.name,
    scopes: one.scopes,
    tenant: one.tenant ?? tenant,
    ...(one.roots === undefined ? {} : { roots: one.roots }),
    digest: digestOf(one.token),
  }));
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // The parser's own message would show a piece of the file.
    throw refuseFile(file, "it is no JSON");
  }
}

function refuseFile(file: string, reason: string): CambiumError {
  return new CambiumError(
    "invalid_argument",
    `${file} is refused (${reason}). It must hold {"tokens":[{"name":"…","token":"at least ${leastLength} characters","scopes":["read","index","admin"],"tenant":"optional","roots":["/optional/with/a/tenant"]}]}.`,
  );
}

/** Changes with every way of writing a file. */
function stampOf(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false, bigint: true });
  return stat && [stat.ino, stat.mtimeNs, stat.size, stat.mode].join(" ");
}
