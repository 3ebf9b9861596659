/** Requests of a wrong form are the caller's fault, and are told so; all others go on as they came. */
import { describe, expect, it } from "vitest";
import { readForm, readFormOfLine } from "./message-form.ts";

const request = (method: string, params?: unknown) => ({
  jsonrpc: "2.0",
  id: 7,
  method,
  ...(params === undefined ? {} : { params }),
});
const refusalOf = (message: unknown) => {
  const form = readForm(message);
  return "refusal" in form ? form.refusal : undefined;
};

describe("is refused with -32602, and told what is wrong", () => {
  it.each([
    ["params as a list", request("tools/call", [1]), /params/],
    ["params as text", request("tools/list", "x"), /params/],
    ["params that are null", request("tools/call", null), /params/],
    ["no params where some are needed", request("tools/call"), /params/],
    ["_meta of another type", request("ping", { _meta: 5 }), /params\._meta/],
    ["a progress token of another type", request("ping", { _meta: { progressToken: {} } }), /progressToken/],
    ["a cursor of another type", request("tools/list", { cursor: 5 }), /params\.cursor/],
    ["the same of resources", request("resources/list", { cursor: {} }), /params\.cursor/],
    ["the same of templates", request("resources/templates/list", { cursor: 5 }), /params\.cursor/],
    ["the same of prompts", request("prompts/list", { cursor: 5 }), /params\.cursor/],
    ["a cursor that nobody gave", request("tools/list", { cursor: "abc" }), /no cursor/],
    [
      "a greeting without its parts",
      request("initialize", { protocolVersion: 5 }),
      /protocolVersion.*clientInfo/,
    ],
    ["a name of another type", request("tools/call", { name: 5 }), /params\.name/],
    [
      "arguments of another type, with the right call",
      request("tools/call", { name: "get_task_status", arguments: "x" }),
      /Call get_task_status \{"task_id"/,
    ],
    [
      "arguments as a list",
      request("tools/call", { name: "search_code", arguments: [1] }),
      /Call search_code/,
    ],
    ["one of several", [request("tools/list"), request("tools/list", { cursor: 5 })], /params\.cursor/],
    [
      "arguments for an unknown tool",
      request("tools/call", { name: "grep", arguments: 1 }),
      /params\.arguments/,
    ],
  ])("%s", (_name, message, text) => {
    expect(refusalOf(message)).toMatchObject({ jsonrpc: "2.0", id: 7, error: { code: -32602 } });
    expect(refusalOf(message)?.error.message).toMatch(text);
    expect(refusalOf(message)?.error.message.length).toBeLessThan(600);
  });
});

it.each([
  [{ id: "a", method: "tools/list" }],
  [{ jsonrpc: "1.0", id: "a", method: "tools/list" }],
  [{ ...request("tools/list"), id: 1.5 }],
])("%j is no request of JSON-RPC: -32600", (message) => {
  expect(refusalOf(message)).toMatchObject({ id: message.id, error: { code: -32600 } });
});

it.each([
  [request("tools/list")],
  [request("tools/list", { cursor: "" })],
  [request("tools/call", { name: "search_code", arguments: { query: 5 } })],
  [request("no/such", { any: "thing" })],
  [request("initialize", { _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } })],
  [{ jsonrpc: "2.0", method: "notifications/cancelled", params: [1] }],
  [{ jsonrpc: "2.0", id: null, method: "tools/list" }],
  [{ jsonrpc: "2.0", id: 1, result: {} }],
  [[request("tools/list"), { jsonrpc: "2.0", method: "notifications/initialized" }]],
  ["text"],
  [null],
])("%j goes on as it came", (message) => {
  expect(readForm(message)).toEqual({ message });
});

it("arguments that are null are none", () => {
  const form = readForm(request("tools/call", { name: "list_tasks", arguments: null }));
  expect(form).toEqual({ message: request("tools/call", { name: "list_tasks" }) });
});

it("a stateless greeting over stdio is no method, whatever was greeted before, and a whole one goes on", () => {
  const meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
  const error = { code: -32601, message: "Method not found" };
  expect(readFormOfLine(request("initialize", { _meta: meta }))).toMatchObject({ refusal: { id: 7, error } });
  const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "x", version: "1" } };
  const whole = request("initialize", { ...hello, _meta: meta });
  expect(readFormOfLine(whole)).toEqual({ message: whole });
});
