/** The words of a file's path in the full text, so that a file is found by its name. */
import { indexTokens } from "../../tokenize.ts";
import type { IndexFile } from "./index-file.ts";

export function insertPlace(file: IndexFile, id: number, path: string): void {
  const slash = path.lastIndexOf("/");
  file.run(
    "INSERT INTO place (rowid, name, folder) VALUES (?, ?, ?)",
    id,
    indexTokens(path.slice(slash + 1)),
    indexTokens(path.slice(0, Math.max(0, slash))),
  );
}
