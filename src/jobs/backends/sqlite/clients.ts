/** Who listens to the queues: the list behind BullMQ's `getWorkers`, one row for each worker or event reader. */

import { isDead, ownOwner, parseOwner } from "../../process-identity.ts";
import type { Change, Statements } from "./change.ts";

interface ClientRow {
  readonly id: number;
  readonly name: string;
  readonly owner: string;
  readonly since: number;
}

const all = "SELECT id, name, owner, since FROM client ORDER BY id";

export function registerClient(change: Change, name: string): number {
  for (const row of change.sql.all<ClientRow>(all)) {
    if (isDead(parseOwner(row.owner))) unregisterClient(change, row.id);
  }
  const text = "INSERT INTO client(name, owner, since) VALUES (?, ?, ?) RETURNING id";
  return change.sql.one<{ id: number }>(text, name, ownOwner, change.now)?.id ?? 0;
}

export function unregisterClient(change: Change, id: number): void {
  change.sql.run("DELETE FROM client WHERE id = ?", id);
}

/** One line for each, in the form of Redis's `CLIENT LIST`, which BullMQ takes apart. */
export function listClients(sql: Statements): string {
  const alive = sql.all<ClientRow>(all).filter((row) => !isDead(parseOwner(row.owner)));
  const ageOf = (row: ClientRow) => Math.max(0, Math.round((Date.now() - row.since) / 1000));
  return alive
    .map((row) => `id=${row.id} addr=pid:${parseOwner(row.owner).pid} name=${row.name} age=${ageOf(row)}`)
    .join("\n");
}
