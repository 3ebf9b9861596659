/** Names and doc comments as they are shown: without quotes and markers, and with all that belongs to them. */
import { describe, expect, it } from "vitest";
import { cleanName, docInside } from "./extract-text.ts";

describe("cleanName", () => {
  it.each([
    ["<vector>", "vector"],
    ["<sys/types.h>", "sys/types.h"],
    ['"a b"', "a b"],
    [":name", "name"],
    ["::Name", "::Name"],
    // Operators are names, and no headers.
    ["<+>", "<+>"],
    ["<->", "<->"],
    ["<.>", "<.>"],
    ["<$>", "<$>"],
    ["operator T() const", "operator T"],
    ["a \n  b", "a b"],
  ])("makes %j %j", (written, name) => {
    expect(cleanName(written)).toBe(name);
  });
});

describe("docInside", () => {
  const markers = { line: ["//", "#"], block: [["/*", "*/"]] as const };

  it.each([
    ["a docstring", '"""One.\n\n    Two.\n    """', "One.\n\nTwo."],
    ["a block", "/** One.\n * Two.\n */", "One.\nTwo."],
    ["lines of a comment", "/// One.\n    /// Two.\n    //!  Three.", "One.\nTwo.\n Three."],
    ["lines with a sign of one letter", "# One.\n# Two.", "One.\nTwo."],
  ])("reads %s", (_, written, doc) => {
    expect(docInside(written, markers)).toBe(doc);
  });
});
