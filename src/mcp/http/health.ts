/** Whether this process can serve, and whether a worker is alive: asked of the stores, not remembered. */
import { setTimeout as sleep } from "node:timers/promises";
import { toFailure } from "../../errors.ts";
import type { ToolDeps } from "../tool.ts";
import { sendJson } from "./exchange.ts";
import type { OpenRoute } from "./route.ts";

export interface HealthOptions {
  readonly version: string;
  /** Without a tenant, as workers serve all of them. */
  readonly deps: () => Promise<ToolDeps>;
  readonly closing: AbortSignal;
}

const limitMs = 2000;
/** Anybody may ask, so that an answer is good for so long. */
const goodForMs = 500;

type Finding = { readonly status: "ok" | "unavailable" | "draining"; readonly [more: string]: unknown };

export function openHealth({ version, deps, closing }: HealthOptions): readonly OpenRoute[] {
  const stores = once(async () => {
    const { tasks, index } = await deps();
    index.repositories();
    await tasks.list({ limit: 1 });
    return { status: "ok" as const, version };
  });
  const workers = once(async () => {
    const alive = await (await deps()).control.workers();
    if (alive.length > 0) return { status: "ok" as const, workers: alive.length };
    return {
      status: "unavailable" as const,
      reason:
        "No worker is alive. On SQLite the next task starts one; on Redis or PostgreSQL run `cambium worker`.",
    };
  });
  const route = (path: string, look: () => Promise<Finding>): OpenRoute => ({
    open: true,
    methods: ["GET"],
    path,
    answer: async ({ response }) => {
      const finding: Finding = closing.aborted
        ? { status: "draining", reason: "The server is about to stop." }
        : await look();
      sendJson(response, finding.status === "ok" ? 200 : 503, finding);
    },
  });
  return [route("/health", stores), route("/health/workers", workers)];
}

/** Looks at most so often, however many ask, and takes an answer that does not come for none. */
function once(look: () => Promise<Finding>): () => Promise<Finding> {
  let latest: Promise<Finding> | undefined;
  let at = 0;
  return () => {
    if (latest !== undefined && performance.now() < at + goodForMs) return latest;
    at = performance.now();
    latest = inTime(look).catch((error: unknown) => {
      const { code } = toFailure(error);
      // What exactly is wrong is for the log of the server: here anybody may ask.
      return {
        status: "unavailable" as const,
        reason: `The stores cannot be used (${code}). See \`cambium doctor\`.`,
      };
    });
    return latest;
  };
}

async function inTime(look: () => Promise<Finding>): Promise<Finding> {
  const clock = new AbortController();
  const late = sleep(limitMs, undefined, { signal: clock.signal }).then((): Finding => {
    return { status: "unavailable", reason: `The stores did not answer within ${limitMs / 1000} s.` };
  });
  try {
    return await Promise.race([look(), late]);
  } finally {
    late.catch(() => {});
    clock.abort();
  }
}
