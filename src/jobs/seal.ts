/**
 * Signatures over jobs and encryption of results, with keys that have ids, so that they can be rotated, and that can
 * be bound to queues, so that a worker serves only what it may. Without keys everything passes as it is.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { CambiumError } from "../errors.ts";
import type { JobData } from "./connection.ts";
import { isObject } from "./payload.ts";
import type { Json, JsonObject } from "./task.ts";

/** What a signature binds to the data: a job cannot be copied to another queue, name or id. */
export interface JobPlace {
  readonly queue: string;
  readonly name: string;
  readonly id: string;
}

export interface Sealer {
  /** The data with the seal of the first key that covers the queue. Throws `forbidden` if there are keys, but none for it. */
  sign(place: JobPlace, data: JobData): JobData;
  /** Throws `forbidden` for a job that is unsigned, changed or signed by a key that is not known for its queue. */
  verify(place: JobPlace, data: JobData): void;
  /** Whether the keys cover the queue. */
  mayServe(queue: string): boolean;
  /** With the first encryption key, bound to the job; as it is without keys. */
  encrypt(jobId: string, result: JsonObject): JsonObject;
  /** Throws `forbidden` for an unknown key and `corrupt` for a changed text; what is not encrypted passes as it is. */
  decrypt(jobId: string, stored: Json): Json;
}

/** Both are lists `id:secret,id:secret`; a signing key can be bound to queues: `id[queue,queue]:secret`. */
export interface SealKeys {
  readonly signing?: string;
  readonly encryption?: string;
}

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
  /** Undefined: all of them. */
  readonly queues: readonly string[] | undefined;
}

/** Throws `invalid_argument` for keys that cannot be read; no message names a secret. */
export function openSealer({ signing = "", encryption = "" }: SealKeys): Sealer {
  const signers = readKeys(signing, "signing");
  const ciphers = readKeys(encryption, "encryption");
  const signerOf = (queue: string) => signers.find((key) => covers(key, queue));
  return {
    mayServe: (queue) => signers.length === 0 || signerOf(queue) !== undefined,
    sign(place, data) {
      if (signers.length === 0) return data;
      const key = signerOf(place.queue);
      if (key === undefined) refuse(`No signing key covers the queue "${place.queue}". Add one for it`);
      return { ...data, seal: { keyId: key.id, mac: macOf(key, place, data) } };
    },
    verify(place, data) {
      if (signers.length === 0) return;
      const { seal } = data;
      if (!isObject(seal))
        refuse("This job or command is not signed. Give it again from a process that has the keys");
      const key = signers.find((candidate) => candidate.id === seal.keyId && covers(candidate, place.queue));
      if (key === undefined)
        refuse(
          `Its signing key is not known for the queue "${place.queue}". Add the key, or give the job or command again`,
        );
      const expected = Buffer.from(macOf(key, place, data));
      const given = Buffer.from(String(seal.mac));
      if (expected.length !== given.length || !timingSafeEqual(expected, given))
        refuse("The signature does not fit this job or command, so that somebody changed it. Give it again");
    },
    encrypt(jobId, result) {
      const [key] = ciphers;
      return key === undefined ? result : encryptWith(key, jobId, result);
    },
    decrypt(jobId, stored) {
      const sealed = readSealed(stored);
      if (sealed === undefined) return stored;
      const key = ciphers.find((candidate) => candidate.id === sealed.keyId);
      if (key !== undefined) return decryptWith(key, jobId, sealed);
      throw new CambiumError(
        "forbidden",
        "The result is encrypted with a key that is not here. Add it to CAMBIUM_ENCRYPTION_KEYS.",
      );
    },
  };
}

/** Passes everything. */
export const openWithoutKeys: Sealer = openSealer({});

function refuse(problem: string): never {
  throw new CambiumError("forbidden", `${problem} (CAMBIUM_SIGNING_KEYS).`);
}

const covers = (key: Key, queue: string) => key.queues === undefined || key.queues.includes(queue);

/** Fields that change while the job lives (crashes, rounds, times) are not signed. */
function macOf(key: Key, place: JobPlace, data: JobData): string {
  const { args, taskId, key: joinKey, tenant, expiresAt, previousFrom, graceMs } = data;
  const signed = { args, taskId, key: joinKey, tenant, expiresAt, previousFrom, graceMs };
  const whole = { queue: place.queue, name: place.name, id: stableId(place.id), ...signed };
  return createHmac("sha256", key.bytes).update(canonical(whole)).digest("base64url");
}

/** Of a schedule's job: without the time, as all its runs carry what was signed with the schedule. */
const stableId = (id: string) => (id.startsWith("repeat:") ? id.slice(0, id.lastIndexOf(":")) : id);

/** JSON with sorted names, so that it is the same text whichever store it has been through. */
export function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(",")}}`;
}

interface Sealed {
  readonly keyId: string;
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

function readSealed(stored: Json): Sealed | undefined {
  if (!isObject(stored) || Object.keys(stored).length !== 1) return undefined;
  const { enc } = stored as { readonly enc?: Json };
  if (!isObject(enc)) return undefined;
  const { keyId, iv, tag, data } = enc as { readonly [name: string]: Json | undefined };
  const texts = [keyId, iv, tag, data];
  if (!texts.every((text) => typeof text === "string")) return undefined;
  return { keyId, iv, tag, data } as Sealed;
}

const cipherName = "aes-256-gcm";

function encryptWith(key: Key, jobId: string, result: JsonObject): JsonObject {
  const iv = randomBytes(12);
  const cipher = createCipheriv(cipherName, key.bytes, iv).setAAD(Buffer.from(jobId));
  const data = Buffer.concat([cipher.update(JSON.stringify(result), "utf8"), cipher.final()]);
  const text = (bytes: Buffer) => bytes.toString("base64url");
  return { enc: { keyId: key.id, iv: text(iv), tag: text(cipher.getAuthTag()), data: text(data) } };
}

function decryptWith(key: Key, jobId: string, sealed: Sealed): Json {
  const bytes = (text: string) => Buffer.from(text, "base64url");
  try {
    const decipher = createDecipheriv(cipherName, key.bytes, bytes(sealed.iv), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(jobId)).setAuthTag(bytes(sealed.tag));
    const text = Buffer.concat([decipher.update(bytes(sealed.data)), decipher.final()]).toString("utf8");
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new CambiumError(
      "corrupt",
      "The encrypted result was changed or belongs to another job. Run the task again.",
      error,
    );
  }
}

const secretMinLength = 16;

function readKeys(list: string, use: "signing" | "encryption"): readonly Key[] {
  const setting = `CAMBIUM_${use.toUpperCase()}_KEYS`;
  const found = [...list.matchAll(/\s*([\w.-]+)(?:\[([^\]]*)\])?:([^,]*)(?:,|$)/g)];
  const read = found.reduce((length, [whole]) => length + whole.length, 0);
  const complain = (problem: string): never => {
    const form = use === "signing" ? "id:secret,id[queue,queue]:secret" : "id:secret,id:secret";
    throw new CambiumError("invalid_argument", `${setting} ${problem}. Write ${form}.`);
  };
  if (read !== list.length) complain("cannot be read");
  const keys = found.map(([, id = "", queues, secret = ""]): Key => {
    if (secret.trim().length < secretMinLength)
      complain(`has a secret of less than ${secretMinLength} characters (key "${id}")`);
    if (queues !== undefined && use === "encryption")
      complain(`binds the key "${id}" to queues, which only signing does`);
    const bytes = Buffer.from(hkdfSync("sha256", secret.trim(), "", `cambium ${use}`, 32));
    return { id, bytes, queues: queues?.split(",").map((queue) => queue.trim()) };
  });
  if (new Set(keys.map((key) => key.id)).size !== keys.length) complain("names a key twice");
  return keys;
}
