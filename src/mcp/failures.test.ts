/** Each failure has its words at each door, and none of them tells where the home folder is. */
import { homedir } from "node:os";
import { expect, it } from "vitest";
import { type ErrorCode, errorCodes } from "../errors.ts";
import { exitCodeOf, hideHome, hideHomeDeep, sayFailure } from "./failures.ts";

it("the exit code follows from whose fault it is", () => {
  const expected = { caller: 2, nobody: 130, world: 75, us: 70 };
  for (const [code, { fault }] of Object.entries(errorCodes)) {
    expect(exitCodeOf(code as ErrorCode), code).toBe(expected[fault]);
  }
});

it("what the world may mend says that the same call may be made again", () => {
  for (const [code, { retry }] of Object.entries(errorCodes)) {
    expect(/same call/.test(sayFailure({ code: code as ErrorCode, message: "m" })), code).toBe(retry);
  }
});

it("the home folder is shown as ~, and only the home folder", () => {
  const home = homedir();
  expect(hideHome(`${home}/x and "${home}" and ${home}`)).toBe('~/x and "~" and ~');
  expect(hideHome(`${home}-twin/x /mnt${home}/x`)).toBe(`${home}-twin/x /mnt${home}/x`);
  expect(sayFailure({ code: "not_found", message: `There is no ${home}/x.` })).toBe(
    "not_found: There is no ~/x.",
  );
  expect(hideHomeDeep({ a: [`${home}/x`, 1, null], b: { c: true } })).toEqual({
    a: ["~/x", 1, null],
    b: { c: true },
  });
});
