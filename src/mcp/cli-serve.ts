/** `cambium serve`: MCP and REST over HTTP, until a signal ends it. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Session } from "./cli-session.ts";

export function addServeCommand(program: Command, session: Session): void {
  program
    .command("serve")
    .description("serve MCP (/mcp) and REST (/v1) over HTTP")
    .addOption(new Option("--host <address>", "where to listen").default("127.0.0.1"))
    .addOption(new Option("--port <n>", "0 takes one that is free").argParser(portIn).default(7878))
    .option("--json", "print the address as one JSON document")
    .addHelpText(
      "after",
      `
Every request needs a token: "Authorization: Bearer …" with CAMBIUM_TOKEN, or one of tokens.json in the data folder,
which the first start makes. Ctrl-C or SIGTERM lets what has begun come to its end; a second one does not wait.

Examples:
  $ cambium serve
  $ CAMBIUM_TOKEN=… cambium serve --host 0.0.0.0 --port 8080 --http-hosts cambium.example.com
  $ curl -H "Authorization: Bearer $CAMBIUM_TOKEN" "http://127.0.0.1:7878/v1/search?query=retry+policy"`,
    )
    .action(async (options: { host: string; port: number }) => {
      session.takeSignals();
      const flags = session.flags(program);
      await session.root.serveHttp(flags, options, ({ url, port }) => {
        session.answer({ url, host: options.host, port }, `Cambium serves ${url} (MCP at /mcp, REST at /v1)`);
      });
    });
}

function portIn(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("It must be a port from 0 to 65535.");
}
