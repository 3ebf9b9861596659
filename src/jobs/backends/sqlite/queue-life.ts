/** The life of a queue backend: its names, its end, and its waiting for jobs and events. */
import { EventEmitter } from "node:events";
import type { KeysMap, StreamReadRaw } from "bullmq";
import { lookForJob } from "./claim.ts";
import { listClients, registerClient, unregisterClient } from "./clients.ts";
import { cursorOf, lookForEvents } from "./events.ts";
import type { QueueAccess } from "./queue-access.ts";
import { keysOf } from "./settings.ts";

/** A worker takes jobs, a reader reads events; both are listed while they live. */
export type BackendKind = "producer" | "worker" | "reader";

export class QueueLife extends EventEmitter {
  readonly access: QueueAccess;
  readonly name: string;
  readonly qualifiedName: string;
  readonly keys: KeysMap;
  readonly minimumBlockTimeout = 0.001;
  /** The wait itself knows when the next delayed job is due, so that it need not be short. */
  readonly maximumBlockTimeout = 60;
  closing: Promise<void> | undefined;
  #waiting = new AbortController();
  #client: Promise<number> | undefined;
  /** What `$` means to a reader: events since this object was made. */
  #newest: number | undefined;

  constructor(access: QueueAccess, name: string, kind: BackendKind) {
    super();
    this.setMaxListeners(0);
    this.access = access;
    this.name = name;
    this.qualifiedName = access.qualifiedName;
    this.keys = keysOf(this.qualifiedName);
    if (kind === "reader") this.#newest = access.store.peek((sql) => cursorOf(sql, this.qualifiedName, "$"));
    const worker = access.opts.name;
    if (kind === "worker") void this.setName(this.clientName(worker === undefined ? "" : `:w:${worker}`));
  }

  waitUntilReady(): Promise<void> {
    return this.access.store.read(() => undefined);
  }

  close(): Promise<void> {
    this.closing ??= this.#end();
    return this.closing;
  }

  async #end(): Promise<void> {
    this.#waiting.abort();
    const client = await this.#client?.catch(() => undefined);
    if (client !== undefined)
      await this.access.store.write((change) => unregisterClient(change, client)).catch(() => {});
    await this.access.store.settle();
    this.emit("close");
  }

  async disconnect(): Promise<void> {
    this.#waiting.abort();
  }

  async disconnectBlocking(): Promise<void> {
    this.#waiting.abort();
  }

  async reconnectBlocking(): Promise<void> {
    if (this.#waiting.signal.aborted && this.closing === undefined) this.#waiting = new AbortController();
  }

  async setName(name: string): Promise<void> {
    this.#client ??= this.access.store.write((change) => registerClient(change, name));
    // Only a list for people depends on it.
    await this.#client.catch(() => {});
  }

  toKey(type: string): string {
    return `${this.qualifiedName}:${type}`;
  }

  parseNodeKey(key: string): { prefix: string; queueName: string; id: string } {
    const parts = key.split(":");
    const id = parts.pop() ?? "";
    const queueName = parts.pop() ?? "";
    return { prefix: parts.join(":"), queueName, id };
  }

  clientName(suffix = ""): string {
    return `${this.access.opts.prefix ?? "bull"}:${Buffer.from(this.name).toString("base64")}${suffix}`;
  }

  async getClientList(): Promise<string[]> {
    return [await this.access.store.read(listClients)];
  }

  waitForJob(blockTimeout: number): Promise<{ member: string; score: number } | null> {
    const { store, qualifiedName } = this.access;
    const look = () => store.peek((sql) => lookForJob(sql, qualifiedName));
    return store.watch.wait(qualifiedName, look, blockTimeout * 1000, this.#waiting.signal);
  }

  async readEvents(id: string, blockTimeout: number): Promise<StreamReadRaw> {
    const { store, qualifiedName } = this.access;
    const from = id === "$" ? this.#newest : undefined;
    const after = from ?? (await store.read((sql) => cursorOf(sql, qualifiedName, id)));
    const look = () => store.peek((sql) => lookForEvents(sql, qualifiedName, after));
    return store.watch.wait(qualifiedName, look, blockTimeout, this.#waiting.signal);
  }
}
