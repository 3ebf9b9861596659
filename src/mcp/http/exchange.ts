/** One request and its reply, as bytes: bodies with a limit, JSON out, and a web `Response` on Node's socket. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Refusal } from "./refusal.ts";

/** The largest body of a request, in bytes. */
const bodyMaxBytes = 1024 * 1024;
/** So much of a body that is too large is read and thrown away, so that its sender gets to read the reply. */
const drainMaxBytes = 16 * bodyMaxBytes;

/** Throws a refusal with 415, 413 or 400. Undefined for an empty body. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json")
    throw new Refusal(415, "invalid_argument", "The body must be JSON: send Content-Type: application/json.");
  const text = (await readBytes(request)).toString("utf8");
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "invalid_argument", "The body is no JSON.");
  }
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  if (Number(request.headers["content-length"] ?? 0) > drainMaxBytes) throw tooLarge();
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > drainMaxBytes) break;
      if (bytes <= bodyMaxBytes) chunks.push(chunk);
    }
  } catch {
    throw new Refusal(400, "invalid_argument", "The body ended too early.");
  }
  if (bytes > bodyMaxBytes) throw tooLarge();
  return Buffer.concat(chunks);
}

const tooLarge = () =>
  new Refusal(413, "invalid_argument", `The body is larger than ${bodyMaxBytes} bytes.`, {
    Connection: "close",
  });

/** On every reply: it is for its caller alone, and never a page. */
export function setCommonHeaders(response: ServerResponse): void {
  response.setHeader("Cache-Control", "no-store");
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
}

export function sendText(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) return;
  const bytes = Buffer.from(text);
  response.writeHead(status, { ...headers, "Content-Type": type, "Content-Length": bytes.length });
  response.end(bytes);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers?: Readonly<Record<string, string>>,
): void {
  sendText(response, status, "application/json; charset=utf-8", JSON.stringify(value), headers);
}

/** Writes as fast as the other side reads; resolves when all is written or the other side has gone. */
export async function sendWebResponse(response: ServerResponse, answer: Response): Promise<void> {
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  if (answer.body === null || !answer.headers.get("content-type")?.startsWith("text/event-stream")) {
    const bytes = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, bytes.length === 0 ? {} : { "Content-Length": bytes.length });
    response.end(bytes);
    return;
  }
  response.writeHead(answer.status);
  response.flushHeaders();
  const reader = answer.body.getReader();
  const stop = () => void reader.cancel().catch(() => {});
  response.once("close", stop);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      await writeChunk(response, value);
    }
  } catch {
    // The exchange was torn down: what was sent has been sent.
  } finally {
    response.off("close", stop);
    response.end();
  }
}

/** Waits while the other side is behind; returns when it has gone. */
export async function writeChunk(response: ServerResponse, chunk: string | Uint8Array): Promise<void> {
  if (response.destroyed || response.write(chunk)) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.on("drain", go).on("close", go);
  });
}
