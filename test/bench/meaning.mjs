/**
 * Hybrid search as an assistant sees it: the corpus is embedded by the fake provider (1,024 dimensions), then one live
 * MCP connection over stdio asks, first each question anew, then all of them again, whose vectors are known by then.
 * Usage: npm run bench -- --corpus <folder> --meaning
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { rolldown } from "rolldown";
import { percentile, someTerms } from "./door.mjs";
import { runAside } from "./run-aside.mjs";

/** The fixture is TypeScript, which Node 20 does not read. */
async function loadFake(folder) {
  const input = fileURLToPath(new URL("../fixtures/fake-provider.ts", import.meta.url));
  const bundle = await rolldown({ input, platform: "node" });
  const { output } = await bundle.write({ dir: folder, entryFileNames: "fake.mjs" });
  return import(join(folder, output[0].fileName));
}

export async function measureMeaning({ cambium, corpus, env, queries, print }) {
  const folder = mkdtempSync(join(tmpdir(), "cambium-fake-"));
  const { startFakeProvider } = await loadFake(folder);
  const fake = await startFakeProvider({ key: "k", dimensions: 1024 });
  const set = { ...env, CAMBIUM_EMBEDDINGS: "voyage", CAMBIUM_EMBEDDINGS_URL: fake.url, VOYAGE_API_KEY: "k" };
  try {
    // The worker that indexed knows no provider.
    await runAside([cambium, "control", "shutdown"], set);
    const began = performance.now();
    const { status, stdout, stderr } = await runAside([cambium, "embed", corpus, "--wait", "--json"], set);
    if (status !== 0) throw new Error(`embed failed: ${stderr}`);
    print("embed", (performance.now() - began) / 1000, "s");
    print("embedded_chunks", JSON.parse(stdout).embedded, "count");
    await askAll({ cambium, corpus, set, queries, print, fake });
  } finally {
    await fake.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function askAll({ cambium, corpus, set, queries, print, fake }) {
  const client = new Client({ name: "bench", version: "1" });
  await client.connect(
    new StdioClientTransport({
      ...{ command: process.execPath, args: [cambium, "mcp"], env: set, cwd: corpus, stderr: "ignore" },
    }),
  );
  const ask = async (query) => {
    const began = performance.now();
    const { isError, content, structuredContent } = await client.callTool({
      name: "search_code",
      arguments: { query, mode: "hybrid" },
    });
    const ms = performance.now() - began;
    if (isError || structuredContent?.note) throw new Error(structuredContent?.note ?? content[0].text);
    return ms;
  };
  const terms = await someTerms(corpus);
  const questions = [...new Set(terms)].slice(0, queries);
  print("hybrid_first_question", await ask("the first question reads all vectors"), "ms");
  const before = fake.requests.length;
  for (const kind of ["new", "known"]) {
    const times = [];
    for (const question of questions) times.push(await ask(question));
    print(`hybrid_${kind}_question_p50`, percentile(times, 0.5), "ms");
    print(`hybrid_${kind}_question_p95`, percentile(times, 0.95), "ms");
  }
  if (fake.requests.length - before !== questions.length) throw new Error("A known question was sent again.");
  const alone = [];
  for (const question of questions) alone.push(await timeOfProvider(fake.url, question));
  print("provider_alone_p50", percentile(alone, 0.5), "ms");
  print("provider_alone_p95", percentile(alone, 0.95), "ms");
  await client.close();
}

async function timeOfProvider(url, question) {
  const began = performance.now();
  const response = await fetch(`${url}/embeddings`, {
    method: "POST",
    headers: { authorization: "Bearer k" },
    body: JSON.stringify({ model: "voyage-code-3", input: [question], encoding_format: "base64" }),
  });
  await response.json();
  return performance.now() - began;
}
