/** MCP over stdin and stdout: one client, one process; it ends with the client and leaves the tasks running. */
import { Console } from "node:console";
import { Writable } from "node:stream";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { readFormOfLine } from "./message-form.ts";
import { buildServer } from "./server.ts";
import { openStdioWire } from "./stdio-wire.ts";
import type { ToolDeps } from "./tool.ts";
import { selectTools, type ToolSelection } from "./tool-selection.ts";
import { keepWorkplaceFresh } from "./tools/repositories.ts";
import { activeStates } from "./tools/tasks.ts";

export interface StdioDoorOptions {
  readonly version: string;
  readonly selection: ToolSelection;
  /** So long ended tasks are kept. */
  readonly taskTtlMs: number;
  /** Called after the tools were listed, or at the first call of one: lists never wait for a store. */
  readonly open: () => Promise<ToolDeps>;
}

const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** A store that does not close within this time is left to the system: it is made to survive kill -9. */
const closeLimitMs = 2000;

/** Serves until stdin ends or SIGINT, SIGTERM or SIGHUP comes; resolves after everything is flushed and closed. */
export async function serveStdioDoor(options: StdioDoorOptions): Promise<void> {
  const deps = openOnce(options.open);
  const wire = openStdioWire(process.stdin, takeStdout(), readFormOfLine);
  const onListed = () => void getReady(deps.get);
  const { version, selection, taskTtlMs } = options;
  const shown = selectTools(selection);
  const closing = new AbortController();
  const server = {
    ...{ version, tools: shown, taskTtlMs, deps: deps.get, log: writeError, onListed },
    closing: closing.signal,
  };
  const handle = serveStdio(() => buildServer(server), {
    transport: wire.transport,
    onerror: (error) => writeError(`mcp: ${error.message}`),
  });
  wire.onInputOver(() => closing.abort());
  await new Promise<void>((resolve) => {
    wire.onEnd(resolve);
    for (const signal of endings) process.once(signal, () => resolve());
  });
  closing.abort();
  await handle.close();
  await wire.flush();
  await withinLimit(deps.close());
}

/** Makes the first call as quick as the others, and sees to tasks that lost their worker, as when the machine went down. */
async function getReady(open: () => Promise<ToolDeps>): Promise<void> {
  try {
    const deps = await open();
    const { tasks, ensureWorker } = deps;
    keepWorkplaceFresh(deps);
    const unfinished = await tasks.list({ states: activeStates, limit: 1 });
    if (unfinished.length > 0) await ensureWorker();
  } catch {
    // Whatever is wrong, the first call will meet it and say it to somebody.
  }
}

/** Opens at the first `get`; a failed opening is tried again by the next one. */
function openOnce(open: () => Promise<ToolDeps>) {
  let opened: Promise<ToolDeps> | undefined;
  return {
    get: (): Promise<ToolDeps> => {
      opened ??= open().catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      return opened;
    },
    close: async (): Promise<void> => {
      const deps = await opened?.catch(() => undefined);
      await deps?.close();
    },
  };
}

/** The protocol gets stdout for itself; whatever else is written there, by whomever, goes to stderr. */
function takeStdout(): Writable {
  const write = process.stdout.write.bind(process.stdout);
  const own = new Writable({
    decodeStrings: false,
    write: (chunk: string | Buffer, _encoding, done) => void write(chunk, done),
  });
  process.stdout.on("error", (error) => own.destroy(error));
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  globalThis.console = new Console(process.stderr, process.stderr);
  return own;
}

function writeError(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function withinLimit(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, closeLimitMs);
  });
  try {
    await Promise.race([work, limit]);
  } catch (error) {
    writeError(`mcp: closing failed: ${(error as Error).message}`);
  } finally {
    clearTimeout(timer);
  }
}
