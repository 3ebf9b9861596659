/**
 * One request over HTTP, as Voyage and everybody who follows OpenAI's wire format take it: what each answer means, and
 * what is never followed or believed. Retries nothing: whoever pays decides that.
 */
import { CambiumError } from "../../errors.ts";
import type { EmbedReply, Refusal, RerankReply } from "../embedder.ts";

interface ProviderRequest {
  readonly url: URL;
  readonly key: string;
  readonly body: { readonly model: string; readonly [name: string]: unknown };
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** What to do about a key that is refused. */
  readonly keyRemedy: string;
}

export interface EmbeddingRequest extends ProviderRequest {
  readonly body: ProviderRequest["body"] & { readonly input: readonly string[] };
  /** 0: any width. */
  readonly dimensions: number;
  /** What the numbers of a vector are; floats where it is missing. */
  readonly outputType?: OutputType;
}

/** Floats, integers of 8 bits, or eight signs in each of these. */
export const outputTypes = ["float", "int8", "uint8", "binary", "ubinary"] as const;
export type OutputType = (typeof outputTypes)[number];

export interface RerankRequest extends ProviderRequest {
  readonly body: ProviderRequest["body"] & { readonly documents: readonly string[] };
}

/** So much of an error is shown. */
const reasonLength = 300;
const answerBytesMax = 256 * 1024 * 1024;

export const postEmbeddings = (request: EmbeddingRequest): Promise<EmbedReply> =>
  post(
    request,
    "CAMBIUM_EMBEDDINGS_MODEL",
    "CAMBIUM_EMBEDDINGS_DIMENSIONS and CAMBIUM_EMBEDDINGS_URL, then run `cambium embed` again",
    (answer) => readVectors(request, answer),
  );

export const postRerank = (request: RerankRequest): Promise<RerankReply> =>
  post(request, "CAMBIUM_RERANK_MODEL", "CAMBIUM_EMBEDDINGS_URL", (answer) => readScores(request, answer));

interface Answer {
  readonly data: readonly unknown[];
  readonly tokens: number | undefined;
}

/** `modelSetting` and `otherSettings` are what to look at where the request is refused. */
async function post<T>(
  request: ProviderRequest,
  modelSetting: string,
  otherSettings: string,
  read: (answer: Answer) => T,
): Promise<T | Refusal> {
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
    const text = await readText(response);
    const found = response.status === 200 ? readAnswer(request, text) : undefined;
    if (found !== undefined) return "data" in found ? read(found) : found;
    return readRefusal(
      request,
      response,
      text,
      `${modelSetting} (${JSON.stringify(request.body.model)}), ${otherSettings}`,
    );
  } catch (error) {
    if (error instanceof CambiumError) throw error;
    request.signal.throwIfAborted();
    const reason = timeout.aborted
      ? `${request.url.host} did not answer within ${request.timeoutMs / 1000} s`
      : `${request.url.host} cannot be reached: ${rootMessage(error)}`;
    return busy(reason, undefined, hasSent || timeout.aborted || !isRefused(error));
  }
}

function readRefusal(request: ProviderRequest, response: Response, text: string, settings: string): Refusal {
  const { status } = response;
  const said = describe(text);
  const host = request.url.host;
  if (status >= 300 && status < 400) {
    const to = hostOf(response.headers.get("location"), request.url);
    throw new CambiumError(
      "forbidden",
      `${host} redirects to ${to}, which is not followed. Set CAMBIUM_EMBEDDINGS_URL to the address that is meant.`,
    );
  }
  if (isTooLong(status, said)) return { kind: "too_long", reason: `${host} answered ${status}${said}` };
  // A date is told by their clock, and ours may be another.
  const now = Date.parse(response.headers.get("date") ?? "") || Date.now();
  const retryAfterMs = readRetryAfter(response.headers.get("retry-after"), now);
  if (status === 429) return busy(`rate limit (${host}${said})`, retryAfterMs, false);
  if (status >= 500 || status === 408) return busy(`${host} answered ${status}${said}`, retryAfterMs, false);
  if (status === 401 || status === 403)
    throw new CambiumError("forbidden", `${host} refused the key (${status}${said}). ${request.keyRemedy}`);
  throw new CambiumError(
    "invalid_argument",
    `${host} refused the request (${status}${said}). Check ${settings}.`,
  );
}

/**
 * Servers say in many words that a text or a request is too long, some of them with 500. A word too few here ends a task,
 * a word too many leaves passages out that nothing is wrong with.
 */
function isTooLong(status: number, said: string): boolean {
  if (status === 413) return true;
  if (status === 500) return /too (long|large) to process|exceeds? .*context/i.test(said);
  const tooMuch =
    /\btoo (long|large|many)\b|\bcontext (length|size|window)\b|\bmax\w*\b.{0,20}\b(tokens|length|batch|input)|\bbatch size\b|\b(less|fewer) than \d+ tokens/i;
  return (status === 400 || status === 422) && tooMuch.test(said);
}

async function readText(response: Response): Promise<string> {
  const announced = Number(response.headers.get("content-length") ?? 0);
  if (announced > answerBytesMax) {
    await response.body?.cancel();
    throw new Error(`an answer of ${announced} bytes is refused`);
  }
  return response.text();
}

function readAnswer({ url }: ProviderRequest, text: string): Answer | Refusal {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return busy(`the answer of ${url.host} broke off after ${text.length} characters`, undefined, true);
  }
  const { data, usage } = (parsed ?? {}) as { data?: unknown; usage?: { total_tokens?: unknown } };
  if (!Array.isArray(data)) return busy(`the answer of ${url.host} holds no data`, undefined, true);
  const total = usage?.total_tokens;
  return { data, tokens: typeof total === "number" && total >= 0 ? total : undefined };
}

/** Any entry may be missing or of no use: the others are kept, as they are paid for. */
function readVectors(request: EmbeddingRequest, { data, tokens }: Answer): EmbedReply {
  const { url, body, dimensions, outputType = "float" } = request;
  const vectors: (Float32Array | undefined)[] = body.input.map(() => undefined);
  for (const [place, entry] of data.entries()) {
    const { index, embedding } = (entry ?? {}) as { index?: unknown; embedding?: unknown };
    const at = typeof index === "number" ? index : place;
    if (at in vectors) vectors[at] = readVector(embedding, outputType);
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
  return { kind: "vectors", vectors, tokens };
}

function readScores({ body }: RerankRequest, { data, tokens }: Answer): RerankReply {
  const scores: (number | undefined)[] = body.documents.map(() => undefined);
  for (const entry of data) {
    const { index, relevance_score: score } = (entry ?? {}) as { index?: unknown; relevance_score?: unknown };
    if (typeof index === "number" && index in scores && typeof score === "number") scores[index] = score;
  }
  return { kind: "scores", scores, tokens };
}

/** As numbers, or as base64 of them. Undefined for one with no direction: NaN, infinite or zero. */
function readVector(embedding: unknown, type: OutputType): Float32Array | undefined {
  const numbers = Array.isArray(embedding)
    ? Float32Array.from(embedding as number[])
    : typeof embedding === "string"
      ? readNumbers(Buffer.from(embedding, "base64"), type)
      : new Float32Array(0);
  const vector = type === "float" || type === "int8" ? numbers : unfold(numbers, type);
  let square = 0;
  for (const value of vector) square += value * value;
  return Number.isFinite(square) && square > 0 ? vector : undefined;
}

/** Little-endian floats, or bytes. */
function readNumbers(bytes: Buffer, type: OutputType): Float32Array {
  if (type === "int8" || type === "binary") return Float32Array.from(bytes, (byte) => (byte << 24) >> 24);
  if (type !== "float") return Float32Array.from(bytes);
  const values = new Float32Array(bytes.length >> 2);
  for (let at = 0; at < values.length; at += 1) values[at] = bytes.readFloatLE(at * 4);
  return values;
}

/** What a provider has packed or moved into its integers; the first of eight signs is the highest bit. */
function unfold(numbers: Float32Array, type: OutputType): Float32Array {
  if (type === "uint8") return numbers.map((number) => number - 128);
  const moved = type === "binary" ? 128 : 0;
  return Float32Array.from({ length: numbers.length * 8 }, (_, at) => {
    const byte = (numbers[at >> 3] as number) + moved;
    return Number.isNaN(byte) ? byte : (byte >> (7 - (at & 7))) & 1 ? 1 : -1;
  });
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

const busy = (reason: string, retryAfterMs: number | undefined, isDoubtful: boolean): Refusal => ({
  kind: "busy",
  ...{ reason, retryAfterMs, isDoubtful },
});
