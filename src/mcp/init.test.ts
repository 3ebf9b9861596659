/** Settings of clients in a home folder of their own: what is added, what is left alone, and that undo gives back the bytes. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ClientSpec, clients } from "./client-settings.ts";
import { addToClients, foundClients, type InitPlaces, removeFromClients } from "./init.ts";

let top: string;
let places: InitPlaces;
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "cambium-init-")));
  places = {
    userHome: join(top, "user"),
    cwd: join(top, "project"),
    platform: "linux",
    dataHome: join(top, "data"),
    launch: { command: "/usr/bin/node", args: ["/opt/cambium/dist/main.js", "mcp"] },
  };
  mkdirSync(places.userHome);
  mkdirSync(places.cwd);
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

const all = clients.map((spec) => [spec.id, spec] as const);
const put = (spec: ClientSpec, text: string) => {
  const file = spec.file(places);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};
const add = (id: string, dryRun = false) => addToClients(places, { only: [id], dryRun })[0];
const undo = (id: string, dryRun = false) => removeFromClients(places, { only: [id], dryRun })[0];
const read = (spec: ClientSpec) => readFileSync(spec.file(places), "utf8");
const settled: Record<ClientSpec["format"], string> = {
  json: `{
    // mine
    "theme": "dark",
    "mcpServers": {
        "other": {
            "command": "x"
        }
    },
    "servers": {
        "other": {}
    }
}
`,
  toml: '# mine\nmodel = "x"\n\n[mcp_servers.other]\ncommand = "x"\n',
};

describe.each(all)("%s", (id, spec) => {
  it("gets an entry in a new file, which undo takes away again", () => {
    expect(add(id)).toMatchObject({ client: id, action: "added" });
    expect(read(spec)).toContain("/opt/cambium/dist/main.js");
    if (spec.format === "json") expect(JSON.parse(read(spec))).toEqual(add(id)?.entry);
    expect(add(id)).toMatchObject({ action: "unchanged" });
    expect(undo(id)).toMatchObject({ action: "removed" });
    expect(existsSync(spec.file(places))).toBe(false);
    expect(undo(id)).toBeUndefined();
  });

  it("keeps everything else of its file, comments too, and undo gives back every byte", () => {
    put(spec, settled[spec.format]);
    expect(add(id)?.action).toBe("added");
    const text = read(spec);
    expect(text).toContain("mine");
    expect(text).toContain("other");
    expect(text).toContain("cambium");
    expect(undo(id)?.action).toBe("removed");
    expect(read(spec)).toBe(settled[spec.format]);
  });

  it("is changed where we wrote it, left where somebody else did or changed it since", () => {
    add(id);
    places = { ...places, launch: { command: "npx", args: ["-y", "cambium-mcp", "mcp"] } };
    expect(add(id)?.action).toBe("replaced");
    expect(read(spec)).not.toContain("/opt/cambium");
    const edited = read(spec).replace("cambium-mcp", "cambium-mine");
    writeFileSync(spec.file(places), edited);
    expect(add(id)).toMatchObject({ action: "left", detail: expect.stringContaining("not written by") });
    expect(undo(id)).toMatchObject({ action: "left", detail: expect.stringContaining("changed since") });
    expect(read(spec)).toBe(edited);
  });

  it("is not touched by a dry run", () => {
    const file = put(spec, settled[spec.format]);
    expect(add(id, true)).toMatchObject({ action: "added", detail: expect.stringContaining("dry run") });
    expect(readFileSync(file, "utf8")).toBe(settled[spec.format]);
    expect(existsSync(places.dataHome)).toBe(false);
    add(id);
    const text = read(spec);
    expect(undo(id, true)?.action).toBe("removed");
    expect(read(spec)).toBe(text);
  });
});

describe("finding and failing", () => {
  it("finds the clients that left traces", () => {
    expect(foundClients(places)).toEqual([]);
    expect(addToClients(places, { only: [], dryRun: false })).toEqual([]);
    mkdirSync(join(places.userHome, ".cursor"));
    mkdirSync(join(places.userHome, ".config", "Code", "User"), { recursive: true });
    writeFileSync(join(places.userHome, ".claude.json"), "{}");
    expect(foundClients(places).map(({ id }) => id)).toEqual(["claude-code", "cursor", "vscode"]);
    expect(addToClients(places, { only: [], dryRun: false }).map(({ action }) => action)).toEqual([
      "added",
      "added",
      "added",
    ]);
    expect(removeFromClients(places, { only: [], dryRun: false }).map(({ action }) => action)).toEqual([
      "removed",
      "removed",
      "removed",
    ]);
  });

  it("says what the client will ask for", () => {
    expect(add("claude-code")?.detail).toMatch(/approve the server once/);
    expect(add("gemini")?.detail).toMatch(/trust/);
    expect(add("opencode")?.detail).toBe("Start the client again.");
  });

  it("leaves a file it cannot read, goes on with the others, and names unknown clients", () => {
    const broken = clients.find(({ id }) => id === "cursor") as ClientSpec;
    const file = put(broken, '{ "mcpServers": ');
    const steps = addToClients(places, { only: ["cursor", "gemini"], dryRun: false });
    expect(steps.map(({ action }) => action)).toEqual(["left", "added"]);
    expect(steps[0]?.detail).toMatch(/not readable JSON/);
    expect(readFileSync(file, "utf8")).toBe('{ "mcpServers": ');
    expect(() => add("emacs")).toThrow(/no client "emacs".*claude-code, claude-desktop, cursor/);
  });

  it("writes through a link, keeps the file's rights, and sees a table of another form", () => {
    const cursor = clients.find(({ id }) => id === "cursor") as ClientSpec;
    const real = join(top, "dotfiles.json");
    writeFileSync(real, "{}\n", { mode: 0o640 });
    mkdirSync(dirname(cursor.file(places)), { recursive: true });
    symlinkSync(real, cursor.file(places));
    add("cursor");
    expect(readFileSync(real, "utf8")).toContain("cambium");
    expect(statSync(real).mode & 0o777).toBe(0o640);
    const codex = clients.find(({ id }) => id === "codex") as ClientSpec;
    for (const text of [
      '[mcp_servers."cambium"]\ncommand = "x"\n',
      'mcp_servers.cambium = { command = "x" }\n',
    ]) {
      put(codex, text);
      expect(add("codex")?.action).toBe("left");
      expect(read(codex)).toBe(text);
    }
  });

  it.each([
    ["an inline table", 'mcp_servers = { other = { command = "x" } }\n', /no clear place/],
    ["an inline table with our name", 'mcp_servers = { cambium = { command = "x" } }\n', /not written by/],
    ["a list of our name", '[[mcp_servers.cambium]]\ncommand = "x"\n', /not written by/],
    ["a table below our name", '[mcp_servers.cambium.env]\nA = "x"\n', /not written by/],
    ["TOML that cannot be read", "model = \n[[[", /not readable TOML/],
    ["something else of that name", 'mcp_servers = "x"\n', /holds no entries/],
  ])("adds nothing to Codex's settings with %s", (_what, text, reason) => {
    const codex = clients.find(({ id }) => id === "codex") as ClientSpec;
    put(codex, text);
    expect(add("codex")).toMatchObject({ action: "left", detail: expect.stringMatching(reason) });
    expect(read(codex)).toBe(text);
    expect(undo("codex")).toBeUndefined();
  });

  it("adds beside what only looks like an entry, and takes only its own out again", () => {
    const codex = clients.find(({ id }) => id === "codex") as ClientSpec;
    const text = 'note = """\n[mcp_servers.cambium]\n"""\n\n[projects.x]\ncambium = 1\n';
    put(codex, text);
    expect(add("codex")?.action).toBe("added");
    expect(undo("codex")?.action).toBe("removed");
    expect(read(codex)).toBe(text);
  });

  it("leaves what was added below its entry since, which would be broken without it", () => {
    const codex = clients.find(({ id }) => id === "codex") as ClientSpec;
    put(codex, "");
    add("codex");
    const text = `${read(codex)}\n[mcp_servers.cambium.env]\nA = "x"\n`;
    put(codex, text);
    expect(undo("codex")?.action).toBe("left");
    expect(read(codex)).toBe(text);
  });

  it.each([
    ["null", '{ "mcpServers": null }\n', /holds no entries/],
    ["a list", '{ "mcpServers": [] }\n', /holds no entries/],
    ["no object at all", "[]\n", /not readable JSON/],
  ])("leaves JSON whose servers are %s", (_what, text, reason) => {
    const cursor = clients.find(({ id }) => id === "cursor") as ClientSpec;
    put(cursor, text);
    expect(add("cursor")).toMatchObject({ action: "left", detail: expect.stringMatching(reason) });
    expect(read(cursor)).toBe(text);
  });

  it.each([
    ["cursor", '\ufeff{\r\n  "theme": "dark"\r\n}\r\n'],
    ["cursor", '\ufeff{ "mcpServers": { "other": { "command": "x" } } }'],
    ["codex", '\ufeffmodel = "x"\n'],
  ])("%s: keeps the mark that some editors begin a file with, %j", (id, text) => {
    const spec = clients.find((client) => client.id === id) as ClientSpec;
    put(spec, text);
    expect(add(id)).toMatchObject({ action: "added" });
    expect(add(id)).toMatchObject({ action: "unchanged" });
    expect(read(spec).lastIndexOf("\ufeff")).toBe(0);
    expect(read(spec)).toContain("/opt/cambium/dist/main.js");
    expect(undo(id)).toMatchObject({ action: "removed" });
    expect(read(spec).replace(/\s+/g, "")).toBe(text.replace(/\s+/g, ""));
    if (id === "codex" || text.includes("theme")) expect(read(spec)).toBe(text);
  });

  it("a file of nothing but that mark is as good as empty", () => {
    const cursor = clients.find(({ id }) => id === "cursor") as ClientSpec;
    put(cursor, "\ufeff");
    expect(add("cursor")).toMatchObject({ action: "added" });
    expect(JSON.parse(read(cursor).replace(/^\ufeff/, ""))).toHaveProperty("mcpServers.cambium");
    expect(undo("cursor")).toMatchObject({ action: "removed" });
    expect(read(cursor)).toMatch(/^\ufeff\{\s*\}\s*$/);
  });

  it("keeps a table that was there, empty, before", () => {
    const cursor = clients.find(({ id }) => id === "cursor") as ClientSpec;
    put(cursor, '{\n  "mcpServers": {\n  }\n}\n');
    add("cursor");
    undo("cursor");
    expect(read(cursor)).toBe('{\n  "mcpServers": {\n  }\n}\n');
  });

  it("leaves a file that is read-only, is not UTF-8, or is a link to nothing", () => {
    const cursor = clients.find(({ id }) => id === "cursor") as ClientSpec;
    const file = put(cursor, "{}\n");
    chmodSync(file, 0o444);
    expect(add("cursor", true)).toMatchObject({ action: "left", detail: expect.stringMatching(/read-only/) });
    expect(add("cursor")).toMatchObject({ action: "left", detail: expect.stringMatching(/read-only/) });
    expect(readFileSync(file, "utf8")).toBe("{}\n");
    chmodSync(file, 0o600);
    const bytes = Buffer.from('{"\xff": 1}', "latin1");
    writeFileSync(file, bytes);
    expect(add("cursor")).toMatchObject({ action: "left", detail: expect.stringMatching(/UTF-8/) });
    expect(readFileSync(file)).toEqual(bytes);
    rmSync(file);
    symlinkSync(join(top, "nowhere.json"), file);
    expect(add("cursor")).toMatchObject({ action: "left", detail: expect.stringMatching(/link to a file/) });
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(existsSync(join(top, "nowhere.json"))).toBe(false);
  });
});
