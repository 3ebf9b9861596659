/**
 * `npm run mcpb`: makes `cambium-<version>-<platform>-<arch>.mcpb`, a bundle that Claude Desktop and others install with one
 * click. It holds the package, what it depends on, and SQLite's native module for this platform and this major version of
 * Node; a client that runs another Node gets its own module at the first start. So it is made once on each platform.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const top = dirname(fileURLToPath(import.meta.url));
const own = JSON.parse(readFileSync(join(top, "package.json"), "utf8"));
const tool = "@anthropic-ai/mcpb@2.1.2";

/** What the bundle says of itself; `tools` are ours, as they are listed over MCP. */
export function manifestOf(tools) {
  const firstSentence = (text) => /^.*?\.(?=\s|$)/s.exec(text)?.[0] ?? text;
  return {
    manifest_version: "0.3",
    name: "cambium",
    display_name: "Cambium",
    version: own.version,
    description: own.description,
    author: { name: "The authors of Cambium" },
    license: own.license,
    keywords: ["code", "search", "index", "tasks"],
    server: {
      type: "node",
      entry_point: "dist/main.js",
      mcp_config: {
        command: "node",
        args: ["${__dirname}/dist/main.js", "mcp", "--roots", "${user_config.folder}"],
      },
    },
    user_config: {
      folder: {
        type: "directory",
        title: "Folder with code",
        description: "What is in it may be indexed, and nothing else.",
        required: true,
      },
    },
    tools: tools.map(({ name, description }) => ({ name, description: firstSentence(description) })),
    compatibility: { platforms: [process.platform], runtimes: { node: own.engines.node } },
  };
}

async function makeBundle(out) {
  const [{ tools }, { moduleName }] = await Promise.all([import("./dist/mcp/tools.js"), import("./dist/sqlite-module.js")]);
  const stage = mkdtempSync(join(tmpdir(), "cambium-mcpb-"));
  const run = (command, args) =>
    execFileSync(command, args, { cwd: top, encoding: "utf8", shell: process.platform === "win32" });
  try {
    const [{ files }] = JSON.parse(run("npm", ["pack", "--dry-run", "--ignore-scripts", "--json"]));
    for (const { path } of files) cpSync(join(top, path), join(stage, path));
    const needed = run("npm", ["ls", "--all", "--omit=dev", "--parseable"]).trim().split("\n").slice(1);
    for (const folder of needed.filter((one) => !/better-sqlite3|prebuild-install/.test(one))) {
      cpSync(folder, join(stage, folder.slice(top.length)), { recursive: true });
    }
    const native = join(stage, "native");
    mkdirSync(native);
    const built = createRequire(import.meta.url).resolve("better-sqlite3/build/Release/better_sqlite3.node");
    cpSync(built, join(native, moduleName));
    writeFileSync(join(stage, "manifest.json"), `${JSON.stringify(manifestOf(tools), null, 2)}\n`);
    const target = join(out, `cambium-${own.version}-${process.platform}-${process.arch}.mcpb`);
    run("npx", ["-y", tool, "validate", join(stage, "manifest.json")]);
    run("npx", ["-y", tool, "pack", stage, target]);
    return target;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await makeBundle(process.argv[2] ?? top));
}
