/** Opening a Redis: what is refused before a task is entrusted to it, how failures are told, and coming back. */
import { Worker } from "bullmq";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { keepOpened } from "../../../test/fixtures/opened.ts";
import { startRedis } from "../../../test/fixtures/start-stores.ts";
import { freshStore, missingStore } from "../../../test/fixtures/stores.ts";
import { until } from "../../../test/fixtures/until.ts";
import { openRedisStore } from "./redis.ts";
import { readRedisPlace } from "./redis-place.ts";

const missing = missingStore("redis");

const { open, openQueue, later } = keepOpened(openRedisStore);

async function serve(...more: string[]) {
  const server = await startRedis(more);
  later(() => server.stop());
  return server;
}

describe("a URL", () => {
  it("names the server, the user, the database and the prefix", () => {
    const place = readRedisPlace("rediss://al:p%40ss@cache.example:6380/3?prefix=mine");
    expect(place.prefix).toBe("mine");
    expect(place.shown).toBe("cache.example:6380/3");
    expect(place.server).toMatchObject({
      host: "cache.example",
      port: 6380,
      db: 3,
      username: "al",
      password: "p@ss",
      tls: { servername: "cache.example" },
    });
    expect(readRedisPlace("redis://localhost")).toMatchObject({
      prefix: "cambium",
      shown: "localhost:6379/0",
    });
    expect(readRedisPlace("redis://[::1]:7000").server.host).toBe("::1");
  });

  it.each([
    ["redis://user:secret@host/name", /database of a Redis is a number/],
    ["redis://user:secret@host/1?prefix=a b", /prefix may have/],
    ["redis://user:secret@host/1?family=6", /no option "family"/],
    ["redis://user:secret@host:port", /no URL/],
  ])("%s is refused without its password", (url, reason) => {
    expect(() => openRedisStore(url)).toThrow(reason);
    expect(() => openRedisStore(url)).not.toThrow(/secret/);
  });
});

describe.skipIf(missing !== undefined)(`a server${missing ?? ""}`, () => {
  it("with an append-only file is trusted", async () => {
    const { url, drop } = freshStore("redis");
    later(drop);
    expect(await open(url).check()).toEqual([]);
  });

  it("that throws keys away when it is full is refused, with the reason and the remedy", async () => {
    const server = await serve("--maxmemory-policy", "allkeys-lru");
    const refused = {
      code: "conflict",
      message: expect.stringMatching(/allkeys-lru.*CONFIG SET maxmemory-policy noeviction/),
    };
    const store = open(server.url);
    await expect(store.check()).rejects.toMatchObject(refused);
    const queue = openQueue(store);
    await expect(queue.add("n", {})).rejects.toMatchObject(refused);
    expect(await queue.getWaitingCount()).toBe(0);
  });

  it("that could, or keeps nothing on disk, is warned of", async () => {
    const server = await serve("--maxmemory-policy", "volatile-ttl", "--appendonly", "no");
    const warnings = await open(server.url).check();
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/volatile-ttl/);
    expect(warnings[1]).toMatch(/appendonly yes/);
  });

  it("that is full refuses a job and keeps those it took", async () => {
    const server = await serve("--maxmemory", "3mb");
    const queue = openQueue(open(server.url));
    const data = { text: "x".repeat(50_000) };
    let taken = 0;
    const fill = async () => {
      for (; taken < 1000; taken += 1) await queue.add("n", data);
    };
    await expect(fill()).rejects.toMatchObject({
      code: "exhausted",
      message: expect.stringContaining("OOM"),
    });
    expect(await queue.getWaitingCount()).toBe(taken);
  });

  it("tells wrong passwords and missing rights apart, and never a password", async () => {
    const server = await serve("--requirepass", "right");
    const at = (user: string) => `redis://${user}@127.0.0.1:${server.port}`;
    const wrong = await open(at(":wrong"))
      .check()
      .catch((error: Error) => error);
    expect(wrong).toMatchObject({ code: "forbidden", message: expect.stringMatching(/refuses the user/) });
    expect(String(wrong)).not.toContain("wrong");
    await expect(open(server.url).check()).rejects.toMatchObject({ code: "forbidden" });
    const admin = new Redis(at(":right"));
    await admin.call("ACL", "SETUSER", "reader", "on", ">some", "~*", "+@read", "+info", "+ping");
    await admin.call("ACL", "SETUSER", "tenant", "on", ">some", "~mine:*", "+@all");
    await admin.quit();
    expect(await open(at(":right")).check()).toEqual([]);
    const reader = openQueue(open(at("reader:some")));
    await expect(reader.add("n", {})).rejects.toMatchObject({ code: "forbidden" });
    const tenant = openQueue(open(`${at("tenant:some")}?prefix=mine`));
    await tenant.add("n", {});
    expect(await tenant.getWaitingCount()).toBe(1);
    const strayed = openQueue(open(`${at("tenant:some")}?prefix=other`));
    await expect(strayed.add("n", {})).rejects.toMatchObject({ code: "forbidden" });
  });

  it("that is away is told within seconds, with its place; and its return is noticed by itself", async () => {
    const first = await serve();
    await first.kill();
    const store = open(first.url);
    const queue = openQueue(store);
    const begin = performance.now();
    const away = { code: "unavailable", message: expect.stringContaining(`127.0.0.1:${first.port}/0`) };
    await expect(store.check()).rejects.toMatchObject(away);
    await expect(queue.add("n", {})).rejects.toMatchObject(away);
    expect(performance.now() - begin).toBeLessThan(30_000);
    let server = await startRedis([], first);
    later(() => server.stop());
    await until("the front is back", () => queue.add("n", {}).catch(() => undefined));

    const done: string[] = [];
    const worker = new Worker(
      "q",
      async (job) => done.push(String(job.id)),
      { connection: store.connection, drainDelay: 1 },
      store.backend,
    );
    worker.on("error", () => {});
    later(() => worker.close());
    await until("the first job is done", () => done.length === 1);
    await server.kill();
    await expect(queue.add("n", {})).rejects.toMatchObject(away);
    server = await startRedis([], first);
    await until("the front is back again", () => queue.add("n", {}).catch(() => undefined));
    await until("the worker is back", () => done.length === 2);
  });
});
