/** Runs every language's query over its annotated corpus; grammars/README.md tells how a corpus is written. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { extractFile } from "../src/indexer/extract-file.ts";
import { languageIds, languageOf, languages, loadLanguage } from "../src/indexer/languages.ts";
import type { Definition, Extraction } from "../src/indexer/symbol.ts";

const grammars = join(dirname(fileURLToPath(import.meta.url)), "../grammars");

/** One annotation; `row` and `column` count from 0 and say where the name that it speaks of starts. */
interface Annotation {
  readonly row: number;
  readonly column: number;
  readonly part: "definition" | "reference" | "!reference";
  /** A kind of definition or a role. */
  readonly detail: string;
  readonly parent: string | undefined;
  readonly visibility: string | undefined;
  readonly doc: string | undefined;
}

const marker = String.raw`(?:\/\/+|#|\/\*+|--|;+|%|<!--|\(\*+)`;
const annotationLine = new RegExp(
  String.raw`^\s*${marker}\s*(\^|<-)\s*(definition|reference|!reference)(?:\.(\w+))?(.*?)(?:\*\/|-->|\*\))?\s*$`,
);

/** Takes the annotations out of a corpus file; their lines are left empty, so that all others keep their place. */
function readCorpus(text: string): { readonly source: string; readonly annotations: Annotation[] } {
  const annotations: Annotation[] = [];
  const lines = text.split("\n");
  let row = -1;
  for (const [index, line] of lines.entries()) {
    const found = annotationLine.exec(line);
    if (found === null) {
      row = index;
      continue;
    }
    const [, arrow, part, detail = "", rest = ""] = found;
    const column = arrow === "^" ? line.indexOf("^") : line.search(/\S/);
    annotations.push({ row, column, part: part as Annotation["part"], detail, ...readRest(rest) });
    lines[index] = "";
  }
  return { source: lines.join("\n"), annotations };
}

function readRest(rest: string): Pick<Annotation, "parent" | "visibility" | "doc"> {
  const doc = /\bdoc="([^"]*)"/.exec(rest)?.[1];
  const words = rest
    .replace(/\bdoc="[^"]*"/, "")
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  const unknown = words.filter((word) => !/^(in=.*|public|protected|private|internal)$/.test(word));
  if (unknown.length > 0) throw new Error(`Annotation says "${unknown.join(" ")}", which means nothing`);
  const parent = words.find((word) => word.startsWith("in="))?.slice("in=".length);
  return { parent, visibility: words.find((word) => !word.startsWith("in=")), doc };
}

/** What is wrong between a corpus file and what was found in it; empty when all is well. */
function compare(source: string, annotations: readonly Annotation[], found: Extraction): string[] {
  const lines = source.split("\n");
  const named = new Set<Definition>();
  const problems: string[] = [];
  for (const annotation of annotations) {
    const place = `${annotation.row + 1}:${annotation.column + 1}`;
    if (annotation.part !== "definition") {
      problems.push(...compareReference(annotation, found).map((problem) => `${place} ${problem}`));
      continue;
    }
    const text = (lines[annotation.row] ?? "")
      .slice(annotation.column)
      .replace(/^(?:["'`:]|<(?=[\w./+-]+>))/, "");
    const [definition] = found.definitions
      .filter(({ line, kind }) => line === annotation.row + 1 && kind === annotation.detail)
      .filter((candidate) => beginsWith(text, candidate.name) && !named.has(candidate))
      .sort((one, other) => other.name.length - one.name.length);
    if (definition === undefined) problems.push(`${place} no ${annotation.detail} at "${text.slice(0, 30)}"`);
    else problems.push(...compareDefinition(annotation, definition).map((problem) => `${place} ${problem}`));
    if (definition !== undefined) named.add(definition);
  }
  const unnamed = found.definitions.filter((definition) => !named.has(definition));
  return [
    ...problems,
    ...unnamed.map(
      ({ line, kind, name, parent }) => `${line} has no annotation: ${kind} ${name} in=${parent}`,
    ),
  ];
}

function beginsWith(text: string, name: string): boolean {
  return text.startsWith(name) || text.replace(/\s+/g, " ").startsWith(name);
}

function compareDefinition(annotation: Annotation, { parent, visibility, doc, name }: Definition): string[] {
  const problems: string[] = [];
  if (annotation.parent !== undefined && annotation.parent !== parent) {
    problems.push(`${name}: parent is "${parent}", not "${annotation.parent}"`);
  }
  if (annotation.visibility !== undefined && annotation.visibility !== visibility) {
    problems.push(`${name}: is ${visibility}, not ${annotation.visibility}`);
  }
  if (
    annotation.doc !== undefined &&
    (annotation.doc === "" ? doc !== "" : !doc.startsWith(annotation.doc))
  ) {
    problems.push(`${name}: doc is "${doc}", not "${annotation.doc}"`);
  }
  return problems;
}

function compareReference({ row, column, part, detail }: Annotation, { references }: Extraction): string[] {
  const here = references.filter(
    (reference) => reference.line === row + 1 && reference.column === column + 1,
  );
  const roles = here.map(({ role }) => role).join(", ");
  if (part === "!reference") return here.length === 0 ? [] : [`there is a reference: ${roles}`];
  return here.some(({ role }) => role === detail)
    ? []
    : [`is no ${detail}${roles === "" ? "" : `, but ${roles}`}`];
}

const corpusFiles = (id: string) => {
  const folder = join(grammars, id, "corpus");
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
};

describe.each(languageIds())("%s", (id) => {
  it("has a grammar that loads and a query that compiles", async () => {
    await loadLanguage(id);
  });

  it("has a corpus, and folder and files of its own name", () => {
    expect(existsSync(join(grammars, id, "tags.scm"))).toBe(true);
    expect(corpusFiles(id).length).toBeGreaterThan(0);
    for (const path of corpusFiles(id)) expect(languageOf(path)).toBe(id);
  });

  it.each(corpusFiles(id))("tags %s", async (path) => {
    const { source, annotations } = readCorpus(readFileSync(path, "utf8"));
    const found = await extractFile(source, id, { parseLimitMs: 60_000 });
    expect(annotations.length).toBeGreaterThan(0);
    expect(compare(source, annotations, found)).toEqual([]);
  });

  it("has an example of every kind and role that its query names", () => {
    const tags = (languages().get(id)?.tags ?? "").replace(/;.*$/gm, "");
    const named = new Set([...tags.matchAll(/@((?:definition|reference)\.\w+)/g)].map(([, name]) => name));
    const annotations = corpusFiles(id).flatMap((path) => readCorpus(readFileSync(path, "utf8")).annotations);
    const shown = new Set(annotations.map(({ part, detail }) => `${part}.${detail}`));
    expect([...named].filter((name) => name !== undefined && !shown.has(name))).toEqual([]);
  });
});

describe("the corpus runner itself", () => {
  const text = "func Run() {\n//   ^ definition.function public\n\tlisten()\n//  ^ reference.call\n}\n";
  const { source, annotations } = readCorpus(text);

  it("reads annotations and leaves every line in its place", () => {
    expect(annotations).toMatchObject([
      { row: 0, column: 5, part: "definition", detail: "function", visibility: "public" },
      { row: 2, column: 4, part: "reference", detail: "call" },
    ]);
    expect(source.split("\n")).toEqual(["func Run() {", "", "\tlisten()", "", "}", ""]);
  });

  it("reports a definition without annotation, one that is missing, and a wrong parent", () => {
    const definition: Definition = {
      kind: "function",
      name: "Run",
      parent: "",
      line: 1,
      startLine: 1,
      endLine: 5,
      startByte: 0,
      endByte: 20,
      signature: "",
      doc: "",
      visibility: "public",
    };
    const found: Extraction = { definitions: [definition], references: [], chunks: [], parseErrors: 0 };
    const first = annotations.slice(0, 1);
    expect(compare(source, first, found)).toEqual([]);
    expect(compare(source, [], found)).toHaveLength(1);
    expect(compare(source, first, { ...found, definitions: [] })).toHaveLength(1);
    expect(
      compare(source, first, { ...found, definitions: [{ ...definition, visibility: "private" }] }),
    ).toHaveLength(1);
    expect(compare(source, annotations, found)).toHaveLength(1);
  });
});
