/** Every failure once: its code, whose fault it is, and whether trying again can help. */

/** Who has to act on a failure, and whether the same call may succeed later. */
export const errorCodes = {
  invalid_argument: { fault: "caller", retry: false },
  not_found: { fault: "caller", retry: false },
  conflict: { fault: "caller", retry: false },
  forbidden: { fault: "caller", retry: false },
  cancelled: { fault: "nobody", retry: false },
  unavailable: { fault: "world", retry: true },
  timeout: { fault: "world", retry: true },
  exhausted: { fault: "world", retry: true },
  corrupt: { fault: "us", retry: false },
  internal: { fault: "us", retry: false },
} as const satisfies Record<string, { fault: "caller" | "nobody" | "world" | "us"; retry: boolean }>;

export type ErrorCode = keyof typeof errorCodes;

/** A failure as it is stored with a task and sent between processes. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  /** Only a person can mend it: not tried again, whatever its code. */
  readonly isFinal?: boolean;
}

/**
 * The one error class. `message` says what is wrong **and what to do about it**;
 * rooms throw it, only the doors translate it into their own words.
 */
export class CambiumError extends Error {
  readonly code: ErrorCode;
  readonly isFinal: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    cause?: unknown,
    { isFinal = false }: { readonly isFinal?: boolean } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "CambiumError";
    this.code = code;
    this.isFinal = isFinal;
  }
}

/** Node's and SQLite's codes for a full disk, a read-only place and missing rights. */
const systemCodes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: "exhausted",
  EDQUOT: "exhausted",
  SQLITE_FULL: "exhausted",
  EMFILE: "exhausted",
  EROFS: "forbidden",
  EACCES: "forbidden",
  EPERM: "forbidden",
  SQLITE_READONLY: "forbidden",
  SQLITE_CANTOPEN: "forbidden",
  SQLITE_BUSY: "unavailable",
  SQLITE_IOERR: "unavailable",
  SQLITE_CORRUPT: "corrupt",
  SQLITE_NOTADB: "corrupt",
  ENOENT: "not_found",
};

/** What a thrown value means: a `CambiumError` as it is, a system error by its code, else `internal`. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof CambiumError) {
    const { code, message, isFinal } = thrown;
    return isFinal ? { code, message, isFinal } : { code, message };
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const system = (error as NodeJS.ErrnoException).code ?? "";
  const base = Object.keys(systemCodes).find((known) => system === known || system.startsWith(`${known}_`));
  return {
    code: base === undefined ? "internal" : (systemCodes[base] ?? "internal"),
    message: error.message,
  };
}

/** The failure as it was thrown, perhaps in another process. */
export function fromFailure({ code, message, isFinal = false }: Failure): CambiumError {
  return new CambiumError(code, message, undefined, { isFinal });
}
