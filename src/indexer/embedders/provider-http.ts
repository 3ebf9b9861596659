/**
 * One embedding request over HTTP, as Voyage and everybody who follows OpenAI's wire format take it: what each answer
 * means, and what is never followed or believed. Retries nothing: whoever pays decides that.
 */
import { CambiumError } from "../../errors.ts";
import type { EmbedReply } from "../embedder.ts";

export interface EmbeddingRequest {
  readonly url: URL;
  readonly key: string;
  readonly body: {
    readonly model: string;
    readonly input: readonly string[];
    readonly [name: string]: unknown;
  };
  /** 0: any width. */
  readonly dimensions: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** What to do about a key that is refused. */
  readonly keyRemedy: string;
}

/** So much of an error is shown. */
const reasonLength = 300;
const answerBytesMax = 256 * 1024 * 1024;

export async function postEmbeddings(request: EmbeddingRequest): Promise<EmbedReply> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const signal = AbortSignal.any([request.signal, timeout]);
  let hasSent = false;
  try {
    const response = await fetch(request.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        ...(request.key === "" ? {} : { authorization: `Bearer ${request.key}` }),
      },
      body: JSON.stringify(request.body),
      // A redirect would take the code, and perhaps the key, to somewhere nobody chose.
      redirect: "manual",
      signal,
    });
    hasSent = true;
    return await readAnswer(request, response);
  } catch (error) {
    if (error instanceof CambiumError) throw error;
    request.signal.throwIfAborted();
    const reason = timeout.aborted
      ? `${request.url.host} did not answer within ${request.timeoutMs / 1000} s`
      : `${request.url.host} cannot be reached: ${rootMessage(error)}`;
    return busy(reason, undefined, hasSent || timeout.aborted || !isRefused(error));
  }
}

async function readAnswer(request: EmbeddingRequest, response: Response): Promise<EmbedReply> {
  const { status } = response;
  const text = await readText(response);
  if (status === 200) return readVectors(request, text);
  const said = describe(text);
  const host = request.url.host;
  if (status >= 300 && status < 400) {
    const to = hostOf(response.headers.get("location"), request.url);
    throw new CambiumError(
      "forbidden",
      `${host} redirects to ${to}, which is not followed. Set CAMBIUM_EMBEDDINGS_URL to the address that is meant.`,
    );
  }
  const retryAfterMs = readRetryAfter(response.headers.get("retry-after"), Date.now());
  if (status === 429) return busy(`rate limit (${host}${said})`, retryAfterMs, false);
  if (status >= 500 || status === 408) return busy(`${host} answered ${status}${said}`, retryAfterMs, false);
  if (status === 401 || status === 403)
    throw new CambiumError("forbidden", `${host} refused the key (${status}${said}). ${request.keyRemedy}`);
  if (/token|too (long|large|many)|context length|maximum|batch size/i.test(said) && status !== 404)
    return { kind: "too_long", reason: `${host} answered ${status}${said}` };
  throw new CambiumError(
    "invalid_argument",
    `${host} refused the request (${status}${said}). Check CAMBIUM_EMBEDDINGS_MODEL (${JSON.stringify(request.body.model)}), CAMBIUM_EMBEDDINGS_DIMENSIONS and CAMBIUM_EMBEDDINGS_URL, then run \`cambium embed\` again.`,
  );
}

async function readText(response: Response): Promise<string> {
  const announced = Number(response.headers.get("content-length") ?? 0);
  if (announced > answerBytesMax) {
    await response.body?.cancel();
    throw new Error(`an answer of ${announced} bytes is refused`);
  }
  return response.text();
}

/** Any entry may be missing or of no use: the others are kept, as they are paid for. */
function readVectors({ url, body, dimensions }: EmbeddingRequest, text: string): EmbedReply {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return busy(`the answer of ${url.host} broke off after ${text.length} characters`, undefined, true);
  }
  const { data, usage } = (parsed ?? {}) as { data?: unknown; usage?: { total_tokens?: unknown } };
  if (!Array.isArray(data)) return busy(`the answer of ${url.host} holds no data`, undefined, true);
  const vectors: (Float32Array | undefined)[] = body.input.map(() => undefined);
  for (const [place, entry] of data.entries()) {
    const { index, embedding } = (entry ?? {}) as { index?: unknown; embedding?: unknown };
    const at = typeof index === "number" ? index : place;
    if (at in vectors) vectors[at] = readVector(embedding);
  }
  const wrong = vectors.find(
    (vector) => vector !== undefined && dimensions > 0 && vector.length !== dimensions,
  );
  if (wrong !== undefined) {
    throw new CambiumError(
      "invalid_argument",
      `${url.host} gave vectors of ${wrong.length} dimensions instead of ${dimensions}. Set CAMBIUM_EMBEDDINGS_DIMENSIONS to ${wrong.length}, or to what ${body.model} can give.`,
    );
  }
  const tokens = usage?.total_tokens;
  return { kind: "vectors", vectors, tokens: typeof tokens === "number" && tokens >= 0 ? tokens : undefined };
}

/** As numbers, or as base64 of little-endian floats. Undefined for one with no direction: NaN, infinite or zero. */
function readVector(embedding: unknown): Float32Array | undefined {
  const vector = Array.isArray(embedding)
    ? Float32Array.from(embedding as number[])
    : typeof embedding === "string"
      ? readFloats(Buffer.from(embedding, "base64"))
      : new Float32Array(0);
  let square = 0;
  for (const value of vector) square += value * value;
  return Number.isFinite(square) && square > 0 ? vector : undefined;
}

function readFloats(bytes: Buffer): Float32Array {
  const values = new Float32Array(bytes.length >> 2);
  for (let at = 0; at < values.length; at += 1) values[at] = bytes.readFloatLE(at * 4);
  return values;
}

/** Seconds or a date. A negative or unreadable one says nothing. */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(header) ? 1000 * Number(header) : Date.parse(header) - now;
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

/** The reason that stands in an error's body, in any of the usual forms; it is a stranger's text. */
function describe(text: string): string {
  let said: unknown = text;
  try {
    const body = JSON.parse(text) as { detail?: unknown; message?: unknown; error?: unknown };
    const { error } = body;
    said =
      body.detail ?? (error as { message?: unknown } | undefined)?.message ?? error ?? body.message ?? text;
  } catch {
    // Not JSON: a proxy's page.
  }
  const line = (typeof said === "string" ? said : JSON.stringify(said)).replace(/[\p{C}\s]+/gu, " ").trim();
  return line === "" ? "" : `: ${line.slice(0, reasonLength)}`;
}

function hostOf(location: string | null, from: URL): string {
  try {
    return new URL(location ?? "", from).host;
  } catch {
    return "nowhere";
  }
}

function rootMessage(error: unknown): string {
  const { cause, message } = error as { cause?: unknown; message?: string };
  return cause instanceof Error ? rootMessage(cause) : String(message ?? error);
}

/** Then nothing was sent. */
function isRefused(error: unknown): boolean {
  const code = ((error as { cause?: { code?: string } }).cause?.code ?? "").toString();
  return /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UND_ERR_CONNECT_TIMEOUT)$/.test(code);
}

const busy = (reason: string, retryAfterMs: number | undefined, isDoubtful: boolean): EmbedReply => ({
  kind: "busy",
  ...{ reason, retryAfterMs, isDoubtful },
});
