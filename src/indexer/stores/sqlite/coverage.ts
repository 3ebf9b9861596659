/** How much of a snapshot is in the index: counted by state, reason and language. */
import type { Coverage } from "../../store-care.ts";
import type { SkipReason } from "../../symbol.ts";
import type { IndexFile } from "./index-file.ts";

/** Inside a read transaction. */
export function coverageOf(file: IndexFile, snapshot: number): Coverage {
  const counts = file.get<Record<"files" | "indexed" | "pending" | "broken" | "astext", number>>(
    `SELECT count(*) AS files, count(file.blob) AS indexed, coalesce(sum(pending), 0) AS pending,
       coalesce(sum(parse_errors > 0), 0) AS broken,
       coalesce(sum(file.blob IS NOT NULL AND detail IS NOT NULL AND detail NOT LIKE 'masked:%'), 0) AS astext
     FROM file LEFT JOIN blob ON blob.id = file.blob WHERE snapshot = ? AND gone = 0`,
    snapshot,
  );
  const { files = 0, indexed = 0, pending = 0, broken = 0, astext = 0 } = counts ?? {};
  return {
    ...{ files, indexed, pending, withParseErrors: broken, asText: astext },
    skipped: file.all<{ reason: SkipReason; files: number }>(
      `SELECT reason, count(*) AS files FROM file WHERE snapshot = ? AND gone = 0 AND reason IS NOT NULL
       GROUP BY reason ORDER BY files DESC, reason`,
      snapshot,
    ),
    languages: file
      .all<{ language: string; files: number; bytes: number; symbols: number; broken: number }>(
        `SELECT language, count(*) AS files, sum(bytes) AS bytes, sum(symbols) AS symbols, sum(parse_errors > 0) AS broken
         FROM file JOIN blob ON blob.id = file.blob WHERE snapshot = ? AND gone = 0
         GROUP BY language ORDER BY bytes DESC, language`,
        snapshot,
      )
      .map(({ broken: withParseErrors, ...rest }) => ({ ...rest, withParseErrors })),
  };
}
