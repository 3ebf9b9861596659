/** What the official conformance suite wants to find on a server: small tools over the real task store, a resource, a prompt. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "@modelcontextprotocol/server";
import { z } from "zod";
import { CambiumError } from "../../src/errors.ts";
import type { TaskRecord } from "../../src/jobs/task.ts";
import { getPrompt, listPrompts } from "../../src/mcp/prompts.ts";
import { listTemplates, readResource } from "../../src/mcp/resources.ts";
import { defineTool, type Tool, type ToolDeps } from "../../src/mcp/tool.ts";
import { answerEnded } from "../../src/mcp/tools/tasks.ts";
import type { JobsHarness } from "../fixtures/jobs-harness.ts";

const annotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
const nothing = z.object({});
const rest = { title: "Fixture", description: "A fixture.", example: {}, annotations };

/** A task that is stored, run by a worker process of its own, and given to clients that follow tasks. */
const started = (task: TaskRecord) => ({ ...answerEnded(task), task });

export function fixtureTools(harness: JobsHarness): readonly Tool[] {
  return [
    defineTool({
      ...rest,
      name: "greet",
      input: z.object({ name: z.string() }),
      run: ({ name }) => ({ text: `Hello, ${name}!` }),
    }),
    defineTool({
      ...rest,
      name: "test_simple_text",
      input: nothing,
      run: () => ({ text: "This is a simple text response for testing." }),
    }),
    defineTool({
      ...rest,
      name: "test_error_handling",
      input: nothing,
      run: () => {
        throw new CambiumError("conflict", "This tool intentionally returns an error for testing");
      },
    }),
    defineTool({
      ...rest,
      name: "test_tool_with_progress",
      input: nothing,
      run: async (_args, _deps, { onProgress }) => {
        for (const done of [0, 50, 100]) {
          onProgress?.({ done, total: 100, message: "under way" });
          await sleep(50);
        }
        return { text: "done" };
      },
    }),
    defineTool({
      ...rest,
      name: "slow_compute",
      input: z.object({ seconds: z.number(), label: z.string().optional() }),
      run: async ({ seconds }) => {
        if (seconds === 0) return { text: "computed at once" };
        const folder = harness.folder();
        const task = await harness.enqueue("nap", { folder });
        void sleep(seconds * 1000, undefined, { ref: false }).then(() => writeRelease(folder));
        return started(task);
      },
    }),
    defineTool({
      ...rest,
      name: "failing_job",
      input: nothing,
      run: async () => started(await fail(harness, "not_found")),
    }),
    defineTool({
      ...rest,
      name: "protocol_error_job",
      input: nothing,
      run: async () => started(await fail(harness, "internal")),
    }),
  ];
}

const fail = (harness: JobsHarness, code: string) =>
  harness.enqueue("fail", { folder: harness.folder(), code, message: "failed on purpose" });

/** The folder goes with the harness. */
function writeRelease(folder: string): void {
  try {
    writeFileSync(join(folder, "release"), "");
  } catch {
    // The suite has ended meanwhile.
  }
}

/** Texts only: nothing of ours answers with pictures, sounds or embedded resources. */
export function mountFixtures(server: Server, deps: () => Promise<ToolDeps>): void {
  server.setRequestHandler("resources/list", () => ({
    resources: [{ uri: "test://static-text", name: "text", mimeType: "text/plain" }],
  }));
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: listTemplates() }));
  server.setRequestHandler("resources/read", ({ params: { uri } }) => {
    const id = /^test:\/\/template\/(\w+)\/data$/.exec(uri)?.[1];
    if (uri !== "test://static-text" && id === undefined) return readResource(uri, deps);
    const text =
      id === undefined ? "This is the content of the static text resource." : JSON.stringify({ id });
    return { contents: [{ uri, mimeType: "text/plain", text }] };
  });
  server.setRequestHandler("prompts/list", () => ({
    prompts: [...listPrompts(), { name: "test_simple_prompt", title: "Fixture", description: "A fixture." }],
  }));
  server.setRequestHandler("prompts/get", ({ params: { name, arguments: given } }) => {
    if (name !== "test_simple_prompt" && name !== "test_prompt_with_arguments") return getPrompt(name, given);
    const { arg1, arg2 } = given ?? {};
    const text = name === "test_simple_prompt" ? "A simple prompt." : `arg1='${arg1}', arg2='${arg2}'`;
    return { messages: [{ role: "user", content: { type: "text", text } }] };
  });
}
