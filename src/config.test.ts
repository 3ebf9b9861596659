/** Settings that could be misread as more than they say. */
import { delimiter } from "node:path";
import { expect, it } from "vitest";
import { readConfig } from "./config.ts";

const rootsOf = (value: string) => readConfig({ home: "/nowhere" }, { CAMBIUM_ROOTS: value }).roots;

it("an allow-list that names no folder is refused, never taken for no list", () => {
  for (const value of [delimiter, `${delimiter}${delimiter}`, " ", ` ${delimiter} `]) {
    expect(() => rootsOf(value), JSON.stringify(value)).toThrow(/CAMBIUM_ROOTS: roots = .* names no folder/);
  }
  expect(() => readConfig({ home: "/nowhere", roots: [""] }, {})).toThrow(/names no folder/);
});

it("an allow-list keeps its folders, and an unset one is empty", () => {
  expect(rootsOf(`/a${delimiter}${delimiter}/b c`)).toEqual(["/a", "/b c"]);
  expect(rootsOf("")).toEqual([]);
  expect(readConfig({ home: "/nowhere", roots: ["/a"] }, {}).roots).toEqual(["/a"]);
});

it("a store's URL is one of three sorts, and no message shows what it holds", () => {
  const urlOf = (value: string) => readConfig({ home: "/nowhere" }, { CAMBIUM_QUEUE_URL: value }).queueUrl;
  for (const url of [
    "sqlite:",
    "redis://h",
    "rediss://u:p@h:1/2",
    "postgres://h/d",
    "postgresql://h/d?schema=s",
  ])
    expect(urlOf(url)).toBe(url);
  for (const url of ["mysql://u:secret@h/d", "redis:secret", "sqlite:///secret", "secret"]) {
    expect(() => urlOf(url)).toThrow(/CAMBIUM_QUEUE_URL: queueUrl is refused. It begins with redis:/);
    expect(() => urlOf(url)).not.toThrow(/secret/);
  }
});

it("says which embedders there are", () => {
  const provider = (value: string) =>
    readConfig({ home: "/nowhere" }, { CAMBIUM_EMBEDDINGS: value }).embeddings;
  expect(provider("openai")).toBe("openai");
  expect(provider("local")).toBe("local");
  expect(() => provider("nearby")).toThrow(/expected one of "none"\|"local"\|"voyage"\|"openai"/);
});
