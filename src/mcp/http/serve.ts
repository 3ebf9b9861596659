/** The HTTP door: listens, answers until it is told to stop, and then lets what has begun come to its end. */
import { setMaxListeners } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server as McpServer } from "@modelcontextprotocol/server";
import { CambiumError } from "../../errors.ts";
import type { Tool, ToolDeps } from "../tool.ts";
import { keepWorkplaceFresh } from "../tools/repositories.ts";
import { activeStates } from "../tools/tasks.ts";
import { answerRequest, type Log } from "./answering.ts";
import { followConnections } from "./connections.ts";
import { openEventStream } from "./event-stream.ts";
import { sendJson, sendText } from "./exchange.ts";
import { openHealth } from "./health.ts";
import { openLimits } from "./limits.ts";
import { openMcpEndpoint } from "./mcp-endpoint.ts";
import { openMetrics } from "./metrics.ts";
import { buildOpenApi } from "./openapi.ts";
import { openRest } from "./rest.ts";
import { offerRest, type RestOffer } from "./rest-routes.ts";
import type { Route } from "./route.ts";
import { openTenants, type Tenant } from "./tenants.ts";
import { openTokens } from "./tokens.ts";

export interface HttpDoorOptions {
  readonly version: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Names that may stand in Host and Origin, beside loopback ones and the address of the connection. */
  readonly hosts: readonly string[];
  readonly tokensFile: string;
  /** `CAMBIUM_TOKEN`, or empty. */
  readonly token: string;
  /** Of tokens that name none. */
  readonly tenant: string;
  readonly ratePerSecond: number;
  readonly concurrency: number;
  /** How long a header, and a whole request, may take to arrive before it is given up with 408. */
  readonly arrivalMs?: { readonly header: number; readonly whole: number };
  readonly tools: readonly Tool[];
  /** So long ended tasks are kept. */
  readonly taskTtlMs: number;
  /** Adds to each MCP server what tests need. */
  readonly mount?: (server: McpServer) => void;
  readonly log: Log;
  /** Everything that calls of one tenant may touch; called once a tenant and its folders. */
  readonly open: (tenant: Tenant) => Promise<ToolDeps>;
}

export interface HttpDoor {
  /** Without a path. */
  readonly url: string;
  readonly port: number;
  /**
   * Takes nothing new, ends waits and streams, and resolves when what has begun is answered and all is closed; what
   * has not ended by then is cut off. Called again it does not wait.
   */
  stop(): Promise<void>;
}

const streamsMax = 32;
/** More connections than this are closed at once. */
const connectionsMax = 2000;
const arrivalMs = { header: 10_000, whole: 30_000 };
const keepAliveMs = 60_000;
const drainMs = 10_000;

/** Resolves when it listens. Throws `conflict` for a port in use, `forbidden` or `invalid_argument` for one it cannot have. */
export async function serveHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const { log, version } = options;
  const sayError = (message: string) => log("error", { message });
  const tokens = openTokens({
    file: options.tokensFile,
    fromEnvironment: options.token,
    tenant: options.tenant,
    mayCreate: isLoopback(options.host),
    log: sayError,
  });
  refuseWeakToken(options);
  const tenants = openTenants(options.open);
  await getReady(tenants.of, options);
  const closing = new AbortController();
  // Each call that is being answered listens to it: Node would take the eleventh for a leak.
  setMaxListeners(0, closing.signal);
  const limits = openLimits({ ...options, streams: streamsMax });
  let inFlight = 0;
  const metrics = openMetrics(version, () => inFlight);
  const mcp = openMcpEndpoint({ ...options, log: sayError, closing: closing.signal });
  const offer = offerRest(options.tools);
  const routes: Route[] = [
    ...openHealth({ version, deps: () => tenants.of({ tenant: "" }), closing: closing.signal }),
    front,
    mcp.route,
    ...openRest(offer, closing.signal),
    openEventStream(limits, closing.signal),
    document(version, offer),
    metrics.route,
  ];
  const answering = {
    ...{ hosts: options.hosts, routes, tokens, limits, log, deps: tenants.of, closing: closing.signal },
    onServed: metrics.count,
  };
  const server = createServer(serverOptions(options), (request, response) => {
    inFlight += 1;
    response.once("close", () => {
      inFlight -= 1;
    });
    if (closing.signal.aborted) response.setHeader("Connection", "close");
    void answerRequest(request, response, answering);
  });
  server.maxConnections = connectionsMax;
  const connections = followConnections(server);
  const port = await listen(server, options);
  const url = `http://${hostInUrl(options.host)}:${port}`;
  log("info", { message: "listening", url, tokens: tokens.origin });
  const stop = async () => {
    if (closing.signal.aborted) return void server.closeAllConnections();
    const closed = new Promise((resolve) => server.close(resolve));
    closing.abort();
    connections.close();
    await Promise.race([closed, sleep(drainMs, undefined, { ref: false })]);
    await mcp.close();
    server.closeAllConnections();
    await closed;
    metrics.close();
    await tenants.close();
  };
  return { url, port, stop };
}

function serverOptions({ arrivalMs: { header, whole } = arrivalMs }: HttpDoorOptions) {
  return {
    headersTimeout: header,
    requestTimeout: whole,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: Math.min(1000, header),
    // The system looks after connections whose other side has gone without a word.
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    noDelay: true,
  };
}

const front: Route = {
  open: true,
  methods: ["GET"],
  path: "/",
  answer: ({ response }) =>
    sendText(
      response,
      200,
      "text/plain; charset=utf-8",
      "Cambium: MCP at /mcp, REST at /v1 (GET /v1/openapi.json).\n",
    ),
};

const document = (version: string, offer: RestOffer): Route => ({
  open: false,
  methods: ["GET"],
  path: "/v1/openapi.json",
  scope: undefined,
  answer: ({ response }) => sendJson(response, 200, buildOpenApi(version, offer)),
});

/** A store that cannot be opened is told at the start; tasks that lost their worker get one. */
async function getReady(of: (tenant: Tenant) => Promise<ToolDeps>, { tenant }: Tenant): Promise<void> {
  const deps = await of({ tenant });
  const { tasks, ensureWorker } = deps;
  keepWorkplaceFresh(deps);
  const unfinished = await tasks.list({ states: activeStates, limit: 1 });
  if (unfinished.length > 0) await ensureWorker().catch(() => {});
}

async function listen(server: Server, { host, port }: HttpDoorOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explainListening(error, host, port)));
    server.listen({ host, port, exclusive: true }, resolve);
  });
  server.on("error", () => {});
  return (server.address() as AddressInfo).port;
}

function explainListening(error: NodeJS.ErrnoException, host: string, port: number): CambiumError {
  const where = `${hostInUrl(host)}:${port}`;
  switch (error.code) {
    case "EADDRINUSE":
      return new CambiumError(
        "conflict",
        `${where} is in use by another program. Choose another with --port, or stop that program.`,
        error,
      );
    case "EACCES":
      return new CambiumError(
        "forbidden",
        `${where} may not be used with this user's rights. Choose a port above 1023 with --port.`,
        error,
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new CambiumError(
        "invalid_argument",
        `${host} is no address of this machine. Give one with --host, such as 127.0.0.1.`,
        error,
      );
    default:
      return new CambiumError("unavailable", `${where} cannot be listened on: ${error.message}`, error);
  }
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

const hostInUrl = (host: string) => (host.includes(":") ? `[${host}]` : host);
const leastTokenLength = 16;

/** On this machine a short token only keeps other users out; beyond it, it would be guessed. */
function refuseWeakToken({ host, token, log }: HttpDoorOptions): void {
  if (token !== "" && token.length < leastTokenLength) {
    const text = `CAMBIUM_TOKEN has fewer than ${leastTokenLength} characters`;
    if (!isLoopback(host))
      throw new CambiumError(
        "invalid_argument",
        `${text}, which is too few to listen beyond this machine. Set a longer one.`,
      );
    log("warn", { message: `${text}.` });
  }
  if (!isLoopback(host))
    log("warn", {
      message: "Listening beyond this machine without encryption: put a proxy with TLS before it.",
    });
}
