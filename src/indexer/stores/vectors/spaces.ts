/** Models that were made on this machine, beside the vectors that were made in them. */
import type { EmbeddingModel } from "../../embedder.ts";
import type { TrainedSpace } from "../../embedding-ledger.ts";
import type { LedgerFile } from "./ledger-file.ts";

export function findTrained(file: LedgerFile, repository: string): TrainedSpace | undefined {
  const row = file.get<EmbeddingModel & { readonly chunks: number }>(
    "SELECT provider, name, dimensions, chunks FROM trained JOIN model ON model.id = trained.model WHERE repository = ?",
    repository,
  );
  if (row === undefined) return undefined;
  const { chunks, ...model } = row;
  return { model, chunks };
}

export function findSpace(file: LedgerFile, model: EmbeddingModel): Buffer | undefined {
  const id = file.findModel(model);
  if (id === undefined) return undefined;
  return file.get<{ packed: Buffer }>("SELECT packed FROM space WHERE model = ?", id)?.packed;
}

export function keepSpace(
  file: LedgerFile,
  repository: string,
  { model, chunks }: TrainedSpace,
  packed: Buffer,
): void {
  file.write(() => {
    const id = file.makeModel(model);
    file.run("INSERT INTO space (model, packed) VALUES (?, ?) ON CONFLICT DO NOTHING", id, packed);
    file.run(
      "INSERT OR REPLACE INTO trained (repository, model, chunks) VALUES (?, ?, ?)",
      repository,
      id,
      chunks,
    );
  });
}

/** Those that no repository is asked or planned with any more. */
export function leftSpaces(file: LedgerFile): ReadonlySet<number> {
  const rows = file.all<{ model: number }>(
    "SELECT model FROM space WHERE model NOT IN (SELECT model FROM published) AND model NOT IN (SELECT model FROM trained)",
  );
  return new Set(rows.map(({ model }) => model));
}

/** Inside a write transaction: a space whose last vectors went goes too, and nobody asks with it any more. */
export function forgetEmptySpaces(file: LedgerFile, models: ReadonlySet<number>): void {
  for (const model of models) {
    if (file.get("SELECT 1 FROM mapped WHERE model = ? LIMIT 1", model) !== undefined) continue;
    if (file.run("DELETE FROM space WHERE model = ?", model) === 0) continue;
    file.run("DELETE FROM trained WHERE model = ?", model);
    file.run("DELETE FROM published WHERE model = ?", model);
  }
}
