/** The wire answers what was asked before it ends, and ends in any case. */
import { PassThrough } from "node:stream";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { readForm } from "./message-form.ts";
import { openStdioWire } from "./stdio-wire.ts";

function openPair() {
  const input = new PassThrough();
  const output = new PassThrough();
  const wire = openStdioWire(input, output, readForm);
  const received: JSONRPCMessage[] = [];
  const events: string[] = [];
  wire.transport.onmessage = (message) => received.push(message);
  wire.onEnd(() => events.push("end"));
  const send = (message: object) => input.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const answer = (id: number) => wire.transport.send({ jsonrpc: "2.0", id, result: {} });
  return { input, output, wire, received, events, send, answer };
}

const ended = (wire: ReturnType<typeof openPair>["wire"]) =>
  new Promise<void>((resolve) => wire.onEnd(resolve));
/** All that is already under way in the event loop has happened after some turns of it. */
const turns = async () => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((next) => setImmediate(next));
};

describe("when the input ends", () => {
  it("requests that were read are answered first", async () => {
    const { input, output, wire, received, events, send, answer } = openPair();
    await wire.transport.start();
    send({ id: 1, method: "tools/list" });
    send({ id: 2, method: "tools/call", params: { name: "list_tasks" } });
    send({ method: "notifications/initialized" });
    input.end();
    await turns();
    expect(received).toHaveLength(3);
    await answer(1);
    await turns();
    expect(events).toEqual([]);
    await answer(2);
    await ended(wire);
    await wire.flush();
    expect(String(output.read()).trim().split("\n")).toHaveLength(2);
  });

  it("a cancelled request is not waited for", async () => {
    const { input, wire, send } = openPair();
    await wire.transport.start();
    send({ id: 1, method: "tools/call", params: { name: "list_tasks" } });
    send({ method: "notifications/cancelled", params: { requestId: 1 } });
    input.end();
    await ended(wire);
  });

  it("a request that is never answered does not hold it for ever", async () => {
    const { input, wire, send } = openPair();
    await wire.transport.start();
    send({ id: 1, method: "tools/call", params: { name: "list_tasks" } });
    input.end();
    await ended(wire);
  }, 20_000);

  it("nothing asked: at once", async () => {
    const { input, wire } = openPair();
    await wire.transport.start();
    input.end();
    await ended(wire);
  });
});

it("a client that is gone ends it", async () => {
  const { output, wire, answer } = openPair();
  await wire.transport.start();
  output.destroy(new Error("EPIPE"));
  await expect(answer(1)).rejects.toThrow();
  await ended(wire);
});

it("lines that are no messages are passed over", async () => {
  const { input, wire, received, send } = openPair();
  await wire.transport.start();
  input.write('garbage\n{"also":"no message"}\n\n');
  send({ id: 1, method: "ping" });
  await turns();
  expect(received).toMatchObject([{ id: 1 }]);
});

it("a request of a wrong form is answered, and nobody waits for it", async () => {
  const { input, output, wire, received, send } = openPair();
  await wire.transport.start();
  send({ id: 1, method: "tools/call", params: [1] });
  send({ id: 2, method: "tools/list", params: { cursor: 5 } });
  send({ id: 3, method: "ping", params: { _meta: 5 } });
  input.end();
  await ended(wire);
  await wire.flush();
  expect(received).toEqual([]);
  const answers = String(output.read()).trim().split("\n");
  expect(answers.map((line) => JSON.parse(line))).toMatchObject(
    [1, 2, 3].map((id) => ({ id, error: { code: -32602 } })),
  );
});

it("a message without an end is given up before it fills the memory", async () => {
  const { input, wire } = openPair();
  const errors: Error[] = [];
  wire.transport.onerror = (error) => errors.push(error);
  await wire.transport.start();
  const flood = Buffer.alloc(1024 * 1024, "x");
  for (let megabyte = 0; megabyte < 12; megabyte += 1) input.write(flood);
  await ended(wire);
  expect(errors).toHaveLength(1);
});
