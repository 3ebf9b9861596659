/** `cambium serve` as a process, with a token, and REST calls to it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type Place, program } from "./cambium.ts";

export const token = "token-of-the-end-to-end-tests";

export interface Served {
  readonly child: ChildProcess;
  readonly url: string;
  /** The one line that it printed. */
  readonly line: string;
  /** Throws the reply's text where it is no success. */
  rest(path: string, init?: RequestInit): Promise<Record<string, unknown>>;
  stop(): Promise<number | null>;
}

export const bearer = { Authorization: `Bearer ${token}` };

export async function serve(place: Place, cwd: string, args: readonly string[] = []): Promise<Served> {
  const child = spawn(process.execPath, [program, "serve", "--port", "0", ...args], {
    cwd,
    env: { ...place.env, CAMBIUM_TOKEN: token },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (text) => (log += text));
  const ended = once(child, "exit");
  const ready = once(createInterface(child.stdout), "line") as Promise<[string]>;
  const line = await Promise.race([
    ready.then(([first]) => first),
    ended.then(() => Promise.reject(new Error(`serve ended: ${log}`))),
  ]);
  const url = /http:\/\/[^\s/"]+/.exec(line)?.[0] ?? "";
  return {
    child,
    url,
    line,
    rest: async (path, init = {}) => {
      const answer = await fetch(`${url}${path}`, { ...init, headers: { ...bearer, ...init.headers } });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${answer.status} ${text}`);
      return JSON.parse(text) as Record<string, unknown>;
    },
    stop: async () => {
      child.kill("SIGTERM");
      const [status] = (await ended) as [number | null];
      return status;
    },
  };
}

export const json = (body: unknown): RequestInit => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});
