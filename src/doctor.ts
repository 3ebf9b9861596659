/** What `cambium doctor` looks at: each check says what it found and what would mend it. */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "./config.ts";
import { toFailure } from "./errors.ts";
import type { DoctorCheck, DoctorFinding } from "./mcp/cli.ts";

export interface DoctorPlaces {
  readonly config: () => Config;
  readonly queueFile: (config: Config) => string;
  readonly indexFolder: (config: Config) => string;
}

const roomMinMiB = 500;

/** Each check opens only what it looks at, so that one broken thing hides no other. */
export function doctorChecks({ config, queueFile, indexFolder }: DoctorPlaces): readonly DoctorCheck[] {
  return [
    { name: "node", run: checkNode },
    { name: "settings", run: () => ({ ok: true, detail: `data folder ${config().home}` }) },
    { name: "native module", run: checkNativeModule },
    { name: "data folder", run: () => checkDataFolder(config().home) },
    {
      name: "task store",
      run: () =>
        checkFiles(
          [queueFile(config())],
          "Move the file away; the history of tasks goes with it, the indexes stay.",
        ),
    },
    {
      name: "index files",
      run: () =>
        checkFiles(
          indexFilesOf(indexFolder(config())),
          "Run `cambium index <path>`: a damaged index is made again.",
        ),
    },
    { name: "worker", run: () => checkWorker(queueFile(config())) },
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

async function checkNativeModule(): Promise<DoctorFinding> {
  try {
    const { probeSqlite } = await import("./sqlite.ts");
    return { ok: true, detail: `SQLite ${probeSqlite()}` };
  } catch (error) {
    const remedy =
      "Run `npm rebuild better-sqlite3 --allow-scripts=better-sqlite3` with the Node that runs Cambium.";
    return { ok: false, detail: toFailure(error).message, remedy };
  }
}

function checkDataFolder(home: string): DoctorFinding {
  const remedy = "Make the folder writable and free some room, or set CAMBIUM_HOME to another folder.";
  mkdirSync(home, { recursive: true, mode: 0o700 });
  accessSync(home, constants.W_OK);
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

async function checkWorker(queueFile: string): Promise<DoctorFinding> {
  if (!existsSync(queueFile)) return { ok: true, detail: "none yet; the first task starts one" };
  const { openSqliteBackend } = await import("./jobs/backends/sqlite/open.ts");
  const backend = openSqliteBackend(queueFile);
  try {
    const alive = await backend.workers.alive();
    const detail = alive.map(({ kind, pid }) => `${kind} worker, process ${pid}`).join(", ");
    return { ok: true, detail: detail || "none alive; the next task starts one" };
  } finally {
    await backend.close();
  }
}

async function checkGrammars(): Promise<DoctorFinding> {
  const { languageIds, loadLanguage } = await import("./indexer/languages.ts");
  const ids = languageIds();
  for (const id of ids) await loadLanguage(id);
  return { ok: true, detail: `${ids.length} languages load`, remedy: "Install Cambium again." };
}
