/** What every index store must do, run on each implementation. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Portrait, RepositorySummary } from "../../src/indexer/overview.ts";
import { compilePattern } from "../../src/indexer/pattern.ts";
import type { DerivedBlob, FileResult, IndexStore } from "../../src/indexer/store.ts";
import {
  derived,
  indexAll,
  keyOf,
  longAgo,
  type MadeFile,
  scanned,
  writeAll,
  writeResults,
} from "./made-files.ts";

const server: MadeFile = {
  path: "src/http-server.made",
  text: "class HTTPServer\n  method listen\n    openSocket(port)\n\nfunction parse_request\n  readHeader(line)\n  openSocket(2)\n",
};
const socket: MadeFile = {
  path: "src/socket.made",
  text: "function openSocket\n  retry(utf8.decode)\n\nfunction constructor\n  café 你好世界\n",
};
const spec: MadeFile = { path: "test/socket.test.made", text: "function testSocket\n  openSocket(1)\n" };
const files = [server, socket, spec];
const emptySummary: RepositorySummary = {
  languages: [],
  folders: [],
  entryPoints: [],
  largest: [],
  mostUsed: [],
  counted: { files: 0, of: 0 },
  readme: null,
};
const portraitOf = (summary: RepositorySummary): Portrait => ({
  summary,
  mentions: { names: new Map(), files: 0 },
});
const origin = (run: string) => ({ commit: null, run });

/** `open(folder)` opens the store whose data lives in `folder`; opening twice gives two independent handles. */
export function describeIndexStore(name: string, open: (folder: string) => IndexStore): void {
  describe(`index store: ${name}`, () => {
    let top: string;
    let root: string;
    let store: IndexStore;
    const openHere = () => open(join(top, "data"));

    beforeEach(() => {
      top = realpathSync(mkdtempSync(join(tmpdir(), "index-store-")));
      root = join(top, "app");
      mkdirSync(root);
      store = openHere();
    });
    afterEach(() => {
      store.close();
      rmSync(top, { recursive: true, force: true });
    });
    const paths = (query: string, filter = {}) =>
      store.searchText("app", query, { limit: 20, ...filter }).map((match) => match.path);

    describe("generations", () => {
      it("registers once, and makes the name unique", () => {
        const other = join(top, "other", "app");
        mkdirSync(other, { recursive: true });
        expect(store.register(root)).toBe("app");
        expect(store.register(root)).toBe("app");
        const second = store.register(other);
        expect(second).toMatch(/^app-/);
        expect(store.repositories().map((one) => [one.repository, one.root])).toEqual([
          ["app", root],
          [second, other],
        ]);
      });

      it("counts what is pending, done and published", () => {
        store.register(root);
        const refusedRules = [".cambiumignore:2"];
        const plan = store.begin("app", files.map(scanned), { commit: "abc", run: "one", refusedRules });
        expect(store.repositories("app")[0]?.refusedRules).toEqual(refusedRules);
        expect(plan).toMatchObject({ generation: 1, files: 3, unchanged: 0 });
        expect(plan.pending.map(({ path }) => path)).toEqual(files.map(({ path }) => path));
        expect(store.repositories("app")[0]).toMatchObject({
          state: "indexing",
          generation: 0,
          pendingFiles: 3,
          run: "one",
        });
        expect(writeResults(store, "app", [derived(server)], "one")).toEqual({ done: 1, total: 3 });
        expect(
          store.pending("app", "src/http-server.made", "src/socket.made").map(({ path }) => path),
        ).toEqual([socket.path]);
        expect(() => store.publish("app")).toThrow(/still to be read/);
        writeResults(store, "app", [derived(socket), derived(spec)], "one");
        expect(store.publish("app")).toMatchObject({
          state: "ready",
          generation: 1,
          pendingFiles: 0,
          files: 3,
          filesSkipped: 0,
          symbols: 6,
          references: 5,
          chunks: 5,
          commit: "abc",
          filesReused: 0,
          bytes: files.reduce((sum, file) => sum + Buffer.byteLength(file.text), 0),
        });
      });

      it("reads nothing where nothing changed, and keeps the number", () => {
        indexAll(store, root, files);
        const plan = store.begin("app", files.map(scanned), origin("two"));
        expect(plan).toMatchObject({ unchanged: 3, pending: [] });
        expect(store.publish("app")).toMatchObject({ generation: 1, filesReused: 3, files: 3 });
        expect(store.publish("app").generation).toBe(1);
      });

      it("reads again what changed by size, time or extractor, and what changed a moment before the scan", () => {
        // Later than the scan, as the clock of a file system may be a little behind.
        const fresh = { path: "fresh.made", text: "function fresh\n", mtimeMs: Date.now() + 10_000.5 };
        indexAll(store, root, [...files, fresh]);
        const next = [
          { ...scanned(server), bytes: 9 },
          { ...scanned(socket), mtimeMs: longAgo + 1 },
          { ...scanned(spec), extractor: 8 },
          scanned(fresh),
        ];
        const plan = store.begin("app", next, origin("two"));
        expect(plan.pending.map(({ path }) => path)).toEqual([
          fresh.path,
          server.path,
          socket.path,
          spec.path,
        ]);
      });

      it("does not read again what was written half a second before the scan, unless its time is in whole seconds", () => {
        const now = Date.now();
        const fine = { path: "fine.made", text: "function fine\n", mtimeMs: now - 500 + 0.25 };
        const coarse = { path: "coarse.made", text: "function coarse\n", mtimeMs: now - (now % 1000) };
        indexAll(store, root, [...files, fine, coarse]);
        const plan = store.begin("app", [...files, fine, coarse].map(scanned), origin("two"));
        expect(plan.pending.map(({ path }) => path)).toEqual([coarse.path]);
      });

      it("keeps old answers until they are replaced, and vanished files until publish", () => {
        indexAll(store, root, files);
        const changed = { path: socket.path, text: "function closeSocket\n", mtimeMs: longAgo + 5 };
        store.begin("app", [scanned(server), scanned(changed)], origin("two"));
        expect(paths("openSocket")).toContain(socket.path);
        expect(paths("testSocket")).toContain(spec.path);
        writeResults(store, "app", [derived(changed)], "two");
        expect(store.text("app", socket.path)).toBe(changed.text);
        expect(paths("closeSocket")).toContain(socket.path);
        expect(paths("testSocket")).toContain(spec.path);
        expect(store.publish("app")).toMatchObject({ generation: 2, files: 2 });
        expect(paths("testSocket")).not.toContain(spec.path);
        expect(store.text("app", spec.path)).toBeUndefined();
      });

      it("keeps the ledger of skipped files", () => {
        store.register(root);
        const secret = { ...scanned({ path: ".env", text: "x" }), skip: { reason: "secret" as const } };
        store.begin("app", [secret, scanned(server)], origin("one"));
        writeResults(
          store,
          "app",
          [{ path: server.path, mtimeMs: longAgo, skip: { reason: "binary", detail: "NUL at 3" } }],
          "one",
        );
        expect(store.publish("app")).toMatchObject({ files: 0, filesSkipped: 2 });
        expect(store.skipped("app")).toEqual([
          { path: ".env", reason: "secret", detail: null },
          { path: server.path, reason: "binary", detail: "NUL at 3" },
        ]);
        expect(store.begin("app", [secret, scanned(server)], origin("two")).pending).toEqual([]);
        expect(store.publish("app").generation).toBe(1);
        const plan = store.begin(
          "app",
          [scanned({ path: ".env", text: "x" }), scanned(server)],
          origin("three"),
        );
        expect(plan.pending.map(({ path }) => path)).toEqual([".env"]);
      });

      it.each(["unreadable", "parser_timeout"] as const)(
        "tries a file again that was skipped as %s",
        (reason) => {
          store.register(root);
          store.begin("app", [scanned(server)], origin("one"));
          writeResults(store, "app", [{ path: server.path, mtimeMs: longAgo, skip: { reason } }], "one");
          store.publish("app");
          expect(store.begin("app", [scanned(server)], origin("two")).pending).toHaveLength(1);
        },
      );

      it("counts attempts until the file is written", () => {
        store.register(root);
        store.begin("app", [scanned(server)], origin("one"));
        store.setAttempts("app", server.path, 2);
        expect(store.pending("app", "", "\u{10ffff}")).toEqual([
          { path: server.path, bytes: server.text.length, crashes: 2 },
        ]);
        expect(store.begin("app", [scanned(server)], origin("two")).pending[0]?.crashes).toBe(2);
        writeResults(store, "app", [derived(server)], "two");
        const touched = { ...scanned(server), mtimeMs: longAgo + 9 };
        expect(store.begin("app", [touched], origin("three")).pending[0]?.crashes).toBe(0);
      });

      it("is not changed by a batch that runs twice", () => {
        store.register(root);
        store.begin("app", files.map(scanned), origin("one"));
        writeResults(store, "app", files.map(derived), "one");
        expect(writeResults(store, "app", files.map(derived), "one")).toMatchObject({ done: 3, total: 3 });
        expect(store.publish("app")).toMatchObject({ files: 3, symbols: 6, chunks: 5 });
        expect(paths("openSocket").filter((path) => path === socket.path)).toHaveLength(1);
      });

      it("derives equal content once", () => {
        store.register(root);
        const copy = { ...server, path: "copy.made" };
        store.begin("app", [scanned(copy), scanned(server)], origin("one"));
        expect(store.has("app", [keyOf(server)])).toEqual([false]);
        writeResults(store, "app", [derived(copy)], "one");
        expect(store.has("app", [keyOf(server), keyOf(socket)])).toEqual([true, false]);
        writeResults(store, "app", [{ path: server.path, mtimeMs: longAgo, blob: keyOf(server) }], "one");
        expect(store.publish("app")).toMatchObject({ files: 2, filesReused: 1 });
        expect(paths("HTTPServer").toSorted()).toEqual(expect.arrayContaining(["copy.made", server.path]));
      });

      it("tries a file that crashed the parser again with another extractor only", () => {
        store.register(root);
        store.begin("app", [scanned(server)], origin("one"));
        writeResults(
          store,
          "app",
          [{ path: server.path, mtimeMs: longAgo, skip: { reason: "parser_crashed" } }],
          "one",
        );
        store.publish("app");
        expect(store.begin("app", [scanned(server)], origin("two")).pending).toEqual([]);
        const newer = { ...scanned(server), extractor: 99 };
        expect(store.begin("app", [newer], origin("three")).pending).toHaveLength(1);
      });

      it("drops what the batch of an older run read", () => {
        store.register(root);
        store.begin("app", [scanned(server)], origin("one"));
        store.begin("app", [scanned(server), scanned(socket)], origin("two"));
        expect(writeResults(store, "app", [derived(server)], "one")).toEqual({ done: 0, total: 2 });
        expect(store.has("app", [keyOf(server)])).toEqual([false]);
        expect(writeResults(store, "app", [derived(server)], "two")).toMatchObject({ done: 1, total: 2 });
      });

      it("leaves a file pending that was read before the scan saw it newer, until it is read again", () => {
        store.register(root);
        store.begin("app", [{ ...scanned(server), mtimeMs: longAgo + 5 }], origin("one"));
        expect(writeResults(store, "app", [derived(server)], "one")).toMatchObject({ done: 0 });
        expect(store.pending("app", "", "\u{10ffff}")).toHaveLength(1);
        expect(writeResults(store, "app", [derived(server)], "one")).toMatchObject({ done: 1 });
      });

      it("leaves a file pending whose derived data is gone", () => {
        store.register(root);
        store.begin("app", [scanned(server)], origin("one"));
        expect(
          writeResults(store, "app", [{ path: server.path, mtimeMs: longAgo, blob: keyOf(server) }], "one"),
        ).toMatchObject({ done: 0 });
        expect(store.pending("app", "", "\u{10ffff}")).toHaveLength(1);
      });
    });

    describe("overview", () => {
      it("outlines files and folders, and knows nothing else", () => {
        indexAll(store, root, files);
        expect(store.outline("app", server.path)).toMatchObject({
          type: "file",
          path: server.path,
          language: "made",
          skip: null,
          isPending: false,
          definitions: [{ name: "HTTPServer" }, { name: "listen" }, { name: "parse_request" }],
        });
        const bytes = (file: MadeFile) => Buffer.byteLength(file.text);
        const folder = { files: 2, skipped: 0, symbols: 5, language: "made" };
        expect(store.outline("app", "")).toEqual({
          type: "folder",
          path: "",
          folders: [
            { name: "src", ...folder, bytes: bytes(server) + bytes(socket) },
            { name: "test", ...folder, files: 1, symbols: 1, bytes: bytes(spec) },
          ],
          files: [],
        });
        expect(store.outline("app", "./src/")).toMatchObject({
          path: "src",
          folders: [],
          files: [{ name: "http-server.made" }, { name: "socket.made" }],
        });
        for (const path of ["sr", "src/x", "../app", "src%"])
          expect(store.outline("app", path)).toBeUndefined();
        expect(store.files("app").map(({ path }) => path)).toEqual(files.map(({ path }) => path));
        expect(store.mentionedNames("app", server.path)).toEqual(["openSocket", "readHeader"]);
        expect(store.mentionedNames("app", "missing")).toEqual([]);
        expect(() => store.outline("nobody", "")).toThrow(/no repository/);
      });

      it("knows which files the others lean on, once that was counted", () => {
        const made = [
          { path: "hub.made", text: "function openHub\n  needle\n" },
          { path: "lone.made", text: "function openLone\n  needle\n" },
          { path: "half.made", text: "function shared\n  needle\n" },
          { path: "other.made", text: "function shared\n  needle two\n" },
        ];
        indexAll(store, root, made);
        const central = () =>
          new Map(
            store.searchText("app", "needle", { limit: 9 }).map(({ path, central }) => [path, central ?? 0]),
          );
        expect([...central().values()]).toEqual([0, 0, 0, 0]);
        const mentions = {
          names: new Map([
            ["openHub", 3],
            ["shared", 3],
            ["openlone", 3],
            ["nobody", 3],
          ]),
          files: 3,
        };
        indexAll(store, root, [...made, { path: "new.made", text: "function more\n" }], "counts", () => ({
          summary: emptySummary,
          mentions,
        }));
        expect(central().get("hub.made")).toBe(1);
        expect(central().get("lone.made")).toBe(0);
        expect(central().get("half.made")).toBeCloseTo(Math.log1p(1.5) / Math.log1p(3));
        expect(central().get("other.made")).toBe(central().get("half.made"));
      });

      it("keeps a summary with its generation until a hundredth of the files was read anew", () => {
        const many = Array.from({ length: 250 }, (_, index) => ({
          path: `f${index}.made`,
          text: `function f${index}\n`,
        }));
        let made = 0;
        const publish = () =>
          store.publish("app", () => {
            made += 1;
            return portraitOf({ ...emptySummary, readme: { path: "README", lines: [`made ${made}`] } });
          });
        const run = (changed: number, name: string) => {
          const now = many.map((file, index) => ({
            ...file,
            mtimeMs: longAgo + (index < changed ? name.length : 0),
            text: index < changed ? `function ${name}${index}\n` : file.text,
          }));
          const { pending } = store.begin("app", now.map(scanned), origin(name));
          writeResults(
            store,
            "app",
            now.filter(({ path }) => pending.some((one) => one.path === path)).map(derived),
            name,
          );
          publish();
          return store.summary("app")?.generation;
        };
        store.register(root);
        expect(store.summary("app")).toBeUndefined();
        expect(run(0, "a")).toBe(1);
        expect(run(0, "a")).toBe(1);
        expect(run(1, "bb")).toBe(1);
        expect(run(3, "ccc")).toBe(3);
        expect(made).toBe(2);
        expect(store.summary("app")?.readme?.lines).toEqual(["made 2"]);
        store.remove("app");
        store.register(root);
        expect(store.summary("app")).toBeUndefined();
      });

      it("makes the summary of what is about to be published, when another extractor has read the files", () => {
        indexAll(store, root, files);
        store.begin("app", files.map(scanned), origin("one"));
        store.publish("app", () => portraitOf(emptySummary));
        const newer = files.map((file) => ({ ...scanned(file), extractor: 8 }));
        expect(store.begin("app", newer, origin("two")).pending).toHaveLength(files.length);
        const results = files.map((file) => {
          const { derived: made, ...result } = derived(file) as FileResult & { derived: DerivedBlob };
          return {
            ...result,
            blob: { ...keyOf(file), extractor: 8 },
            derived: { ...made, references: made.references.slice(0, 1) },
          };
        });
        writeResults(store, "app", results, "two");
        let mentioned: readonly string[] = [];
        store.publish("app", () => {
          mentioned = store.mentionedNames("app", server.path);
          return portraitOf({ ...emptySummary, counted: { files: 1, of: 1 } });
        });
        expect(mentioned).toEqual(["openSocket"]);
        expect(store.summary("app")?.counted).toEqual({ files: 1, of: 1 });
      });
    });

    describe("answers", () => {
      beforeEach(() => {
        indexAll(store, root, files);
      });

      it.each([
        ["httpserver", server.path],
        ["http server", server.path],
        ["parse request", server.path],
        ["parse_request", server.path],
        ["utf8", socket.path],
        ["utf-8", socket.path],
        ["utf8.decode", socket.path],
        ["cafe", socket.path],
        ["café", socket.path],
        ["世界", socket.path],
        ["你好世界", socket.path],
      ])("finds %s", (query, path) => {
        expect(paths(query)[0]).toBe(path);
      });

      it.each([
        '"',
        "NEAR(",
        "a OR",
        "* ^ -",
        "name:x",
        "'; DROP TABLE file; --",
        "(((",
        "\u0000",
        "constructor AND",
      ])("takes %j as words, not as an expression", (query) => {
        expect(() => paths(query)).not.toThrow();
      });

      it("gives chunks with their definitions, and the text they were cut from", () => {
        const [match] = store.searchText("app", "parse_request", { limit: 5 });
        expect(match).toMatchObject({
          repository: "app",
          path: server.path,
          language: "made",
          blobHash: keyOf(server).hash,
        });
        expect(match?.chunk).toMatchObject({ startLine: 5, endLine: 7 });
        expect(match?.definitions.map(({ name }) => name)).toEqual(["parse_request"]);
        const text = store.text("app", server.path);
        expect(store.text("app", server.path, keyOf(server).hash)).toBe(text);
        expect(store.text("app", server.path, keyOf(socket).hash)).toBeUndefined();
        expect(text?.slice(match?.chunk.startByte, match?.chunk.endByte)).toContain("readHeader(line)");
      });

      it("gives the texts that may hold what is asked, in the order of their paths", async () => {
        const asked = async (pattern: string, filter = {}) => {
          const compiled = await compilePattern(pattern);
          compiled.free();
          return [...store.texts("app", compiled.trigrams, filter)];
        };
        const found = async (pattern: string, filter = {}) =>
          (await asked(pattern, filter)).map(({ path }) => path);
        expect(await asked("retry\\(utf8")).toEqual([
          { path: socket.path, language: "made", utf8: Buffer.from(socket.text) },
        ]);
        expect(await found("openSocket")).toEqual([server.path, socket.path, spec.path]);
        expect(await found("OPENSOCKET\\(")).toEqual([server.path, spec.path]);
        expect(await found("你好")).toEqual([socket.path]);
        expect(await found(".")).toEqual([server.path, socket.path, spec.path]);
        expect(await found(".", { from: socket.path })).toEqual([socket.path, spec.path]);
        expect(await found("openSocket", { from: `${server.path}!` })).toEqual([socket.path, spec.path]);
        expect(await found(".", { path: "test/**" })).toEqual([spec.path]);
        expect(await found("openSocket", { language: "made" })).toHaveLength(3);
        expect(await found("openSocket", { language: "other" })).toEqual([]);
        expect(() => store.texts("nowhere", { of: "all", trigrams: [], parts: [] }, {})).toThrow(/nowhere/);
      });

      it("rules a large text out where no part of it holds all that one line must have", async () => {
        const filler = "nothing of note stands here\n".repeat(3000);
        const far = { path: "far.made", text: `alpha_one\n${filler}omega_two\n${filler}` };
        const near = { path: "near.made", text: `${filler}${filler}alpha_one omega_two` };
        // A store is given the text of a very large file in parts, which may cut a line.
        const cut = { path: "parts.made", text: `${filler}alpha_one ${"- ".repeat(45_000)}ome` };
        const parts = [cut.text, "ga_two\n"];
        const all = [far, near, { ...cut, text: parts.join("") }];
        const plan = store.begin("app", all.map(scanned), { commit: null, run: "large" });
        const results = all.map((file) => derived(file)) as Extract<FileResult, { derived?: unknown }>[];
        const inParts = results.map((result) =>
          result.path !== cut.path || result.derived === undefined
            ? result
            : {
                ...result,
                derived: {
                  ...result.derived,
                  text: "",
                  chunks: [],
                  parts: () => parts.map((text, at) => ({ start: at * cut.text.length, text, chunks: [] })),
                },
              },
        );
        writeResults(store, "app", inParts, plan.run);
        store.publish("app");
        const compiled = await compilePattern("alpha_one.*omega_two");
        compiled.free();
        const found = (onOneLine: boolean) =>
          [...store.texts("app", compiled.trigrams, { onOneLine })].map(({ path, utf8 }) => [
            path,
            utf8.length,
          ]);
        const sizes = new Map(all.map(({ path, text }) => [path, text.length]));
        expect(compiled.onOneLine).toBe(true);
        expect(found(true)).toEqual([...sizes].slice(1));
        expect(found(false)).toEqual([...sizes]);
      });

      it("gives texts while they change, each as it is when it is its turn", () => {
        const texts = store.texts("app", { of: "all", trigrams: [], parts: [] }, {})[Symbol.iterator]();
        expect(texts.next().value?.path).toBe(server.path);
        const changed = { path: socket.path, text: "function closeSocket\n", mtimeMs: longAgo + 5 };
        indexAll(store, root, [server, changed]);
        expect(texts.next().value).toMatchObject({ path: socket.path, utf8: Buffer.from(changed.text) });
        expect(texts.next()).toMatchObject({ done: true });
      });

      it("keeps every field of a definition and a reference", () => {
        const [listen] = store.findDefinitions("app", "listen", { match: "exact", limit: 5 });
        expect(listen?.definition).toEqual(
          expect.objectContaining({
            kind: "method",
            parent: "HTTPServer",
            line: 2,
            signature: "method listen",
            doc: "About listen.",
          }),
        );
        const uses = store.findReferences("app", "openSocket", { limit: 10 });
        expect(uses.map(({ path, reference }) => [path, reference.line, reference.column])).toEqual([
          [server.path, 3, 5],
          [server.path, 7, 3],
          [spec.path, 2, 3],
        ]);
        expect(uses.map(({ enclosing }) => enclosing?.name)).toEqual([
          "listen",
          "parse_request",
          "testSocket",
        ]);
        expect(store.findReferences("app", "openSocket", { limit: 10, path: "test/**" })).toHaveLength(1);
      });

      it("finds definitions by name, beginning, near names, kind and parent", () => {
        const names = (name: string, filter: Partial<Parameters<IndexStore["findDefinitions"]>[2]>) =>
          store
            .findDefinitions("app", name, { match: "exact", limit: 10, ...filter })
            .map((one) => one.definition.name);
        expect(names("constructor", {})).toEqual(["constructor"]);
        expect(names("__proto__", {})).toEqual([]);
        expect(names("httpserver", {})).toEqual([]);
        expect(names("httpserv", { match: "prefix" })).toEqual(["HTTPServer"]);
        expect(names("opnSocket", { match: "fuzzy" })).toContain("openSocket");
        expect(names("zzzzzz", { match: "fuzzy" })).toEqual([]);
        expect(store.unknownWords("app", "how is opnSocket zzzzzz")).toEqual(["opnsocket", "opn", "zzzzzz"]);
        expect(names("listen", { kind: "class" })).toEqual([]);
        expect(names("listen", { parent: "HTTPServer" })).toEqual(["listen"]);
        expect(names("listen", { parent: "Other" })).toEqual([]);
        expect(names("listen", { path: "src/*.made" })).toEqual(["listen"]);
        expect(names("listen", { path: "test/**" })).toEqual([]);
      });

      it("filters by path, language and kind", () => {
        expect(paths("openSocket", { path: "test/**" })).toEqual([spec.path]);
        expect(paths("openSocket", { path: "*.{made,x}" })).toContain(spec.path);
        expect(paths("openSocket", { language: "other" })).toEqual([]);
        expect(paths("openSocket", { kind: "class" })).toEqual([server.path]);
      });

      it("finds files by the words of their path", () => {
        expect(store.searchText("app", "http", { limit: 20 }).map(({ path }) => path)).toContain(server.path);
      });
    });

    describe("several handles and repositories", () => {
      it("shows at once what another handle wrote, added and removed", () => {
        const other = openHere();
        try {
          expect(other.repositories()).toEqual([]);
          indexAll(store, root, files);
          expect(other.repositories().map(({ repository }) => repository)).toEqual(["app"]);
          expect(other.searchText("app", "openSocket", { limit: 5 })).not.toEqual([]);
          store.remove("app");
          expect(other.repositories()).toEqual([]);
          expect(() => other.searchText("app", "openSocket", { limit: 5 })).toThrow(/app/);
          indexAll(store, root, [server]);
          expect(other.repositories("app")[0]).toMatchObject({ files: 1, generation: 1 });
        } finally {
          other.close();
        }
      });

      it("answers a question anew once any handle has moved what it found", () => {
        const other = openHere();
        try {
          indexAll(store, root, [server]);
          const places = (handle: IndexStore) => {
            const found = handle.searchText("app", "openSocket", { limit: 5 });
            return [...new Set(found.map(({ path }) => path))];
          };
          expect([places(store), places(other)]).toEqual([[server.path], [server.path]]);
          indexAll(store, root, [{ ...server, path: "moved.ts" }]);
          expect([places(store), places(other)]).toEqual([["moved.ts"], ["moved.ts"]]);
          indexAll(other, root, [{ ...server, path: "again.ts" }]);
          expect([places(store), places(other)]).toEqual([["again.ts"], ["again.ts"]]);
        } finally {
          other.close();
        }
      });

      it("removes one repository and leaves the others", () => {
        const second = join(top, "second");
        mkdirSync(second);
        indexAll(store, root, files);
        indexAll(store, second, [server]);
        store.remove("app");
        expect(store.repositories().map(({ repository }) => repository)).toEqual(["second"]);
        expect(store.searchText("second", "HTTPServer", { limit: 5 })).toHaveLength(1);
        expect(() => store.remove("app")).toThrow(/app/);
      });

      it("shares derived data between worktrees of one repository, and removes only what none needs", () => {
        const git = join(root, ".git");
        const tree = join(top, "tree");
        makeWorktree(git, tree);
        indexAll(store, root, files);
        store.register(tree);
        expect(store.has("tree", files.map(keyOf))).toEqual([true, true, true]);
        const alone = { path: "alone.made", text: "function aloneHere\n" };
        indexAll(store, tree, [server, alone]);
        expect(store.repositories("tree")[0]).toMatchObject({ files: 2, filesReused: 1 });
        expect(store.searchText("app", "aloneHere", { limit: 5 })).toEqual([]);
        store.remove("app");
        expect(store.has("tree", [server, socket, alone].map(keyOf))).toEqual([true, false, true]);
        expect(store.searchText("tree", "HTTPServer", { limit: 5 })[0]?.path).toBe(server.path);
      });

      it("gives a worktree that was removed and comes back no summary of before", () => {
        const tree = join(top, "tree");
        makeWorktree(join(root, ".git"), tree);
        indexAll(store, root, files);
        store.register(tree);
        const { pending } = store.begin("tree", [scanned(server)], origin("one"));
        writeResults(store, "tree", pending.length === 0 ? [] : [derived(server)], "one");
        store.publish("tree", () => portraitOf(emptySummary));
        expect(store.summary("tree")).toBeDefined();
        store.remove("tree");
        store.register(tree);
        expect(store.summary("tree")).toBeUndefined();
      });

      it("goes on with a run that was left, from another handle", () => {
        store.register(root);
        store.begin("app", files.map(scanned), origin("one"));
        writeResults(store, "app", [derived(server)], "one");
        store.close();
        store = openHere();
        expect(store.repositories("app")[0]).toMatchObject({ run: "one", pendingFiles: 2 });
        writeAll(
          store,
          "app",
          files,
          store.pending("app", "", "\u{10ffff}").map(({ path }) => path),
        );
        expect(store.publish("app")).toMatchObject({ files: 3, generation: 1 });
      });
    });
  });
}

function makeWorktree(git: string, tree: string): void {
  const inside = join(git, "worktrees", "tree");
  mkdirSync(inside, { recursive: true });
  mkdirSync(tree);
  for (const folder of [git, inside]) writeFileSync(join(folder, "HEAD"), "ref: refs/heads/main\n");
  writeFileSync(join(inside, "commondir"), "../..\n");
  writeFileSync(join(tree, ".git"), `gitdir: ${inside}\n`);
}
