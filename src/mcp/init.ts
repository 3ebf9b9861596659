/**
 * Writes our entry into the settings of MCP clients and remembers what it wrote, so that it can be undone. It changes
 * nothing that it does not own: an entry of our name that it did not write stays as it is.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { z } from "zod";
import { CambiumError, toFailure } from "../errors.ts";
import { type ClientPlaces, type ClientSpec, clients, type Launch } from "./client-settings.ts";
import { addEntry, dropEntry, hasAround, isBare, isSameEntry, readEntry } from "./settings-text.ts";

export interface InitPlaces extends ClientPlaces {
  /** CAMBIUM_HOME: what was written is remembered there. */
  readonly dataHome: string;
  readonly launch: Launch;
}

/** This machine, this user and the current folder; `script` is the program that clients are to start. */
export function placesHere(dataHome: string, script: string, version: string): InitPlaces {
  const { platform, execPath } = process;
  return { userHome: homedir(), cwd: process.cwd(), platform, dataHome, launch: launchOf() };

  /** What `npx` unpacks is cleaned away some day: clients are to call npx again. Any other place is there to stay. */
  function launchOf(): Launch {
    if (!/[\\/]_npx[\\/]/.test(script)) return { command: execPath, args: [script, "mcp"] };
    const args = ["-y", `cambium-mcp@${version}`, "mcp"];
    return platform === "win32" ? { command: "cmd", args: ["/c", "npx", ...args] } : { command: "npx", args };
  }
}

export interface InitOptions {
  /** Ids of clients; empty: those that are found here. */
  readonly only: readonly string[];
  /** Says what would be done and does nothing. */
  readonly dryRun: boolean;
}

export interface InitStep {
  readonly client: string;
  readonly title: string;
  readonly file: string;
  /** `left`: something is in the way, and `detail` says what. */
  readonly action: "added" | "replaced" | "unchanged" | "removed" | "left" | "absent";
  readonly detail: string;
  /** What to add by hand, where it was not added. */
  readonly entry: Readonly<Record<string, unknown>>;
}

const recordSchema = z.array(
  z.object({
    client: z.string(),
    file: z.string(),
    entry: z.record(z.string(), z.unknown()),
    madeFile: z.boolean(),
    /** The table around the entry was there before. */
    keepAround: z.boolean().default(false),
  }),
);
type Written = z.output<typeof recordSchema>[number];

/** Clients that are used on this machine. */
export function foundClients(places: ClientPlaces): ClientSpec[] {
  return clients.filter((spec) => spec.traces(places).some((trace) => existsSync(trace)));
}

/** Throws `invalid_argument` for an unknown client; what is wrong with one client's file is told in its step. */
export function addToClients(places: InitPlaces, { only, dryRun }: InitOptions): InitStep[] {
  const chosen = only.length === 0 ? foundClients(places) : chooseClients(only);
  return chosen.map((spec) => takeStep(spec, places, () => addTo(spec, places, dryRun)));
}

/** Takes out what was written and is still as it was written. */
export function removeFromClients(places: InitPlaces, { only, dryRun }: InitOptions): InitStep[] {
  const wanted = only.length === 0 ? clients : chooseClients(only);
  return readRecord(places).flatMap((written) => {
    const spec = wanted.find(({ id }) => id === written.client);
    return spec === undefined ? [] : takeStep(spec, places, () => removeFrom(spec, written, places, dryRun));
  });
}

export interface ClientState {
  readonly title: string;
  readonly file: string;
  readonly state: "connected" | "not connected" | "broken";
  /** What is wrong with a broken one. */
  readonly detail: string;
}

/** How each client that is used here stands, whoever wrote its entry. */
export function examineClients(places: InitPlaces): ClientState[] {
  return foundClients(places).map((spec) => {
    const step = { title: spec.title, file: spec.file(places) };
    try {
      const found = existsSync(step.file) ? readEntry(readText(step.file), spec) : undefined;
      if (found === undefined) return { ...step, state: "not connected", detail: "" };
      const missing = programsIn(found).filter((program) => !existsSync(program));
      if (missing.length === 0) return { ...step, state: "connected", detail: "" };
      return { ...step, state: "broken", detail: `it starts ${missing.join(" and ")}, which is not there` };
    } catch (error) {
      return { ...step, state: "broken", detail: toFailure(error).message };
    }
  });
}

/** What an entry names by its full path: the program itself and the script that it runs. */
function programsIn(entry: unknown): string[] {
  const { command, args } = entry as { command?: unknown; args?: unknown };
  const words = [command, args].flat().filter((word) => typeof word === "string");
  return words.filter((word, at) => isAbsolute(word) && (at === 0 || /\.[cm]?js$/.test(word)));
}

function chooseClients(ids: readonly string[]): ClientSpec[] {
  return ids.map((id) => {
    const found = clients.find((spec) => spec.id === id);
    if (found !== undefined) return found;
    const known = clients.map((spec) => spec.id).join(", ");
    throw new CambiumError("invalid_argument", `There is no client "${id}". There are: ${known}.`);
  });
}

type Outcome = Pick<InitStep, "action" | "detail"> & { readonly file?: string };

function takeStep(spec: ClientSpec, places: InitPlaces, act: () => Outcome): InitStep {
  const step = {
    client: spec.id,
    title: spec.title,
    file: spec.file(places),
    entry: nested(spec, spec.entry(places.launch)),
  };
  try {
    return { ...step, ...act() };
  } catch (error) {
    return { ...step, action: "left", detail: toFailure(error).message };
  }
}

function nested({ path }: ClientSpec, entry: InitStep["entry"]): InitStep["entry"] {
  return path.reduceRight<InitStep["entry"]>((inner, key) => ({ [key]: inner }), entry);
}

function addTo(spec: ClientSpec, places: InitPlaces, dryRun: boolean): Outcome {
  const file = spec.file(places);
  const entry = spec.entry(places.launch);
  const exists = existsSync(file);
  const text = exists ? readText(file) : "";
  const found = readEntry(text, spec);
  if (found !== undefined && isSameEntry(found, entry)) {
    return { action: "unchanged", detail: "The entry is there already." };
  }
  const before = readRecord(places).find((one) => one.client === spec.id && one.file === file);
  const isOurs = before !== undefined && isSameEntry(found, before.entry);
  if (found !== undefined && !isOurs) {
    return { action: "left", detail: "It has an entry `cambium` that was not written by `cambium init`." };
  }
  const without = isOurs ? dropEntry(text, spec, before.entry, before.keepAround) : text;
  const added = addEntry(without, spec, entry);
  refuseProtected(file);
  if (!dryRun) {
    const { madeFile, keepAround } = isOurs
      ? before
      : { madeFile: !exists, keepAround: hasAround(text, spec) };
    // Remembered first: what was written and forgotten could not be undone.
    remember(places, { client: spec.id, file, entry, madeFile, keepAround });
    replaceFile(file, added);
  }
  return {
    action: isOurs ? "replaced" : "added",
    detail: dryRun ? "Not done: a dry run." : (spec.next ?? "Start the client again."),
  };
}

function removeFrom(spec: ClientSpec, written: Written, places: InitPlaces, dryRun: boolean): Outcome {
  const { file, entry, madeFile, keepAround } = written;
  const text = existsSync(file) ? readText(file) : undefined;
  const found = text === undefined ? undefined : readEntry(text, spec);
  if (text === undefined || found === undefined) {
    if (!dryRun) forget(places, written);
    return { action: "absent", detail: "The entry is gone already.", file };
  }
  if (!isSameEntry(found, entry)) {
    return { action: "left", detail: "The entry was changed since: remove it by hand.", file };
  }
  const rest = dropEntry(text, spec, entry, keepAround);
  refuseProtected(file);
  if (!dryRun) {
    if (madeFile && isBare(rest)) rmSync(file);
    else replaceFile(file, rest);
    forget(places, written);
  }
  return { action: "removed", detail: dryRun ? "Not done: a dry run." : "Start the client again.", file };
}

/** Throws `conflict` where writing it back would change bytes that are no UTF-8. */
function readText(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CambiumError(
      "conflict",
      "It is not written in UTF-8: mend it first, or add the entry by hand.",
    );
  }
}

/** A file can be replaced whatever its rights are, as the folder's count; who took the right to write it away meant it. */
function refuseProtected(file: string): void {
  const own = lstatSync(file, { throwIfNoEntry: false });
  if (own?.isSymbolicLink() && !existsSync(file)) {
    throw new CambiumError(
      "conflict",
      "It is a link to a file that is not there: make that file, or remove the link.",
    );
  }
  if (own !== undefined && (statSync(file).mode & 0o222) === 0) {
    throw new CambiumError("forbidden", "It is read-only: make it writable, or add the entry by hand.");
  }
}

/** In one step, so that a client never reads half of it; through a link to the file behind it, with the rights it has. */
function replaceFile(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const real = existsSync(file) ? realpathSync(file) : file;
  const mode = existsSync(real) ? statSync(real).mode & 0o777 : 0o600;
  const beside = `${real}.cambium-${process.pid}`;
  writeFileSync(beside, text, { mode });
  renameSync(beside, real);
}

const recordFile = ({ dataHome }: InitPlaces) => join(dataHome, "clients.json");

function readRecord(places: InitPlaces): Written[] {
  const file = recordFile(places);
  if (!existsSync(file)) return [];
  try {
    return recordSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const text = `${file} is damaged, so that it is not known what was written where. Move it away.`;
    throw new CambiumError("corrupt", text, error);
  }
}

function remember(places: InitPlaces, written: Written): void {
  replaceRecord(places, [...others(places, written), written]);
}

function forget(places: InitPlaces, written: Written): void {
  replaceRecord(places, others(places, written));
}

const others = (places: InitPlaces, { client, file }: Written) =>
  readRecord(places).filter((one) => one.client !== client || one.file !== file);

function replaceRecord(places: InitPlaces, written: readonly Written[]): void {
  mkdirSync(places.dataHome, { recursive: true, mode: 0o700 });
  replaceFile(recordFile(places), `${JSON.stringify(written, null, 2)}\n`);
}
