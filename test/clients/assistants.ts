/**
 * Real assistants from npm, each in a home folder of its own, with our server in its settings and a scripted model. They
 * are no dependencies of ours (700 MB): CAMBIUM_CLIENTS is a folder that holds their packages; CI makes it.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Place, program } from "../e2e/cambium.ts";

const folder = process.env["CAMBIUM_CLIENTS"] ?? "";

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Its working folder: a copy of nothing, where its project settings may be written. */
  readonly cwd: string;
}
export interface Assistant {
  readonly name: string;
  readonly isInstalled: boolean;
  /** Writes its settings, ours by `cambium init`, and says how it is started with a question. */
  launch(place: Place, cwd: string, modelUrl: string): Launch;
}

/** What every one of them is given: nothing of the user's, and no way out but to this machine. */
function environment(place: Place, home: string): NodeJS.ProcessEnv {
  mkdirSync(home, { recursive: true });
  const nowhere = "http://127.0.0.1:9";
  return {
    PATH: process.env["PATH"],
    HOME: home,
    CAMBIUM_HOME: place.home,
    NO_COLOR: "1",
    HTTPS_PROXY: nowhere,
    HTTP_PROXY: nowhere,
    NO_PROXY: "127.0.0.1,localhost",
    DO_NOT_TRACK: "1",
  };
}

function init(client: string, env: NodeJS.ProcessEnv, cwd: string): void {
  execFileSync(process.execPath, [program, "init", "--client", client], { env, cwd, stdio: "pipe" });
}

const claude = join(folder, "node_modules/@anthropic-ai/claude-code-linux-x64/claude");
const codex = join(folder, "node_modules/@openai/codex/bin/codex.js");
const gemini = join(folder, "node_modules/@google/gemini-cli/bundle/gemini.js");
const has = (path: string) => folder !== "" && existsSync(path);

export const assistants: readonly Assistant[] = [
  {
    name: "Claude Code",
    isInstalled: has(claude),
    launch: (place, cwd, modelUrl) => {
      const env = {
        ...environment(place, join(place.scratch, "claude-home")),
        ANTHROPIC_BASE_URL: modelUrl,
        ANTHROPIC_API_KEY: "none",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      };
      init("claude-code", env, cwd);
      const settings = ["--mcp-config", join(cwd, ".mcp.json"), "--strict-mcp-config"];
      const args = [
        "-p",
        "Index this.",
        ...settings,
        "--allowedTools",
        "mcp__cambium",
        "--model",
        "scripted",
      ];
      return { command: claude, args, env, cwd };
    },
  },
  {
    name: "Codex CLI",
    isInstalled: has(codex),
    launch: (place, cwd, modelUrl) => {
      const home = join(place.scratch, "codex-home");
      const env = environment(place, home);
      init("codex", env, cwd);
      const file = join(home, ".codex/config.toml");
      // Its servers see little of its environment, and it asks a person before tools that write.
      appendFileSync(
        file,
        `default_tools_approval_mode = "approve"\nenv = { CAMBIUM_HOME = ${JSON.stringify(place.home)} }\n` +
          `[model_providers.scripted]\nname = "scripted"\nbase_url = "${modelUrl}/v1"\nwire_api = "responses"\n` +
          "request_max_retries = 0\nstream_max_retries = 0\n[analytics]\nenabled = false\n",
      );
      const settings = ["-c", 'model_provider="scripted"', "-c", "check_for_update_on_startup=false"];
      const args = [codex, "exec", "--skip-git-repo-check", "-m", "scripted", ...settings, "Index this."];
      return { command: process.execPath, args, env, cwd };
    },
  },
  {
    name: "Gemini CLI",
    isInstalled: has(gemini),
    launch: (place, cwd, modelUrl) => {
      const home = join(place.scratch, "gemini-home");
      const env = {
        ...environment(place, home),
        GEMINI_API_KEY: "none",
        GOOGLE_GEMINI_BASE_URL: modelUrl,
        GEMINI_CLI_TRUST_WORKSPACE: "true",
      };
      init("gemini", env, cwd);
      const file = join(home, ".gemini/settings.json");
      mkdirSync(dirname(file), { recursive: true });
      const settings = {
        ...(JSON.parse(readFileSync(file, "utf8")) as object),
        security: { auth: { selectedType: "gemini-api-key" } },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
        general: { enableAutoUpdate: false },
      };
      writeFileSync(file, JSON.stringify(settings));
      const args = [gemini, "-p", "Index this.", "-m", "gemini-2.5-pro", "--approval-mode", "yolo"];
      return { command: process.execPath, args, env, cwd };
    },
  },
];
