/** Waiting for a task while its store is restarted: the waiting goes on, and says what it waits for. */
import { PassThrough } from "node:stream";
import { afterEach, expect, it } from "vitest";
import { kinds } from "../../test/fixtures/jobs-harness.ts";
import { serve } from "../../test/fixtures/jobs-serve.ts";
import { type OwnServer, startRedis } from "../../test/fixtures/start-stores.ts";
import { missingStore } from "../../test/fixtures/stores.ts";
import { until } from "../../test/fixtures/until.ts";
import { openTaskFront } from "../jobs/queue.ts";
import { openTaskStore } from "../task-store.ts";
import { type CliRoot, runCli } from "./cli.ts";
import type { ToolDeps } from "./tool.ts";

let redis: OwnServer | undefined;
afterEach(() => redis?.stop());

it.skipIf(missingStore("redis") !== undefined)(
  "goes on waiting when the store is away for a moment",
  async () => {
    redis = await startRedis(["--appendfsync", "always"]);
    const store = openTaskStore(redis.url, "");
    const tasks = openTaskFront({ connection: store, kinds });
    const { task } = await tasks.enqueue({ kind: "echo", args: { value: 1 } });
    const close = async () => {
      await tasks.close();
      await store.close();
    };
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    let err = "";
    stderr.on("data", (chunk: Buffer) => {
      err += chunk.toString();
    });
    const io = { stdout, stderr, noColor: true, signal: new AbortController().signal };
    const open = async () => ({ tasks, close }) as unknown as ToolDeps;
    const root = { version: "1", settings: {}, open } as unknown as CliRoot;
    const code = runCli(["task", task.task_id, "--wait", "--json"], io, root);
    await until("it waits", () => err.includes("waiting for a worker"));
    await redis.kill();
    await until(
      "it says so",
      () => err.includes("waiting for the task store, which does not answer"),
      30_000,
    );
    redis = await startRedis(["--appendfsync", "always"], redis);
    const other = openTaskStore(redis.url, "");
    const served = serve(other);
    expect({ code: await code, err }).toMatchObject({ code: 0 });
    expect(JSON.parse(String(stdout.read()))).toMatchObject({ state: "SUCCESS", result: { value: 1 } });
    await served.close();
    await other.close();
  },
);
