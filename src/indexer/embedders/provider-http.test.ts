/** What a refusal means: which ones are waited for, which ones make a request smaller, and which ones end a task. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { postEmbeddings } from "./provider-http.ts";

let server: Server;

async function ask(status: number, body: string, headers: Record<string, string> = {}) {
  server = createServer((_, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const signal = new AbortController().signal;
  const what = { key: "k", dimensions: 0, timeoutMs: 5000, signal, keyRemedy: "Check the key." };
  return postEmbeddings({
    ...what,
    url: new URL(`http://127.0.0.1:${port}/v1/embeddings`),
    body: { model: "m", input: ["a", "b"] },
  });
}

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it.each([
  ["Voyage", 400, { detail: "The max allowed tokens per submitted batch is 120000. Your batch has 130000." }],
  ["Voyage", 400, { detail: "The batch size limit is 1000. Your batch size is 1200." }],
  ["OpenAI", 400, { error: { message: "This model's maximum context length is 8192 tokens, not 9000." } }],
  ["OpenAI", 400, { error: { message: "Requested 350000 tokens, max 300000 tokens per request" } }],
  ["OpenAI", 400, { error: { message: "Invalid 'input': array too long. Expected at most 2048 items." } }],
  ["Ollama", 400, { error: { message: "the input length exceeds the context length" } }],
  ["text-embeddings-inference", 413, { error: "`inputs` must have less than 512 tokens. Given: 600" }],
  ["text-embeddings-inference", 422, { error: "batch size 64 > maximum allowed batch size 32" }],
  [
    "llama.cpp",
    500,
    { error: { message: "input (600 tokens) is too large to process. increase the batch" } },
  ],
  ["a proxy", 413, "<html>413 Request Entity Too Large</html>"],
])("%s, %d: less is sent at a time", async (_, status, body) => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  expect(await ask(status, text)).toMatchObject({ kind: "too_long" });
});

it.each([
  ["a token that is a key", 400, "Invalid token", "invalid_argument"],
  ["no money left", 402, "You have no tokens left. Add credit.", "invalid_argument"],
  ["a key that may not", 403, "This token has no permission for embeddings", "forbidden"],
  ["a field", 422, "Field `encoding_format` is unknown", "invalid_argument"],
  ["no such model", 404, "model m not found, try a maximum one", "invalid_argument"],
])("%s, %d: ends at once, and no passage is taken for too long", async (_, status, message, code) => {
  await expect(ask(status, JSON.stringify({ error: { message } }))).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});

it("500: is waited for", async () => {
  expect(await ask(500, JSON.stringify({ error: "Internal error" }))).toMatchObject({
    kind: "busy",
    isDoubtful: false,
  });
});

it("Retry-After as a date is counted by the server's clock, whatever ours says", async () => {
  const theirs = Date.now() - 86_400_000;
  const date = (ms: number) => new Date(theirs + ms).toUTCString();
  expect(await ask(429, "{}", { date: date(0), "retry-after": date(30_000) })).toMatchObject({
    kind: "busy",
    retryAfterMs: 30_000,
  });
});
