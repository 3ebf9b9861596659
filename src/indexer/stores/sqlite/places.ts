/** Which index file and which row of it a repository is: the names and roots of all snapshots of a folder. */
import { CambiumError, toFailure } from "../../../errors.ts";
import type { Catalogue } from "./catalogue.ts";
import type { IndexFile } from "./index-file.ts";

export interface SnapshotRow {
  readonly id: number;
  readonly root: string;
  readonly name: string;
  readonly state: string;
  readonly generation: number;
  readonly run: string | null;
  readonly started_at: string | null;
  readonly indexed_at: string | null;
  readonly head: string | null;
  readonly total: number;
  readonly pending: number;
  readonly files: number;
  readonly skipped: number;
  readonly bytes: number;
  readonly symbols: number;
  readonly uses: number;
  readonly chunks: number;
  readonly reused: number;
  readonly refused_rules: string;
  readonly scanned_ms: number;
  readonly used_ms: number;
}

export interface Place {
  readonly file: IndexFile;
  readonly snapshot: SnapshotRow;
}

function snapshotsOf(file: IndexFile): SnapshotRow[] {
  return file.read(() => file.all<SnapshotRow>("SELECT * FROM snapshot ORDER BY id"));
}

export function allPlaces(catalogue: Catalogue): Place[] {
  return catalogue.files().flatMap((file) => snapshotsOf(file).map((snapshot) => ({ file, snapshot })));
}

/** Throws `not_found`, or why a file cannot be read that might hold the repository. */
export function findPlace(catalogue: Catalogue, repository: string): Place {
  const places = allPlaces(catalogue);
  const place = places.find(({ snapshot }) => snapshot.name === repository);
  if (place !== undefined) return place;
  throwDamage(catalogue, repository);
  const names = places.map(({ snapshot }) => snapshot.name).sort();
  const known = names.length === 0 ? "No repository is indexed yet." : `Known: ${names.join(", ")}.`;
  throw new CambiumError("not_found", `There is no repository "${repository}" in the index. ${known}`);
}

/** A file that cannot be read might hold the repository that is missed: saying only "not found" would mislead. */
export function throwDamage(catalogue: Catalogue, repository: string): void {
  const failure = catalogue.failure();
  if (failure === undefined) return;
  const { code, message } = toFailure(failure);
  const advice =
    code === "corrupt"
      ? ` If it holds "${repository}", index that repository again, which rebuilds it, or remove it by its folder.`
      : "";
  throw new CambiumError(code, message + advice, failure);
}
