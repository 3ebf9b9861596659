/** The processes of a throw-away data folder, by the environment that they were started with (Linux only). */
import { readdirSync, readFileSync } from "node:fs";

/** Ids of those whose command line fits `kind` and whose environment has `marker` in it, as text. */
export function processesWith(marker, kind) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => kind.test(readProc(pid, "cmdline")) && readProc(pid, "environ").includes(marker));
}

/** A file of a process; empty for one that has ended, or is another user's. */
export function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}
