/** The ledger and the vectors on SQLite: one file for all repositories, so that nothing is bought twice for a copy. */
import type { EmbeddingModel } from "../../embedder.ts";
import type { EmbeddingLedger, ModelCost } from "../../embedding-ledger.ts";
import type { VectorIndex } from "../../vector-index.ts";
import { LedgerFile } from "./ledger-file.ts";
import { NearestVectors } from "./nearest.ts";
import { dropChunks, knownChunks, planBlobs, readBatch, splitBatch, standingOf } from "./plan.ts";
import { claimSend, postponeSend, roundDollars, type Senders, settleSend } from "./sends.ts";
import { findSpace, findTrained, keepSpace } from "./spaces.ts";

/** Where nobody can tell, a request is over when its time is. */
const untold: Senders = { own: "", isDead: () => false };

/** `now` in ms since 1970. */
export function openSqliteLedger(
  path: string,
  now: () => number = Date.now,
  senders = untold,
): EmbeddingLedger & VectorIndex {
  const file = new LedgerFile(path);
  const vectors = new NearestVectors(file);
  return {
    plan: (model, blobs, size) => planBlobs(file, model, blobs, size),
    standing: (model, blobs) => standingOf(file, model, blobs),
    batch: (id) => file.read(() => readBatch(file, id)),
    claim: (batch, owner, order) => claimSend(file, batch, owner, order, now(), senders),
    settle: (send, outcomes, tokens) => settleSend(file, send, outcomes, tokens, now()),
    postpone: (send, why) => postponeSend(file, send, why, now()),
    split: (batch) => splitBatch(file, batch),
    drop: (batch, ids) => dropChunks(file, batch, ids),
    known: (model, keys) => knownChunks(file, model, keys),
    bytesPerToken: (model) => bytesPerToken(file, model),
    publish: (repository, model) => publish(file, repository, model),
    published: (repository) => published(file, repository),
    remaining: (model) => remaining(file, model),
    trained: (repository) => findTrained(file, repository),
    space: (model) => findSpace(file, model),
    keepSpace: (repository, trained, packed) => keepSpace(file, repository, trained, packed),
    costs: () => file.read(() => readCosts(file)),
    nearest: (model, scope, query, limit) => vectors.nearest(model, scope, query, limit),
    close: () => file.close(),
  };
}

function bytesPerToken(file: LedgerFile, model: EmbeddingModel): number | undefined {
  const id = file.findModel(model);
  if (id === undefined) return undefined;
  const row = file.get<{ n: number | null }>("SELECT bytes_per_token AS n FROM model WHERE id = ?", id);
  return row?.n ?? undefined;
}

function publish(file: LedgerFile, repository: string, model: EmbeddingModel): void {
  file.write(() => {
    const id = file.makeModel(model);
    const sql =
      "INSERT INTO published (repository, model) VALUES (?, ?) ON CONFLICT DO UPDATE SET model = excluded.model";
    file.run(sql, repository, id);
  });
}

function published(file: LedgerFile, repository: string): EmbeddingModel | undefined {
  return file.get<EmbeddingModel>(
    `SELECT provider, name, dimensions FROM published JOIN model ON model.id = published.model WHERE repository = ?`,
    repository,
  );
}

function readCosts(file: LedgerFile): ModelCost[] {
  return file
    .all<Record<string, number> & { provider: string; name: string }>("SELECT * FROM model ORDER BY id")
    .map((row) => {
      const id = row["id"] ?? 0;
      const count = (sql: string) => file.get<{ n: number }>(sql, id)?.n ?? 0;
      return {
        model: { provider: row.provider, name: row.name, dimensions: row["dimensions"] ?? 0 },
        vectors: count("SELECT count(*) AS n FROM code WHERE model = ?"),
        withheld: count("SELECT count(*) AS n FROM vector WHERE model = ? AND withheld IS NOT NULL"),
        requests: row["requests"] ?? 0,
        tokens: row["tokens"] ?? 0,
        queryTokens: row["query_tokens"] ?? 0,
        lostRequests: row["lost_requests"] ?? 0,
        lostTokens: row["lost_tokens"] ?? 0,
        dollars: roundDollars(row["dollars"] ?? 0),
        openRequests: count("SELECT count(*) AS n FROM send WHERE model = ? AND ended IS NULL"),
      };
    });
}

function remaining(file: LedgerFile, model: EmbeddingModel): number {
  const id = file.findModel(model);
  if (id === undefined) return 0;
  const sql =
    "SELECT count(*) AS n FROM vector INDEXED BY vector_batch WHERE batch IS NOT NULL AND model = ?";
  return file.get<{ n: number }>(sql, id)?.n ?? 0;
}
