/** A fresh store of each sort for one test, open in this process. */
import { randomBytes } from "node:crypto";
import { openTaskStore } from "../../src/task-store.ts";
import { dropStore, type FreshStore, freshStore, type StoreKind } from "../fixtures/stores.ts";

export type StoreName = StoreKind;

export interface TestStore {
  readonly url: string;
  readonly store: ReturnType<typeof openTaskStore>;
  close(): Promise<void>;
}

let postgresUrl: string | undefined;

/** For the rest of this test file: a PostgreSQL that lets in more connections than one usually does. */
export function usePostgres(url: string): void {
  postgresUrl = url;
}

function freshPostgres(server: string): FreshStore {
  const url = `${server}?schema=t${randomBytes(8).toString("hex")}`;
  return { url, drop: () => dropStore(url) };
}

/** By default in the server that all tests share. */
export async function openTestStore(name: StoreName, given?: FreshStore): Promise<TestStore> {
  const own = name === "postgres" && postgresUrl !== undefined ? freshPostgres(postgresUrl) : undefined;
  const fresh = given ?? own ?? freshStore(name);
  const store = openTaskStore(fresh.url, "");
  await store.check();
  const close = async () => {
    await store.close();
    await fresh.drop();
  };
  return { url: fresh.url, store, close };
}
