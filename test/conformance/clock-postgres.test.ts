/** The clock's suite on postgres: on a server of its own, as a worker holds some twenty connections. */
import { afterAll, beforeAll } from "vitest";
import { usePostgres } from "../clock/test-store.ts";
import { type OwnServer, startPostgres } from "../fixtures/start-stores.ts";
import { missingStore } from "../fixtures/stores.ts";
import { describeClock } from "./clock/suite.ts";

let server: OwnServer | undefined;
beforeAll(async () => {
  if (missingStore("postgres") !== undefined) return;
  server = await startPostgres();
  usePostgres(server.url);
});
afterAll(() => server?.stop());

describeClock("postgres");
