/** What `cambium doctor` looks at: each check says what it found and what would mend it. */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "./config.ts";
import { toFailure } from "./errors.ts";
import type { DoctorCheck, DoctorFinding } from "./mcp/cli.ts";
import type { InitPlaces } from "./mcp/init.ts";
import { taskFileOf } from "./task-file.ts";

export interface DoctorPlaces {
  readonly config: () => Config;
  readonly indexFolder: (config: Config) => string;
  readonly clients: (config: Config) => Promise<InitPlaces> | InitPlaces;
}

const roomMinMiB = 500;

/** Each check opens only what it looks at, so that one broken thing hides no other. */
export function doctorChecks({ config, indexFolder, clients }: DoctorPlaces): readonly DoctorCheck[] {
  return [
    { name: "node", run: checkNode },
    { name: "settings", run: () => ({ ok: true, detail: `data folder ${config().home}` }) },
    { name: "native module", run: () => checkNativeModule(config().home) },
    { name: "data folder", run: () => checkDataFolder(config().home) },
    { name: "task store", run: () => checkTaskStore(config()) },
    {
      name: "index files",
      run: () =>
        checkFiles(
          indexFilesOf(indexFolder(config())),
          "Run `cambium index <path>`: a damaged index is made again.",
        ),
    },
    { name: "locks", run: () => checkLocks(config(), indexFilesOf(indexFolder(config()))) },
    { name: "worker", run: () => checkWorker(config()) },
    { name: "file watching", run: () => checkWatching(config()) },
    { name: "keys", run: () => checkKeys(config()) },
    { name: "clients", run: async () => checkClients(await clients(config())) },
    { name: "grammars", run: checkGrammars },
  ];
}

function checkNode(): DoctorFinding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return {
    ok,
    detail: `Node ${process.version} on ${process.platform}-${process.arch}`,
    remedy: "Install Node 20.19 or newer.",
  };
}

async function checkNativeModule(home: string): Promise<DoctorFinding> {
  const [{ probeSqlite }, { remedyFor, sqliteModule }] = await Promise.all([
    import("./sqlite.ts"),
    import("./sqlite-module.ts"),
  ]);
  const path = sqliteModule(home);
  if (path === undefined) return { ok: false, detail: "none that fits this Node", remedy: remedyFor(home) };
  return { ok: true, detail: `SQLite ${probeSqlite()}, ${path}` };
}

function checkDataFolder(home: string): DoctorFinding {
  const remedy = "Make the folder writable and free some room, or set CAMBIUM_HOME to another folder.";
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    accessSync(home, constants.W_OK);
  } catch (error) {
    return { ok: false, detail: (error as Error).message, remedy };
  }
  const { bavail, bsize } = statfsSync(home);
  const freeMiB = Math.floor((bavail * bsize) / 1024 ** 2);
  return { ok: freeMiB >= roomMinMiB, detail: `${home} is writable, ${freeMiB} MiB free`, remedy };
}

const indexFilesOf = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(".db"))
        .map((name) => join(folder, name))
    : [];

async function checkFiles(paths: readonly string[], remedy: string): Promise<DoctorFinding> {
  const { quickCheck } = await import("./sqlite.ts");
  const found = paths.filter((path) => existsSync(path));
  const bad = found.flatMap((path) => quickCheck(path).map((problem) => `${path}: ${problem}`));
  const detail =
    bad.length > 0 ? bad.slice(0, 3).join("; ") : `${found.length} of ${paths.length} made, all sound`;
  return { ok: bad.length === 0, detail, remedy };
}

const lockWaitMs = 2000;

/** Who works holds a lock for milliseconds; one that stays belongs to a process that hangs. */
async function checkLocks({ queueUrl, home }: Config, indexFiles: string[]): Promise<DoctorFinding> {
  const { whyLocked } = await import("./sqlite.ts");
  const files = [taskFileOf(queueUrl, home), ...indexFiles].filter((file) => file !== undefined);
  const found = files.filter((path) => existsSync(path));
  const held = found.flatMap((path) => {
    const reason = whyLocked(path, lockWaitMs);
    return reason === undefined ? [] : [`${path}: ${reason}`];
  });
  return {
    ok: held.length === 0,
    detail: held.length === 0 ? `${found.length} files can be written` : held.slice(0, 3).join("; "),
    remedy:
      "Wait for a backup or another program that has the file open (`fuser <file>` names it), or end it; a worker ends by `cambium control shutdown`.",
  };
}

/** Nothing is sent: whether a provider takes the key is told by the first request. */
async function checkKeys(config: Config): Promise<DoctorFinding> {
  if (config.embeddings === "none") return { ok: true, detail: "none is needed, as no provider is set" };
  try {
    const { describeProvider } = await import("./embedding-provider.ts");
    const detail = `${describeProvider(config)}; a worker that runs keeps the settings it was started with`;
    return { ok: true, detail };
  } catch (error) {
    return { ok: false, detail: "a key is missing", remedy: toFailure(error).message };
  }
}

async function checkClients(places: InitPlaces): Promise<DoctorFinding> {
  const { examineClients } = await import("./mcp/init.ts");
  const all = examineClients(places);
  const broken = all.filter(({ state }) => state === "broken");
  const said = all.map(({ title, state, file, detail }) =>
    state === "broken" ? `${title} (${file}): ${detail}` : `${title} ${state}`,
  );
  return {
    ok: broken.length === 0,
    detail: said.join("; ") || "none of those that `cambium init` knows is here",
    remedy:
      "Run `cambium init`: it replaces entries of its own; mend or remove any other by hand (CLIENTS.md).",
  };
}

async function checkTaskStore({ queueUrl, home }: Config): Promise<DoctorFinding> {
  const { openTaskStore } = await import("./task-store.ts");
  const file = taskFileOf(queueUrl, home);
  if (file !== undefined)
    return checkFiles([file], "Move the file away; the history of tasks goes with it, the indexes stay.");
  const store = openTaskStore(queueUrl, home);
  try {
    const warnings = await store.check();
    return { ok: true, detail: warnings.join(" ") || "answers and keeps what it is given" };
  } catch (error) {
    return { ok: false, detail: toFailure(error).message };
  } finally {
    await store.close();
  }
}

async function checkWorker({ queueUrl, home }: Config): Promise<DoctorFinding> {
  const { openTaskStore } = await import("./task-store.ts");
  const file = taskFileOf(queueUrl, home);
  const isOwn = file !== undefined;
  if (isOwn && !existsSync(file)) return { ok: true, detail: "none yet; the first task starts one" };
  const store = openTaskStore(queueUrl, home);
  try {
    const alive = await store.workers.alive();
    const detail = alive.map(({ kind, pid }) => `${kind} worker, process ${pid}`).join(", ");
    const remedy = "Start one with `cambium worker`.";
    return {
      ok: isOwn || alive.length > 0,
      detail: detail || `none alive${isOwn ? "; the next task starts one" : ""}`,
      remedy,
    };
  } finally {
    await store.close();
  }
}

async function checkWatching({ home }: Config): Promise<DoctorFinding> {
  const [{ readWatchLimit, whyBlind }, { openWatchBook }] = await Promise.all([
    import("./indexer/watch.ts"),
    import("./watch-book.ts"),
  ]);
  const limit = readWatchLimit();
  const instances = readWatchLimit("/proc/sys/fs/inotify/max_user_instances");
  const reports = openWatchBook(home).reports();
  const blind = reports.filter(({ notice }) => notice !== undefined);
  const folders = reports.reduce((sum, report) => sum + report.folders, 0);
  const now = existsSync(home) ? whyBlind(home) : undefined;
  const said = blind.map(({ root, notice }) => `${root} is looked at now and then, as ${notice}`);
  if (now !== undefined) said.push(`nothing more can be watched now: ${now}`);
  const room = limit === undefined ? "" : `; the system allows ${limit} folders and ${instances} watchers`;
  const watched = `${reports.length - blind.length} repositories with ${folders} folders are watched${room}`;
  return {
    ok: said.length === 0,
    detail: [watched, ...said].join("; "),
    remedy:
      "Raise the limit that is named (`sysctl fs.inotify.max_user_watches=524288`, or `max_user_instances=512`); the index is kept up to date in any case, only later.",
  };
}

async function checkGrammars(): Promise<DoctorFinding> {
  const { languageIds, loadLanguage } = await import("./indexer/languages.ts");
  const ids = languageIds();
  for (const id of ids) await loadLanguage(id);
  return { ok: true, detail: `${ids.length} languages load`, remedy: "Install Cambium again." };
}
