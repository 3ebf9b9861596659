/** Where each MCP client keeps its settings, and what our entry looks like there. It reads and writes nothing. */
import { join } from "node:path";

export interface ClientPlaces {
  readonly userHome: string;
  /** The repository, for clients whose settings lie there. */
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
}

/** What a client starts. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

export interface ClientSpec {
  readonly id: string;
  readonly title: string;
  readonly format: "json" | "toml";
  /** The settings file. */
  file(places: ClientPlaces): string;
  /** Any of these shows that the client is used here. */
  traces(places: ClientPlaces): readonly string[];
  /** Where the entry stands in the file, outermost key first. */
  readonly path: readonly string[];
  entry(launch: Launch): Readonly<Record<string, unknown>>;
  /** What the client asks for before it starts the server; by default nothing but to be started again. */
  readonly next?: string;
}

const plainEntry = ({ command, args }: Launch) => ({ command, args: [...args] });
const inHome =
  (...parts: string[]) =>
  ({ userHome }: ClientPlaces) =>
    join(userHome, ...parts);

/** The folder for settings of programs with windows. */
function applicationFolder({ userHome, platform }: ClientPlaces, name: string): string {
  if (platform === "darwin") return join(userHome, "Library", "Application Support", name);
  if (platform === "win32") return join(userHome, "AppData", "Roaming", name);
  return join(userHome, ".config", name);
}

export const clients: readonly ClientSpec[] = [
  {
    id: "claude-code",
    title: "Claude Code",
    format: "json",
    // Its own file in the home folder also holds its state, and it writes it all the time: the project's is for people.
    file: ({ cwd }) => join(cwd, ".mcp.json"),
    traces: (places) => [inHome(".claude")(places), inHome(".claude.json")(places)],
    path: ["mcpServers", "cambium"],
    entry: plainEntry,
    next: "Start `claude` in this folder and approve the server once.",
  },
  {
    id: "claude-desktop",
    title: "Claude Desktop",
    format: "json",
    file: (places) => join(applicationFolder(places, "Claude"), "claude_desktop_config.json"),
    traces: (places) => [applicationFolder(places, "Claude")],
    path: ["mcpServers", "cambium"],
    entry: plainEntry,
  },
  {
    id: "cursor",
    title: "Cursor",
    format: "json",
    file: inHome(".cursor", "mcp.json"),
    traces: (places) => [inHome(".cursor")(places)],
    path: ["mcpServers", "cambium"],
    entry: plainEntry,
  },
  {
    id: "vscode",
    title: "VS Code",
    format: "json",
    file: (places) => join(applicationFolder(places, "Code"), "User", "mcp.json"),
    traces: (places) => [join(applicationFolder(places, "Code"), "User")],
    path: ["servers", "cambium"],
    entry: (launch) => ({ type: "stdio", ...plainEntry(launch) }),
  },
  {
    id: "codex",
    title: "Codex",
    format: "toml",
    file: inHome(".codex", "config.toml"),
    traces: (places) => [inHome(".codex")(places)],
    path: ["mcp_servers", "cambium"],
    entry: plainEntry,
  },
  {
    id: "gemini",
    title: "Gemini CLI",
    format: "json",
    file: inHome(".gemini", "settings.json"),
    traces: (places) => [inHome(".gemini")(places)],
    path: ["mcpServers", "cambium"],
    entry: plainEntry,
    next: "Start `gemini` again; it starts servers only in folders that it was told to trust.",
  },
  {
    id: "opencode",
    title: "opencode",
    format: "json",
    file: inHome(".config", "opencode", "opencode.json"),
    traces: (places) => [inHome(".config", "opencode")(places)],
    path: ["mcp", "cambium"],
    entry: ({ command, args }) => ({ type: "local", command: [command, ...args], enabled: true }),
  },
];
