/** The live worker processes of a data folder, as rows beside its jobs. */

import { isDead, ownIdentity, ownOwner, parseOwner } from "../../process-identity.ts";
import type { JsonObject } from "../../task.ts";
import { takenName, type WorkerKind, type WorkerRecord, type WorkerRegistry } from "../../worker-registry.ts";
import type { Statements } from "./change.ts";
import type { QueueStore } from "./store.ts";

const silentAfterMs = 15_000;

interface WorkerRow {
  readonly id: string;
  readonly kind: WorkerKind;
  readonly host: string;
  readonly pid: number;
  readonly owner: string;
  readonly started_at: number;
  readonly heartbeat_at: number;
  readonly info: string;
}

function findAlive(sql: Statements, now: number): WorkerRow[] {
  return sql
    .all<WorkerRow>("SELECT * FROM worker ORDER BY started_at, id")
    .filter((row) => row.heartbeat_at > now - silentAfterMs && !isDead(parseOwner(row.owner)));
}

function toRecord(row: WorkerRow): WorkerRecord {
  return {
    id: row.id,
    kind: row.kind,
    host: row.host,
    pid: row.pid,
    startedAt: row.started_at,
    heartbeatAt: row.heartbeat_at,
    info: JSON.parse(row.info) as JsonObject,
  };
}

export class SqliteWorkerRegistry implements WorkerRegistry {
  readonly #store: QueueStore;

  constructor(store: QueueStore) {
    this.#store = store;
  }

  announce(worker: {
    readonly id: string;
    readonly kind: WorkerKind;
    readonly info: JsonObject;
  }): Promise<boolean> {
    return this.#store.write((change) => {
      const alive = findAlive(change.sql, change.now);
      const isDetached = (row: WorkerRow) => row.kind === "detached" && row.id !== worker.id;
      if (worker.kind === "detached" && alive.some(isDetached)) return false;
      const name = worker.info["name"];
      const rival = alive.find((row) => row.id !== worker.id && toRecord(row).info["name"] === name);
      if (typeof name === "string" && rival !== undefined) throw takenName(name, rival);
      const kept = JSON.stringify(alive.map((row) => row.id));
      change.sql.run("DELETE FROM worker WHERE id NOT IN (SELECT value FROM json_each(?))", kept);
      change.sql.run(
        `INSERT OR REPLACE INTO worker(id, kind, host, pid, owner, started_at, heartbeat_at, info)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[worker.id, worker.kind, ownIdentity.host, ownIdentity.pid, ownOwner],
        ...[alive.find((row) => row.id === worker.id)?.started_at ?? change.now, change.now],
        JSON.stringify(worker.info),
      );
      return true;
    });
  }

  heartbeat(id: string, info?: JsonObject): Promise<boolean> {
    const told = info === undefined ? null : JSON.stringify(info);
    return this.#store.write(
      (change) =>
        change.sql.run(
          "UPDATE worker SET heartbeat_at = ?, info = coalesce(?, info) WHERE id = ? AND owner = ?",
          ...[change.now, told, id, ownOwner],
        ) > 0,
    );
  }

  async withdraw(id: string): Promise<void> {
    await this.#store.write((change) => change.sql.run("DELETE FROM worker WHERE id = ?", id));
  }

  alive(): Promise<WorkerRecord[]> {
    return this.#store.read((sql) => findAlive(sql, Date.now()).map(toRecord));
  }
}
