/** What the HTTP door refuses itself, before any tool is asked: a status, one of our codes, and what to do. */
import { type ErrorCode, toFailure } from "../../errors.ts";
import { wordings } from "../failures.ts";

export class Refusal extends Error {
  readonly status: number;
  readonly code: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: ErrorCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Seconds after which trying again is worth it. */
const retryAfter = { "Retry-After": "1" };

/** Whatever was thrown, as the refusal that its caller gets. */
export function toRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  const { code, message } = toFailure(thrown);
  const { httpStatus } = wordings[code];
  return new Refusal(httpStatus, code, message, httpStatus === 503 || httpStatus === 429 ? retryAfter : {});
}

export function tooMany(message: string, waitSeconds = 1): Refusal {
  return new Refusal(429, "exhausted", message, {
    "Retry-After": String(Math.max(1, Math.ceil(waitSeconds))),
  });
}
