/**
 * Which web sites may reach the door: none but itself. A page that was made to resolve to this machine (DNS rebinding)
 * shows its own name as Host; a page that calls across sites shows its own as Origin.
 */
import type { IncomingMessage } from "node:http";
import { Refusal } from "./refusal.ts";

const loopbackNames: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Throws a refusal with 403. `hosts` are names that are allowed beside loopback ones and the address that the
 * connection itself came to: a name that is an address cannot be rebound.
 */
export function checkOrigins(request: IncomingMessage, hosts: readonly string[]): void {
  const host = readHost(request.headers.host);
  const allowed = [...loopbackNames, ...hosts, ...addressOf(request.socket.localAddress)];
  if (host === undefined || !allowed.includes(host.name)) {
    throw new Refusal(
      403,
      "forbidden",
      "The Host header names no address of this server. Use the address it printed, or add the name to CAMBIUM_HTTP_HOSTS.",
    );
  }
  const { origin } = request.headers;
  if (origin === undefined || isOwn(origin, host, hosts)) return;
  throw new Refusal(
    403,
    "forbidden",
    "Web pages of other origins may not call this server. Call it from a program, or add the page's host to CAMBIUM_HTTP_HOSTS.",
  );
}

interface Host {
  readonly name: string;
  /** With its port, as in an origin. */
  readonly full: string;
}

function readHost(header: string | undefined): Host | undefined {
  const given = header?.toLowerCase() ?? "";
  const [, name] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/.exec(given) ?? [];
  return name === undefined ? undefined : { name, full: given };
}

function isOwn(origin: string, host: Host, hosts: readonly string[]): boolean {
  const [, rest = ""] = /^https?:\/\/(.+)$/.exec(origin.toLowerCase()) ?? [];
  const from = readHost(rest);
  return from !== undefined && (from.full === host.full || hosts.includes(from.name));
}

function addressOf(address: string | undefined): string[] {
  if (address === undefined) return [];
  const plain = address.replace(/^::ffff:(?=\d+\.)/, "");
  return [plain.includes(":") ? `[${plain}]` : plain];
}
