/** Who this process is, and whether another one still runs: a process id alone may have been given to a new process. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

export interface ProcessIdentity {
  /** The machine, or the container whose process ids these are. */
  readonly host: string;
  readonly pid: number;
  /** Changes with every process that gets the same id, and with every boot; empty where the system does not tell. */
  readonly start: string;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

function readNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

const boot = process.platform === "linux" ? readText("/proc/sys/kernel/random/boot_id") : "";

/** Undefined if no such process runs; `unknown` where it cannot be read, for example because no file handle is left. */
function readStart(pid: number): string | "unknown" | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ESRCH" ? undefined : "unknown";
  }
  // Fields after the command name, which is in brackets and may contain anything; the first is the state.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A killed process stays as a zombie (Z) until its parent has noticed.
  if (fields[0] === "Z" || fields[0] === "X") return undefined;
  return fields[19] === undefined ? "unknown" : `${boot} ${fields[19]}`;
}

/** Empty where it cannot be read: then only the process id counts. */
function readOwnStart(): string {
  const start = process.platform === "linux" ? readStart(process.pid) : undefined;
  return start === undefined || start === "unknown" ? "" : start;
}

export const ownIdentity: ProcessIdentity = {
  host: `${hostname()} ${readNamespace()}`.trim(),
  pid: process.pid,
  start: readOwnStart(),
};

/** The form in which an identity is stored. */
export const ownOwner = JSON.stringify([ownIdentity.host, ownIdentity.pid, ownIdentity.start]);

export function parseOwner(owner: string): ProcessIdentity {
  const [host, pid, start] = JSON.parse(owner) as [string, number, string];
  return { host, pid, start };
}

/** True only if the process certainly has ended; one of another host is never known to be dead. */
export function isDead(identity: ProcessIdentity): boolean {
  if (identity.host !== ownIdentity.host) return false;
  if (identity.start !== "") {
    const start = readStart(identity.pid);
    return start !== "unknown" && start !== identity.start;
  }
  try {
    process.kill(identity.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
