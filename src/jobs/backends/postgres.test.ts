/** Opening a PostgreSQL: its schema, what is refused, how failures are told, and coming back. */
import { Worker } from "bullmq";
import { Client } from "pg";
import { describe, expect, inject, it } from "vitest";
import { keepOpened } from "../../../test/fixtures/opened.ts";
import { startPostgres } from "../../../test/fixtures/start-stores.ts";
import { freshStore, missingStore } from "../../../test/fixtures/stores.ts";
import { until } from "../../../test/fixtures/until.ts";
import { openPostgresStore } from "./postgres.ts";
import { readPostgresPlace } from "./postgres-place.ts";

const missing = missingStore("postgres");

const { open, openQueue, later } = keepOpened(openPostgresStore);

describe("a URL", () => {
  it("names the server and the schema", () => {
    const place = readPostgresPlace("postgres://al:p%40ss@db.example/tasks?schema=mine&sslmode=require");
    expect(place).toMatchObject({ schema: "mine", shown: "db.example:5432/tasks" });
    expect(place.connectionString).toBe("postgres://al:p%40ss@db.example/tasks?sslmode=require");
    expect(readPostgresPlace("postgresql://localhost/tasks").schema).toBe("cambium");
  });

  it.each([
    ["postgres://user:secret@host/x?schema=A-b", /schema may have/],
    ["postgres://user:secret@host:port/x", /no URL/],
  ])("%s is refused without its password", (url, reason) => {
    expect(() => openPostgresStore(url)).toThrow(reason);
    expect(() => openPostgresStore(url)).not.toThrow(/secret/);
  });
});

describe.skipIf(missing !== undefined)(`a server${missing ?? ""}`, () => {
  const fresh = () => {
    const { url, drop } = freshStore("postgres");
    later(drop);
    return url;
  };

  it("asks again what the server ended to resolve a deadlock", async () => {
    const url = fresh();
    const queue = openQueue(open(url));
    await queue.add("first", {});
    const place = readPostgresPlace(url);
    const client = new Client({ connectionString: place.connectionString });
    await client.connect();
    await client.query(`
      SET search_path TO ${place.schema};
      CREATE SEQUENCE turn;
      CREATE FUNCTION fail_twice() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF nextval('turn') <= 2 THEN RAISE deadlock_detected; END IF;
          RETURN NEW;
        END $$;
      CREATE TRIGGER fail_twice BEFORE INSERT ON job FOR EACH ROW EXECUTE FUNCTION fail_twice();
    `);
    await client.end();
    await queue.add("second", {});
    expect((await queue.getJobs(["waiting"])).map(({ name }) => name).sort()).toEqual(["first", "second"]);
  });

  it("gets its schema from whoever comes first, also when many come together", async () => {
    const url = fresh();
    const answers = await Promise.all(Array.from({ length: 6 }, () => open(url).check()));
    expect(answers).toEqual(Array.from({ length: 6 }, () => []));
    const queue = openQueue(open(url));
    await queue.add("n", {});
    expect(await queue.getWaitingCount()).toBe(1);
  });

  it("of a newer schema is refused and left alone", async () => {
    const url = fresh();
    await open(url).check();
    const schema = new URL(url).searchParams.get("schema");
    const client = new Client({ connectionString: inject("postgresServer").url });
    await client.connect();
    await client.query(`UPDATE "${schema}".migration SET min_client_version = 99`);
    await client.end();
    await expect(open(url).check()).rejects.toMatchObject({ code: "conflict" });
    await expect(openQueue(open(url)).add("n", {})).rejects.toMatchObject({ code: "conflict" });
  });

  it("tells a missing database, missing rights and an absent server apart", async () => {
    const url = new URL(fresh());
    const elsewhere = new URL(url);
    elsewhere.pathname = "/no_such_database";
    await expect(open(elsewhere.href).check()).rejects.toMatchObject({
      code: "invalid_argument",
      message: expect.stringMatching(/createdb/),
    });
    const role = `r${url.searchParams.get("schema")}`;
    const client = new Client({ connectionString: inject("postgresServer").url });
    await client.connect();
    later(() => client.end());
    await client.query(`CREATE ROLE "${role}" LOGIN PASSWORD 'some'`);
    later(() => client.query(`DROP ROLE "${role}"`));
    const stranger = new URL(url);
    stranger.username = role;
    stranger.password = "some";
    await expect(open(stranger.href).check()).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringMatching(/CREATE SCHEMA/),
    });
    const nobody = new URL(url);
    nobody.username = "nobody_at_all";
    await expect(open(nobody.href).check()).rejects.toMatchObject({ code: "forbidden" });
    const away = new URL(url);
    away.port = "1";
    away.password = "secret";
    const failure = await open(away.href)
      .check()
      .catch((error: Error) => error);
    expect(failure).toMatchObject({ code: "unavailable", message: expect.stringContaining(":1/") });
    expect(String(failure)).not.toContain("secret");
  });

  it("that went away is told of, and its return is noticed by itself", async () => {
    let server = await startPostgres();
    later(() => server.stop());
    const store = open(server.url);
    const queue = openQueue(store);
    await queue.add("n", {});
    const done: string[] = [];
    const worker = new Worker(
      "q",
      async (job) => done.push(String(job.id)),
      { connection: store.connection, drainDelay: 1, runRetryDelay: 1000 },
      store.backend,
    );
    worker.on("error", () => {});
    later(() => worker.close());
    await until("the first job is done", () => done.length === 1);
    await server.kill();
    await expect(queue.add("n", {})).rejects.toMatchObject({ code: "unavailable" });
    server = await startPostgres(server);
    await until("the front is back", () => queue.add("n", {}).catch(() => undefined));
    await until("the worker is back", () => done.length === 2);
  });
});
