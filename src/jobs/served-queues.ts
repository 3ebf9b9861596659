/** Which queues a worker may serve: those there are, and for which it has a signing key where jobs are signed. */
import { CambiumError } from "../errors.ts";
import type { Sealer } from "./seal.ts";

/** All that are allowed where none are named. Throws `invalid_argument` or `forbidden`. */
export function servedQueues(
  known: readonly string[],
  wanted: readonly string[] | undefined,
  sealer: Sealer,
): readonly string[] {
  const unknown = wanted?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new CambiumError(
      "invalid_argument",
      `There is no queue ${JSON.stringify(unknown)}. Known: ${known.join(", ")}.`,
    );
  }
  const allowed = (wanted ?? known).filter((name) => sealer.mayServe(name));
  const refused = wanted?.find((name) => !sealer.mayServe(name));
  if (refused === undefined && allowed.length > 0) return allowed;
  throw new CambiumError(
    "forbidden",
    `No signing key here covers the queue "${refused ?? known.join('", "')}". Add one to CAMBIUM_SIGNING_KEYS, or serve other queues.`,
  );
}
