/** `GET /v1/events`: what happens to tasks and workers, as server-sent events whose ids are cursors. */
import type { ServerResponse } from "node:http";
import type { ClockEvent } from "../../jobs/queue.ts";
import { firstOf } from "../first-of.ts";
import { writeChunk } from "./exchange.ts";
import type { Limits } from "./limits.ts";
import type { KnownRoute, KnownVisit } from "./route.ts";

/** A comment so often, for proxies that close what is silent. */
const heartbeatMs = 15_000;
/** How long a client waits before it connects again. */
const retryMs = 1000;

export function openEventStream(limits: Limits, closing: AbortSignal): KnownRoute {
  return {
    open: false,
    methods: ["GET"],
    path: "/v1/events",
    scope: "read",
    answer: async (visit) => {
      const leave = limits.enterStream(visit.caller.name);
      const ending = firstOf(visit.gone, closing);
      try {
        await stream(visit, ending.signal);
      } finally {
        ending.forget();
        leave();
      }
    },
  };
}

async function stream({ request, response, query, deps }: KnownVisit, signal: AbortSignal): Promise<void> {
  const header = request.headers["last-event-id"];
  const since = (typeof header === "string" ? header : "") || query.get("after") || undefined;
  const taskId = query.get("task_id");
  const { tasks } = await deps();
  const events = tasks.events({ signal, ...(since === undefined ? {} : { since }) });
  response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no" });
  response.write(`retry: ${retryMs}\n\n`);
  const heartbeat = setInterval(() => keepAlive(response), heartbeatMs);
  try {
    for await (const event of events) {
      if (taskId !== null && event.taskId !== null && event.taskId !== taskId) continue;
      await writeChunk(response, writeEvent(event));
    }
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}

/** Not to a side that does not read: its buffer would only grow. */
function keepAlive(response: ServerResponse): void {
  if (!response.writableNeedDrain && !response.destroyed) response.write(": \n\n");
}

function writeEvent({ cursor, type, taskId, at, data }: ClockEvent): string {
  return `id: ${cursor}\nevent: ${type}\ndata: ${JSON.stringify({ task_id: taskId, at, ...data })}\n\n`;
}
