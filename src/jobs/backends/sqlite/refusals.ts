/** Why BullMQ's classes are refused something, as the errors and codes that they know. */
import type { ErrorCode } from "bullmq";
import type { JobRow } from "./job-row.ts";
import { active } from "./schema.ts";

/** BullMQ's `ErrorCode`s by value: its module is not loaded here, which would cost every start of a door 0.2 s. */
const wordings = {
  missing: [-1, (id) => `Missing key for job ${id}`],
  unlocked: [-2, (id) => `Missing lock for job ${id}`],
  wrongState: [-3, (id, state) => `Job ${id} is not in the ${state} state`],
  pendingChildren: [-4, (id) => `Job ${id} has pending dependencies`],
  missingParent: [-5, (id) => `Missing key for parent job ${id}`],
  otherLock: [-6, (id) => `Lock mismatch for job ${id}`],
  otherParent: [-7, (id) => `The parent job ${id} cannot be replaced`],
  scheduled: [-8, (id) => `Job ${id} belongs to a job scheduler and cannot be removed directly`],
  failedChildren: [-9, (id) => `Cannot complete job ${id} because it has at least one failed child`],
  slotTaken: [-10, () => "Cannot create job scheduler iteration - job ID already exists"],
  slotsBusy: [
    -11,
    () => "Cannot create job scheduler iteration - current and next time slots already have jobs",
  ],
} as const satisfies Record<string, readonly [ErrorCode, (id: string, state: string) => string]>;

export type Refusal = keyof typeof wordings;

export interface RefusalError extends Error {
  code: number;
}

/** `command` is BullMQ's name of the operation; `id` is the job's, or the parent's key. */
export function refuse(refusal: Refusal, id: string, command: string, state = ""): RefusalError {
  const [code, word] = wordings[refusal];
  const tail = refusal === "otherLock" ? `Cmd ${command} from ${state}` : command;
  const message = `${word(id, state)}. ${tail}`;
  const error = Object.assign(new Error(message), { code });
  // BullMQ knows a failure that no retry mends by this name.
  if (refusal === "failedChildren") error.name = "UnrecoverableError";
  return error;
}

/** BullMQ's token for moving an active job without holding it; it leaves the token out elsewhere. */
const noToken = "0";

/**
 * The fence: only the holder of the current lock may move an active job on. A lock whose time is over holds until
 * another worker has taken the job: a machine that slept must not lose what it had done.
 */
export function checkLock(
  row: JobRow | undefined,
  id: string,
  token: string | undefined,
  command: string,
): JobRow {
  if (row === undefined) throw refuse("missing", id, command);
  if (token === undefined || token === noToken) {
    if (row.state !== active) throw refuse("wrongState", id, command, "active");
    return row;
  }
  if (row.state !== active || row.lock_token === null) throw refuse("unlocked", id, command);
  if (row.lock_token !== token) throw refuse("otherLock", id, command, "active");
  return row;
}
