/** The command line's manners: exit codes, one JSON document, help, suggestions and colours, without any store. */
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { CambiumError } from "../errors.ts";
import { type CliRoot, type CliStream, runCli } from "./cli.ts";

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly flags: Record<string, string> | undefined;
}

const settings = {
  home: { env: "CAMBIUM_HOME", about: "Data folder." },
  maxFileBytes: { env: "CAMBIUM_MAX_FILE_BYTES", about: "Largest file." },
  signingKeys: { env: "CAMBIUM_SIGNING_KEYS", about: "Keys.", noFlag: true as const },
};

async function run(
  argv: readonly string[],
  more: Partial<CliRoot> = {},
  terminal = false,
  noColor = false,
): Promise<Ran> {
  let flags: Record<string, string> | undefined;
  const note = (given: Readonly<Record<string, string>>) => {
    flags = { ...given };
  };
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const stream = (of: PassThrough): CliStream => Object.assign(of, { isTTY: terminal });
  const root: CliRoot = {
    version: "1.2.3",
    settings,
    open: async (given) => {
      note(given);
      throw new CambiumError("unavailable", "The store is locked.");
    },
    serveMcp: async (given) => note(given),
    serveHttp: async (given) => note(given),
    initPlaces: () => expect.fail("not asked for"),
    runWorker: async (given) => note(given),
    doctorChecks: async () => [],
    ...more,
  };
  const io = {
    stdout: stream(streams.out),
    stderr: stream(streams.err),
    noColor,
    signal: new AbortController().signal,
  };
  const code = await runCli(argv, io, root);
  return { code, out: String(streams.out.read() ?? ""), err: String(streams.err.read() ?? ""), flags };
}

const commands = [
  "index",
  "search",
  "symbol",
  "refs",
  "tasks",
  "task",
  "cancel",
  "retry",
  "repos",
  "remove",
  "watch",
  "mcp",
  "worker",
  "inspect",
  "control",
  "doctor",
];

describe("help", () => {
  it.each(commands)("%s has its own, with examples", async (command) => {
    const { code, out, err } = await run([command, "--help"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`Usage: cambium ${command}`);
    expect(out).toMatch(/Examples:\n {2}\$ /);
  });

  it("names every command, setting and exit code, and is what a bare `cambium` prints", async () => {
    const { code, out } = await run([]);
    expect(code).toBe(0);
    for (const command of commands) expect(out).toMatch(new RegExp(`^ {2}${command}\\b`, "m"));
    expect(out).toContain("--max-file-bytes <value>");
    expect(out).toContain("75 try again later");
    expect(out).not.toContain("child");
    expect((await run(["--help"])).out).toBe(out);
  });

  it("--version", async () => {
    expect(await run(["--version"])).toMatchObject({ code: 0, out: "1.2.3\n", err: "" });
  });
});

it.each([["--signing-keys=a:my-secret-text"], ["--signing-keys", "a:my-secret-text"]])(
  "takes no secret as a flag, and shows none",
  async (...flag) => {
    const { code, out, err, flags } = await run([...flag, "tasks", "--json"]);
    expect({ code, flags }).toEqual({ code: 2, flags: undefined });
    expect(err).toContain("Set CAMBIUM_SIGNING_KEYS");
    expect(`${out}${err}`).not.toContain("my-secret-text");
    expect((await run(["--help"])).out).not.toContain("--signing-keys");
  },
);

describe("the caller's mistakes end with 2 and print nothing on stdout", () => {
  it.each([
    [["indx", "."], /unknown command 'indx'[\s\S]*index/],
    [["index", ".", "--wiat"], /unknown option '--wiat'[\s\S]*--wait/],
    [["index"], /missing required argument 'path'/],
    [["index", "a", "b"], /too many arguments/],
    [["search", "x", "--limit", "many"], /--limit.*whole number from 1 to 100/],
    [["search", "x", "--limit", "0"], /whole number/],
    [["search", "x", "--mode", "fuzzy"], /Allowed choices are hybrid, lexical, semantic, regex/],
    [["search", "x", "--kind", "klass"], /Allowed choices are function, method/],
    [["tasks", "--state", "DONE"], /active, PENDING/],
    [["--home", "/x"], /Usage/],
  ])("%j", async (argv, words) => {
    const { code, out, err, flags } = await run(argv);
    expect({ code, out, flags }).toEqual({ code: 2, out: "", flags: undefined });
    expect(err).toMatch(words);
  });
});

describe("--json prints exactly one document", () => {
  it("for a mistake", async () => {
    const { code, out, err } = await run(["search", "x", "--limt", "3", "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      error: { code: "invalid_argument", message: expect.stringContaining("--limit") },
    });
    expect(err).toContain("--limit");
  });

  it("for a failure", async () => {
    const { code, out, err } = await run(["repos", "--json"]);
    expect(code).toBe(75);
    expect(JSON.parse(out)).toEqual({ error: { code: "unavailable", message: "The store is locked." } });
    expect(err).toContain("same call again");
  });

  it("for doctor, whose broken checks are findings", async () => {
    const checks = [
      { name: "fine", run: () => ({ ok: true, detail: "all well", remedy: "none" }) },
      { name: "broken", run: () => Promise.reject(new Error("no such module")) },
      { name: "bad", run: async () => ({ ok: false, detail: "full", remedy: "Free some space." }) },
    ];
    const { code, out } = await run(["doctor", "--json"], { doctorChecks: async () => checks });
    expect(code).toBe(75);
    expect(JSON.parse(out)).toEqual({
      ok: false,
      checks: [
        { name: "fine", ok: true, detail: "all well", remedy: null },
        { name: "broken", ok: false, detail: "no such module", remedy: null },
        { name: "bad", ok: false, detail: "full", remedy: "Free some space." },
      ],
    });
    expect((await run(["doctor"], { doctorChecks: async () => checks.slice(0, 1) })).code).toBe(0);
  });
});

describe("settings", () => {
  it("are flags of every command, before or after it", async () => {
    expect((await run(["repos", "--home", "/x"])).flags).toEqual({ home: "/x" });
    expect((await run(["--max-file-bytes", "5", "mcp"])).flags).toEqual({ maxFileBytes: "5" });
    expect((await run(["worker", "--home=/y"])).flags).toEqual({ home: "/y" });
  });
});

describe("colours", () => {
  it("only on a terminal, and never with NO_COLOR", async () => {
    const colour = "\u001b[";
    expect((await run(["repos"], {}, true)).err).toContain(colour);
    expect((await run(["repos"], {}, true, true)).err).not.toContain(colour);
    expect((await run(["repos"])).err).not.toContain(colour);
  });
});

it("an interrupted command ends with 130", async () => {
  const interrupt = new AbortController();
  const streams = [new PassThrough(), new PassThrough()] as const;
  const io = { stdout: streams[0], stderr: streams[1], noColor: true, signal: interrupt.signal };
  const opening = new Promise<void>((resolve) => {
    void runCli(["repos"], io, {
      version: "1",
      settings,
      open: () => {
        resolve();
        return new Promise(() => {});
      },
      serveMcp: async () => {},
      serveHttp: async () => {},
      initPlaces: () => expect.fail("not asked for"),
      runWorker: async () => {},
      doctorChecks: async () => [],
    }).then((code) => streams[0].end(String(code)));
  });
  await opening;
  interrupt.abort();
  const chunks: Buffer[] = [];
  for await (const chunk of streams[0]) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toBe("130");
  expect(String(streams[1].read())).toContain("Interrupted");
});
