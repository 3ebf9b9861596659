/** Claude Code, Codex and Gemini CLI as they are published, with our server and a model that follows a script. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tools } from "../../src/mcp/tools.ts";
import { collect, kill, openPlace, type Place, until } from "../e2e/cambium.ts";
import { type Assistant, assistants } from "./assistants.ts";
import { openScriptedModel, type Script, type ScriptedModel, type Step } from "./scripted-model.ts";

let place: Place;
let repository: string;
let model: ScriptedModel | undefined;
beforeEach(() => {
  place = openPlace();
  repository = dirname(place.write("shop/cart.ts", "export class ShoppingCart {\n  addItem(): void {}\n}\n"));
});
afterEach(async () => {
  await model?.close();
  place.dispose();
});

/** A client may wrap a result's text in JSON of its own. */
function valueIn({ tool, result }: Step, key: string): string {
  const found = new RegExp(`"${key}"\\s*:\\s*"([^"]+)"`).exec(result.replaceAll('\\"', '"'));
  if (found?.[1] === undefined) throw new Error(`${tool} answered without ${key}: ${result}`);
  return found[1];
}
const taskIn = (step: Step | undefined) => valueIn(step ?? expect.fail("no answer yet"), "task_id");
const isEnded = (step: Step) => ["SUCCESS", "FAILURE", "REVOKED"].includes(valueIn(step, "state"));

/** Lists, indexes, waits, searches, indexes again, cancels, waits again: each from what the last answer said. */
const wholeScript: Script = (steps) => {
  const last = steps.at(-1);
  const hasSearched = steps.some(({ tool }) => tool === "search_code");
  if (last === undefined) return { call: "list_repositories", args: {} };
  switch (last.tool) {
    case "list_repositories":
      return { call: "index_repository", args: { path: repository } };
    case "index_repository":
      return hasSearched
        ? { call: "cancel_task", args: { task_id: taskIn(last) } }
        : { call: "wait_for_task", args: { task_id: taskIn(last), timeout_s: 30 } };
    case "search_code":
      return { call: "index_repository", args: { path: repository } };
    case "cancel_task":
      return { call: "wait_for_task", args: { task_id: taskIn(last), timeout_s: 30 } };
    default:
      if (!isEnded(last)) return { call: "wait_for_task", args: { task_id: taskIn(last), timeout_s: 30 } };
      return hasSearched ? { say: "All done." } : { call: "search_code", args: { query: "shopping cart" } };
  }
};

const waitScript: Script = (steps) => {
  const last = steps.at(-1);
  if (last === undefined) return { call: "index_repository", args: { path: repository } };
  return { call: "wait_for_task", args: { task_id: taskIn(last), timeout_s: 50 } };
};

function start({ launch }: Assistant, { url }: ScriptedModel) {
  const { command, args, env, cwd } = launch(place, repository, url);
  return spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
}

describe.each(assistants)("$name", (assistant) => {
  const { isInstalled } = assistant;

  it("is installed where CI runs", () => {
    expect(isInstalled || process.env["CI"] !== "true").toBe(true);
  });

  it.skipIf(!isInstalled)(
    "connects, lists, indexes, waits, searches and cancels (needs CAMBIUM_CLIENTS)",
    async () => {
      model = await openScriptedModel(wholeScript);
      const { status, stdout, stderr } = await collect(start(assistant, model));
      expect([status, stdout], stderr).toEqual([0, expect.stringContaining("All done.")]);
      expect(new Set(model.offered())).toEqual(new Set(tools.map(({ name }) => name)));
      const steps = model.steps();
      const results = (name: string) => steps.filter(({ tool }) => tool === name);
      expect(results("list_repositories")[0]?.result).toMatch(/repositories/);
      const ends = results("wait_for_task").filter(isEnded);
      expect(ends.map((step) => valueIn(step, "state"))).toEqual([
        "SUCCESS",
        expect.stringMatching(/^(REVOKED|SUCCESS)$/),
      ]);
      expect(results("search_code")[0]?.result).toMatch(/cart\.ts[\s\S]*ShoppingCart/);
      const [first, second] = results("index_repository").map(taskIn);
      expect(second).not.toBe(first);
      expect(results("cancel_task").map(taskIn)).toEqual([second]);
      await until("the end of the server", () => place.processes("main.js mcp").length === 0);
    },
  );

  it.skipIf(!isInstalled)(
    "killed in the middle of a call, it leaves no server behind and loses no task (needs CAMBIUM_CLIENTS)",
    async () => {
      await place.json(["control", "pause", "tasks"]);
      model = await openScriptedModel(waitScript);
      const child = start(assistant, model);
      const ended = collect(child);
      await model.called("wait_for_task");
      const [indexed] = model.steps();
      const server = place.processes("main.js mcp")[0] ?? expect.fail("no server");
      // What was spawned may be a launcher: the client is who started the server.
      const client = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${server}/status`, "utf8"))?.[1]);
      kill(client);
      if (child.pid !== undefined) kill(child.pid);
      await ended;
      await until("the end of the server", () => place.processes("main.js mcp").length === 0);
      const id = taskIn(indexed);
      expect(await place.json(["task", id])).toMatchObject({ state: "PENDING" });
      await place.json(["control", "resume", "tasks"]);
      await until("the task's end", async () => (await place.json(["task", id]))["state"] === "SUCCESS");
    },
  );
});
