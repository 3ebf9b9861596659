/** Reads a small file that somebody else put there: git's, or an ignore file. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

const settingsBytesMax = 1024 * 1024;
/** A pipe or a terminal in its place would never come to an end; a link may lead out of the repository. */
const flags =
  constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/** The text of a settings file; undefined where there is none, or a link, a pipe or a huge file in its place. */
export function readSettings(path: string): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, flags);
    const stats = fstatSync(file);
    return stats.isFile() && stats.size <= settingsBytesMax ? readFileSync(file, "utf8") : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
