/** A failure survives the one string that the queue keeps of it. */
import { describe, expect, it } from "vitest";
import { type ErrorCode, errorCodes } from "../errors.ts";
import { readReason, writeReason } from "./reason.ts";

describe("reasons", () => {
  it.each(Object.keys(errorCodes) as ErrorCode[])("keeps %s with a message of several lines", (code) => {
    const failure = { code, message: "a: b\nc" };
    expect(readReason(writeReason(failure))).toEqual(failure);
  });

  it("understands what BullMQ writes itself, and what nobody wrote", () => {
    expect(readReason("job stalled more than allowable limit").code).toBe("unavailable");
    expect(readReason("constructor: x")).toEqual({ code: "internal", message: "constructor: x" });
    expect(readReason(undefined).code).toBe("internal");
  });
});
