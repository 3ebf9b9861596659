/**
 * `GET /metrics` in the text format of Prometheus: what the door has counted, and what the stores say when they are
 * asked. What must be one figure for all servers (queues, workers, repositories) is read, not counted.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { ToolDeps } from "../tool.ts";
import { sendText } from "./exchange.ts";
import { Refusal } from "./refusal.ts";
import type { KnownRoute } from "./route.ts";

export interface Served {
  readonly method: string;
  /** The pattern of the route, never a path from outside. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
  readonly tool?: string;
}

export interface Metrics {
  readonly route: KnownRoute;
  count(served: Served): void;
  close(): void;
}

const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

interface Timing {
  readonly buckets: number[];
  sum: number;
  count: number;
}

export function openMetrics(version: string, inFlight: () => number): Metrics {
  const requests = new Map<string, number>();
  const calls = new Map<string, number>();
  const timings = new Map<string, Timing>();
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const startedAt = Date.now() / 1000 - process.uptime();
  const own = (): Family[] => [
    ["cambium_build_info", "gauge", "The version that runs.", [[{ version }, 1]]],
    ["cambium_http_requests_total", "counter", "Requests by what came of them.", counted(requests)],
    ["cambium_http_requests_in_flight", "gauge", "Requests that are being answered.", [[{}, inFlight()]]],
    ["cambium_tool_calls_total", "counter", "Calls of tools, over MCP and REST.", counted(calls)],
    ["process_resident_memory_bytes", "gauge", "Memory of this process.", [[{}, process.memoryUsage.rss()]]],
    ["process_cpu_seconds_total", "counter", "CPU time of this process.", [[{}, cpuSeconds()]]],
    ["process_start_time_seconds", "gauge", "Seconds since 1970.", [[{}, startedAt]]],
    ["nodejs_eventloop_lag_p99_seconds", "gauge", "Since the start.", [[{}, delay.percentile(99) / 1e9]]],
  ];
  return {
    count: ({ method, route, status, seconds, tool }) => {
      bump(requests, JSON.stringify({ method, route, status: String(status) }));
      if (tool !== undefined)
        bump(calls, JSON.stringify({ tool, outcome: status < 400 ? "answered" : "refused" }));
      const timing = timings.get(route) ?? { buckets: bounds.map(() => 0), sum: 0, count: 0 };
      timings.set(route, timing);
      timing.sum += seconds;
      timing.count += 1;
      for (const [index, bound] of bounds.entries())
        if (seconds <= bound) timing.buckets[index] = (timing.buckets[index] ?? 0) + 1;
    },
    route: {
      open: false,
      methods: ["GET"],
      path: "/metrics",
      scope: "read",
      answer: async ({ response, caller, deps }) => {
        if (caller.tenant !== "")
          throw new Refusal(403, "forbidden", "Figures are of all tenants. Use a token without a tenant.");
        const families = [...own(), ...(await readStores(await deps()))];
        const text = [...families.map(writeFamily), writeTimings(timings)].join("");
        sendText(response, 200, "text/plain; version=0.0.4; charset=utf-8", text);
      },
    },
    close: () => delay.disable(),
  };
}

async function readStores({ control, index }: ToolDeps): Promise<Family[]> {
  const [workers, queues] = await Promise.all([control.workers(), control.queues()]);
  const repositories = index.repositories();
  const jobs = queues.flatMap(({ queue, waiting, active, scheduled }): Sample[] => [
    [{ queue, state: "waiting" }, waiting],
    [{ queue, state: "active" }, active],
    [{ queue, state: "scheduled" }, scheduled],
  ]);
  const each = (of: (one: (typeof repositories)[number]) => number): Sample[] =>
    repositories.map((one) => [{ repository: one.repository }, of(one)]);
  return [
    ["cambium_workers", "gauge", "Workers that are alive.", [[{}, workers.length]]],
    ["cambium_queue_jobs", "gauge", "Jobs that have not ended.", jobs],
    [
      "cambium_queue_paused",
      "gauge",
      "1 while nobody takes jobs from it.",
      queues.map(({ queue, is_paused }) => [{ queue }, is_paused ? 1 : 0]),
    ],
    ["cambium_repository_files", "gauge", "Indexed files.", each(({ files }) => files)],
    [
      "cambium_repository_pending_files",
      "gauge",
      "Files that the running task has yet to read.",
      each(({ pendingFiles }) => pendingFiles),
    ],
    ["cambium_repository_symbols", "gauge", "Definitions that were found.", each(({ symbols }) => symbols)],
    [
      "cambium_repository_indexed_timestamp_seconds",
      "gauge",
      "When its newest generation was published.",
      repositories.flatMap(({ repository, indexedAt }): Sample[] =>
        indexedAt === null ? [] : [[{ repository }, Date.parse(indexedAt) / 1000]],
      ),
    ],
  ];
}

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];
type Family = readonly [name: string, type: "counter" | "gauge", help: string, samples: readonly Sample[]];

function bump(counts: Map<string, number>, labels: string): void {
  counts.set(labels, (counts.get(labels) ?? 0) + 1);
}

function counted(counts: ReadonlyMap<string, number>): Sample[] {
  return [...counts].map(([labels, count]) => [JSON.parse(labels) as Labels, count]);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function writeFamily([name, type, help, samples]: Family): string {
  const lines = samples.map(([labels, value]) => `${name}${writeLabels(labels)} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
}

function writeLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const escapeLabel = (value: string) =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

function writeTimings(timings: ReadonlyMap<string, Timing>): string {
  const name = "cambium_http_request_duration_seconds";
  const lines = [...timings].flatMap(([route, { buckets, sum, count }]) => [
    ...bounds.map(
      (bound, index) => `${name}_bucket${writeLabels({ route, le: String(bound) })} ${buckets[index]}`,
    ),
    `${name}_bucket${writeLabels({ route, le: "+Inf" })} ${count}`,
    `${name}_sum${writeLabels({ route })} ${sum}`,
    `${name}_count${writeLabels({ route })} ${count}`,
  ]);
  return [`# HELP ${name} Time to the end of the reply.`, `# TYPE ${name} histogram`, ...lines, ""].join(
    "\n",
  );
}
