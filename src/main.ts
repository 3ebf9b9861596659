#!/usr/bin/env node
/** Opens what the settings ask for and joins it: the only file that names backends and stores. Rooms are loaded when a command needs them. */
import { readFileSync, statfsSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { childFlags, restingChildFlags, tuneChild } from "./child-tuning.ts";
import type { Config } from "./config.ts";
import {
  type ChildConfig,
  childEnvironment,
  takeHandedSettings,
  workerEnvironment,
} from "./handed-settings.ts";
import type { PassageSource } from "./indexer/passage-source.ts";
import type { IndexStore } from "./indexer/store.ts";
import type { ChildPool } from "./jobs/pool.ts";
import type { Sealer } from "./jobs/seal.ts";
import type { LogLevel, RunningWorker } from "./jobs/worker.ts";
import type { FreshnessKeeper } from "./keep-fresh.ts";
import { writeJsonLog, writeLog } from "./log.ts";
import type { CliRoot, WorkerFlags } from "./mcp/cli.ts";
import type { ToolDeps } from "./mcp/tool.ts";
import { taskFileOf } from "./task-file.ts";
import type { TaskStore } from "./task-store.ts";

const program = fileURLToPath(import.meta.url);
const version = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;
const MiB = 1024 * 1024;

const indexFolder = (config: ChildConfig) => join(config.home, "index");

async function openIndex(config: ChildConfig): Promise<IndexStore & PassageSource> {
  const { openSqliteIndex } = await import("./indexer/stores/sqlite/open-index.ts");
  return openSqliteIndex(indexFolder(config));
}

/** Before anything opens a store. Over MCP a call waits less long than clients do. */
async function provideSqlite(home: string, waitMs?: number): Promise<void> {
  const got = await import("./sqlite-module.ts");
  await got.provideSqlite(home, (line) => process.stderr.write(`${line}\n`), waitMs);
}

/** Everything a door may touch. `otherwise` says what an empty allow-list means there. */
async function openDeps(
  config: Config,
  otherwise: "anything" | "workplaces",
  ahead?: "worker",
): Promise<ToolDeps> {
  const [clock, { openPathPolicy }, { visibleIndex }, { openFreshness }, whole] = await Promise.all([
    openClock(config, ahead),
    import("./mcp/policy.ts"),
    import("./mcp/visible-index.ts"),
    import("./watch-book.ts"),
    openIndex(config),
  ]);
  const isTenant = config.tenant !== "" && otherwise === "workplaces";
  const cwd = process.cwd();
  const policy = openPathPolicy({
    cwd,
    userHome: homedir(),
    dataHome: config.home,
    roots: config.roots,
    otherwise,
    clientFolder: config.clientFolder,
    // What another tenant has indexed is no allowance for this one.
    ...(isTenant ? {} : { indexedRoots: () => whole.repositories().map(({ root }) => root) }),
  });
  const index = isTenant ? visibleIndex(whole, policy.allows) : whole;
  const freshness = openFreshness(config.home, clock.ensureWorker);
  let meaning: ReturnType<typeof loadMeaning> | undefined;
  const openMeaning = () => {
    meaning ??= loadMeaning(config, index).catch((error: unknown) => {
      // The next question tries again.
      meaning = undefined;
      throw error;
    });
    return meaning;
  };
  const readSpending = async () => (await import("./embedding-provider.ts")).readSpending(config);
  const close = async () => {
    freshness.close();
    index.close();
    await Promise.all([clock.close(), meaning?.then(({ ledger }) => ledger.close()).catch(() => {})]);
  };
  const meant = config.embeddings === "none" ? {} : { openMeaning };
  return { ...clock, index, policy, freshness, cwd, close, readSpending, ...meant };
}

const loadMeaning = async (config: ChildConfig, index: PassageSource) =>
  (await import("./embedding-provider.ts")).openMeaning(config, index);

/** Where no server is asked for, nothing about servers is loaded: a command must start fast. */
async function openStore(config: Config): Promise<TaskStore> {
  const file = taskFileOf(config.queueUrl, config.home);
  if (file !== undefined) {
    const { openSqliteBackend } = await import("./jobs/backends/sqlite/open.ts");
    return openSqliteBackend(file);
  }
  const { openTaskStore } = await import("./task-store.ts");
  return openTaskStore(config.queueUrl, config.home);
}

/**
 * The asking side of the clock. With `ahead` the worker starts while this process still loads what it asks with: the
 * first batch is parsed a fifth of a second earlier.
 */
async function openClock(config: Config, ahead?: "worker") {
  const isOwn = isOwnStore(config);
  const [store, { missingWorker, workerEnsurer }] = await Promise.all([
    openStore(config),
    import("./jobs/detached.ts"),
  ]);
  const ensureWorker = isOwn ? workerEnsurer(store.workers, detachedWorker(config)) : async () => {};
  // A failure is told by the call that follows the task.
  if (ahead === "worker") await ensureWorker().catch(() => {});
  const [{ openTaskFront }, { openSealer }, { openControl }, { kinds }] = await Promise.all([
    import("./jobs/queue.ts"),
    import("./jobs/seal.ts"),
    import("./jobs/control.ts"),
    import("./tasks.ts"),
  ]);
  const { tenant, tenantMaxUnfinished, signingKeys, encryptionKeys } = config;
  const sealer = openSealer({ signing: signingKeys, encryption: encryptionKeys });
  const tasks = openTaskFront({
    connection: store,
    kinds,
    sealer,
    tenant,
    ...(tenantMaxUnfinished > 0 ? { tenantLimits: { maxUnfinished: tenantMaxUnfinished } } : {}),
    onUnserved: ensureWorker,
    obstacle: isOwn ? () => fullDisk(config.home) : missingWorker(store.workers),
  });
  const control = openControl({ connection: store, registry: store.workers, kinds, sealer, tenant });
  const close = async () => {
    await Promise.all([tasks.close(), control.close()]);
    await store.close();
  };
  return { tasks, control, ensureWorker, close };
}

/** Where no other machine works on it, this program starts the worker itself. */
const isOwnStore = (config: Config) => taskFileOf(config.queueUrl, config.home) !== undefined;

const detachedWorker = (config: Config) => ({
  program: process.execPath,
  args: [program, detachedCommand],
  env: workerEnvironment(config),
  logFile: join(config.home, "worker.log"),
});

/** Less than this and SQLite cannot commit a batch. */
const roomMinBytes = 256 * 1024;

function fullDisk(folder: string): string | undefined {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < roomMinBytes ? `room on the disk that holds ${folder}, which is full` : undefined;
}

/** Serves the queue until a signal ends it, or, when detached, until it has stood idle. */
async function runWorker(
  config: Config,
  kind: "detached" | "foreground",
  flags: WorkerFlags = {},
): Promise<void> {
  let isStuck = false;
  let store: TaskStore | undefined;
  let keeper: FreshnessKeeper | undefined;
  await provideSqlite(config.home);
  // The children start while this process loads BullMQ: the first batch is parsed a quarter of a second earlier.
  const pool = await openPool(config, flags);
  try {
    const [opened, { startWorker }, { openSealer }, { kinds }] = await Promise.all([
      openStore(config),
      import("./jobs/worker.ts"),
      import("./jobs/seal.ts"),
      import("./tasks.ts"),
    ]);
    store = opened;
    const log = (level: LogLevel, line: string) => writeLog(config, level, line);
    for (const warning of await store.check()) log("warn", warning);
    const sealer = openSealer({ signing: config.signingKeys, encryption: config.encryptionKeys });
    const worker = await startWorker({
      connection: store,
      registry: store.workers,
      kinds,
      kind,
      name: flags.name ?? `${hostname()}-${process.pid}`,
      version,
      pool,
      resultTtlMs: config.resultTtlMs,
      sealer,
      isWanted: () => keeper?.isWanted() ?? true,
      ...(flags.queues === undefined ? {} : { queues: flags.queues }),
      ...(flags.autoscale === undefined ? {} : { autoscale: flags.autoscale }),
      ...(kind === "detached" ? { idleMs: config.workerIdleMs } : {}),
      log,
    });
    if (worker !== undefined) {
      stopAtSignals(worker);
      keeper = await openKeeper(config, opened, sealer, log);
      await worker.ended;
      isStuck = worker.isStuck;
    }
  } finally {
    // Also where the store does not open: it or the children would keep this process for ever.
    await keeper?.close();
    await Promise.all([store?.close(), pool.close()]);
  }
  // A store that hangs must not keep a stopped worker alive. Who watches over a stuck one starts it again.
  process.exit(isStuck ? 75 : 0);
}

async function openPool(config: Config, flags: WorkerFlags): Promise<ChildPool> {
  const { ChildPool } = await import("./jobs/pool.ts");
  return new ChildPool({
    script: program,
    args: [childCommand],
    env: childEnvironment(config),
    sharedEnv: childEnvironment(config, "embeddings"),
    execArgv: childFlags,
    size: config.concurrency,
    maxJobsPerChild: flags.maxTasksPerChild ?? 10_000,
    maxRssBytes: flags.maxMemoryPerChildBytes ?? 512 * MiB,
    abortGraceMs: 5000,
    rest: { afterMs: 5000, maxRssBytes: 120 * MiB, execArgv: restingChildFlags },
  });
}

/** Turns changes of the folders that somebody wants kept fresh into tasks. */
async function openKeeper(
  config: Config,
  store: TaskStore,
  sealer: Sealer,
  log: (level: LogLevel, line: string) => void,
): Promise<FreshnessKeeper> {
  const [{ keepFresh }, { openWatchBook }, { openTaskFront }, { keepSchedules, kinds }] = await Promise.all([
    import("./keep-fresh.ts"),
    import("./watch-book.ts"),
    import("./jobs/queue.ts"),
    import("./tasks.ts"),
  ]);
  const book = openWatchBook(config.home);
  const tasks = openTaskFront({ connection: store, kinds, sealer, tenant: config.tenant });
  void keepSchedules(tasks.schedules, log);
  const keeper = keepFresh({ tasks, book, log });
  const close = async () => {
    await keeper.close();
    book.close();
    await tasks.close();
  };
  return { ...keeper, close };
}

const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The first signal lets running jobs end or hands them back, the second one does not wait. */
function stopAtSignals(worker: RunningWorker): void {
  let signals = 0;
  for (const signal of endings) {
    process.on(signal, () => {
      signals += 1;
      void worker.stop(signals === 1 ? "warm" : "cold");
    });
  }
}

/** Stops at the first signal and resolves when that is done; a second one hurries it. */
function stoppedBySignal(stop: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    for (const signal of endings) process.on(signal, () => void stop().then(resolve, reject));
  });
}

/** The worker that a door started: nobody waits for it, so that it says in its log why it could not start. */
async function runDetachedWorker(config: Config): Promise<void> {
  try {
    await runWorker(config, "detached");
  } catch (error) {
    const [{ describeForLog, exitCodeOf }, { toFailure }] = await Promise.all([
      import("./mcp/failures.ts"),
      import("./errors.ts"),
    ]);
    writeLog(config, "error", `the worker could not start: ${describeForLog(error)}`);
    process.exit(exitCodeOf(toFailure(error).code));
  }
}

/** The inside of a child process of the worker: the only place where files are read and parsed. */
async function runChildProcess(config: ChildConfig): Promise<void> {
  tuneChild();
  await provideSqlite(config.home);
  const [{ runChild }, { openHandlers }, index] = await Promise.all([
    import("./jobs/child.ts"),
    import("./tasks.ts"),
    openIndex(config),
  ]);
  const embedding = config.embeddings === "none" ? undefined : { open: () => loadMeaning(config, index) };
  const vectors = {
    open: async () => (await import("./embedding-provider.ts")).openBoughtVectors(config.home),
    reached: function* () {
      for (const { repository } of index.repositories())
        for (const { blob } of index.blobs(repository)) yield blob;
    },
  };
  runChild(await openHandlers(index, config, embedding, undefined, vectors));
  await new Promise(() => {});
}

const selectionOf = ({ toolset, tools, readOnly }: Config) => ({ toolsets: toolset, tools, readOnly });

async function serveMcp(config: Config): Promise<void> {
  const { serveStdioDoor } = await import("./mcp/stdio.ts");
  const open = () => provideSqlite(config.home, 40_000).then(() => openDeps(config, "workplaces"));
  const selection = selectionOf(config);
  await serveStdioDoor({ version, selection, taskTtlMs: config.resultTtlMs, open });
}

const clientsFor = async ({ home }: Config) =>
  (await import("./mcp/init.ts")).placesHere(home, program, version);

/** What a person or a client starts. */
async function runCommandLine(): Promise<void> {
  const [{ isColorUnwanted, readConfig, settings }, { runCli }] = await Promise.all([
    import("./config.ts"),
    import("./mcp/cli.ts"),
  ]);
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  const root: CliRoot = {
    version,
    settings,
    open: async (flags, ahead) => {
      const config = readConfig(flags);
      return provideSqlite(config.home).then(() => openDeps(config, "anything", ahead));
    },
    serveMcp: async (flags) => serveMcp(readConfig(flags)),
    serveHttp: async (flags, where, onReady) => {
      const config = readConfig(flags);
      await provideSqlite(config.home);
      const [{ serveHttpDoor }, { selectTools }] = await Promise.all([
        import("./mcp/http/serve.ts"),
        import("./mcp/tool-selection.ts"),
      ]);
      const door = await serveHttpDoor({
        version,
        ...where,
        tools: selectTools(selectionOf(config)),
        taskTtlMs: config.resultTtlMs,
        hosts: config.httpHosts,
        tokensFile: join(config.home, "tokens.json"),
        token: config.token,
        tenant: config.tenant,
        ratePerSecond: config.httpRate,
        concurrency: config.httpConcurrency,
        log: (level, entry) => writeJsonLog(config, level, entry),
        open: ({ tenant, roots = config.roots }) =>
          openDeps({ ...config, tenant, roots: [...roots] }, "workplaces"),
      });
      const stopped = stoppedBySignal(() => door.stop());
      onReady(door);
      await stopped;
      process.exit(0);
    },
    runWorker: async (flags, more) => runWorker(readConfig(flags), "foreground", more),
    initPlaces: async (flags) => clientsFor(readConfig(flags)),
    doctorChecks: async (flags) => {
      const { doctorChecks } = await import("./doctor.ts");
      return doctorChecks({ config: () => readConfig(flags), indexFolder, clients: clientsFor });
    },
  };
  const io = {
    stdout: process.stdout,
    stderr: process.stderr,
    noColor: isColorUnwanted(),
    signal: interrupt.signal,
  };
  process.exitCode = await runCli(process.argv.slice(2), io, root);
}

/** Processes that this program starts itself are handed the settings, and load neither their schema nor the command line. */
const detachedCommand = "worker-process";
const childCommand = "child-process";

// A log on a full disk, or a reader that has gone, must not end a worker or a wait.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
const [command] = process.argv.slice(2);
if (command === childCommand) await runChildProcess(takeHandedSettings());
else if (command === detachedCommand) await runDetachedWorker(takeHandedSettings());
else await runCommandLine();
