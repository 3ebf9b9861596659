/** A failure as the one string that BullMQ keeps with a failed job, and back. */
import { type ErrorCode, errorCodes, type Failure } from "../errors.ts";

export function writeReason(failure: Failure): string {
  return `${failure.code}: ${failure.message}`;
}

/** Understands also the reasons that BullMQ itself gives. */
export function readReason(reason: string | undefined): Failure {
  const [, code = "", message = ""] = /^([a-z_]+): ([\s\S]*)$/.exec(reason ?? "") ?? [];
  if (Object.hasOwn(errorCodes, code)) return { code: code as ErrorCode, message };
  if (reason?.includes("stalled more than") === true) {
    const text =
      "The task was interrupted too often by workers that died. Run it again when the machine is well.";
    return { code: "unavailable", message: text };
  }
  return {
    code: "internal",
    message: reason === undefined || reason === "" ? "No reason was stored." : reason,
  };
}
