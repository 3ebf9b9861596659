/** The tools that look up names: where a symbol is defined and where it is used. */
import { z } from "zod";
import type { DefinitionMatch, ReferenceMatch } from "../../indexer/store.ts";
import { type SymbolKind, symbolKinds } from "../../indexer/symbol.ts";
import {
  findReferences,
  findSymbol,
  type ReferenceAnswer,
  type SymbolAnswer,
} from "../../indexer/symbols.ts";
import { viewDefinitions, viewReferences } from "../answer-json.ts";
import { explainNothing, sayEvidence, sayHead, sayScope } from "../evidence.ts";
import { chooseRepository, type RepositoryChoice } from "../repository-choice.ts";
import { budgetOf, oneLine, sayTotal, showPath } from "../text.ts";
import { defineTool, type ToolDeps } from "../tool.ts";
import { languageArgument, pathArgument, repositoryArgument, tokensArgument } from "./search.ts";

const annotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
const bytesUnasked = 9_500;
/** Before anything is indexed there is nothing to ask the index. */
const noSymbol: SymbolAnswer = {
  definitions: [],
  match: "exact",
  total: 0,
  totalCapped: false,
  evidence: [],
};
const noReference: ReferenceAnswer = { references: [], total: 0, totalCapped: false, evidence: [] };

/** A model knows the words from search_code; spelling them out again would cost each listing 70 tokens. */
const kindArgument = z
  .string()
  .refine((given): given is SymbolKind => (symbolKinds as readonly string[]).includes(given), {
    error: `one of ${symbolKinds.join(", ")}`,
  })
  .optional()
  .describe("As in search_code.");

export const findSymbolTool = defineTool({
  name: "find_symbol",
  title: "Find a definition",
  description:
    "Finds where a symbol is defined, by its name: equal names first, else names that begin so, else near ones. Use search_code when you do not know the name.",
  input: z.object({
    name: z.string().min(1).max(300).describe("For example parseConfig or Parser.parse."),
    repository: repositoryArgument,
    kind: kindArgument,
    path: pathArgument,
    language: languageArgument,
    match: z.enum(["exact", "any"]).default("any").describe("exact: only equal names."),
    limit: z.int().min(1).max(100).default(20),
    max_tokens: tokensArgument,
  }),
  example: { name: "parseConfig" },
  annotations,
  run: async ({ name, repository, kind, path, language, match, limit, max_tokens }, deps) => {
    const choice = chooseRepository(deps.index, repository, deps.cwd);
    const request = {
      name,
      match,
      limit,
      ...scopeOf(choice),
      ...(kind === undefined ? {} : { kind }),
      ...(path === undefined ? {} : { path }),
      ...(language === undefined ? {} : { language }),
    };
    const answer = choice.known.length === 0 ? noSymbol : findSymbol(deps.index, request);
    const document = () => viewDefinitions(answer);
    const head = answer.evidence.length > 0 ? [sayEvidence(answer.evidence)] : [];
    const budget = budgetOf(max_tokens, bytesUnasked);
    const asked = JSON.stringify(oneLine(name, 120));
    if (answer.definitions.length === 0) {
      const reasons = await explainNothing(deps, choice, {
        filters: { kind, path, language },
        suggestions: [],
      });
      const fallback = `Call search_code ${JSON.stringify({ query: oneLine(name, 120) })} to look for it in all text.`;
      return { text: [...head, `No definition of ${asked}.`, ...reasons, fallback].join("\n"), document };
    }
    const near =
      answer.match === "exact"
        ? []
        : [`No symbol is named ${asked}; names ${answer.match === "prefix" ? "that begin so" : "near it"}:`];
    const places = answer.definitions.map((found) => placeOf(found, choice, writeDefinition));
    return {
      text: [
        sayHead(answer.evidence),
        ...scopeLine(choice),
        ...near,
        ...groupPlaces(places, answer, "definition", budget),
      ].join("\n"),
      document,
    };
  },
});

export const findReferencesTool = defineTool({
  name: "find_references",
  title: "Find references",
  description:
    "Finds where a name is used (called, imported, inherited, read, written), with the symbol around each use. By name only: two symbols of one name are not told apart, so narrow with path.",
  input: z.object({
    name: z.string().min(1).max(300).describe("Without its parents."),
    repository: repositoryArgument,
    path: pathArgument,
    limit: z.int().min(1).max(200).default(50),
    max_tokens: tokensArgument,
  }),
  example: { name: "parseConfig" },
  annotations,
  run: async ({ name, repository, path, limit, max_tokens }, deps) => {
    const choice = chooseRepository(deps.index, repository, deps.cwd);
    const request = { name, limit, ...scopeOf(choice), ...(path === undefined ? {} : { path }) };
    const answer = choice.known.length === 0 ? noReference : findReferences(deps.index, request);
    const document = () => viewReferences(answer);
    const head = answer.evidence.length > 0 ? [sayEvidence(answer.evidence)] : [];
    if (answer.references.length === 0) {
      const suggestions = choice.known.length === 0 ? [] : nearNames(deps, name, choice);
      const reasons = await explainNothing(deps, choice, { filters: { path }, suggestions });
      const fallback = `Call find_symbol ${JSON.stringify({ name: oneLine(name, 120) })} to check the name.`;
      return {
        text: [...head, `No use of ${JSON.stringify(oneLine(name, 120))}.`, ...reasons, fallback].join("\n"),
        document,
      };
    }
    const places = answer.references.map((found) => placeOf(found, choice, writeReference));
    return {
      text: [
        sayHead(answer.evidence),
        ...scopeLine(choice),
        ...groupPlaces(places, answer, "use", budgetOf(max_tokens, bytesUnasked)),
      ].join("\n"),
      document,
    };
  },
});

/** Names that are defined and close to one that nobody uses; none where the name itself is defined. */
function nearNames({ index }: ToolDeps, name: string, choice: RepositoryChoice): string[] {
  const found = findSymbol(index, { name, limit: 5, ...scopeOf(choice) });
  if (found.match === "exact") return [];
  return [...new Set(found.definitions.map(({ definition }) => definition.name))];
}

interface Place {
  readonly header: string;
  readonly line: string;
}

function placeOf<Found extends { readonly repository: string; readonly path: string }>(
  found: Found,
  choice: RepositoryChoice,
  write: (found: Found) => string,
): Place {
  const nameRepository = choice.chosen === undefined && choice.known.length > 1;
  const path = showPath(found.path);
  return { header: nameRepository ? `${found.repository}: ${path}` : path, line: `  ${write(found)}` };
}

function writeDefinition({ definition }: DefinitionMatch): string {
  const { startLine, endLine, kind, parent, name, signature } = definition;
  const range = startLine === endLine ? `${startLine}` : `${startLine}-${endLine}`;
  const full = oneLine(parent === "" ? name : `${parent}.${name}`, 120);
  return `${range} ${kind} ${full}${signature === "" ? "" : ` | ${oneLine(signature)}`}`;
}

function writeReference({ reference, enclosing }: ReferenceMatch): string {
  const around = enclosing === undefined ? "" : ` in ${enclosing.kind} ${oneLine(enclosing.name, 120)}`;
  return `${reference.line}:${reference.column} ${reference.role}${around}`;
}

/** Lines grouped by file, in the order of their first place, within the budget; the last line counts them. */
function groupPlaces(
  places: readonly Place[],
  answer: SymbolAnswer | ReferenceAnswer,
  noun: string,
  budget: number,
): string[] {
  const groups = new Map<string, string[]>();
  let bytes = 0;
  let shown = 0;
  for (const { header, line } of places) {
    const group = groups.get(header);
    bytes += Buffer.byteLength(line) + 1 + (group === undefined ? Buffer.byteLength(header) + 1 : 0);
    if (bytes > budget && shown > 0) break;
    shown += 1;
    if (group === undefined) groups.set(header, [line]);
    else group.push(line);
  }
  const counted = sayTotal(answer, noun);
  const count =
    shown < answer.total ? `${shown} of ${counted}; narrow with path, or raise limit.` : `${counted} in all.`;
  return [...[...groups].flatMap(([header, lines]) => [header, ...lines]), count];
}

function scopeOf({ chosen }: RepositoryChoice): { readonly repository?: string } {
  return chosen === undefined ? {} : { repository: chosen.repository };
}

function scopeLine(choice: RepositoryChoice): string[] {
  const scope = sayScope(choice);
  return scope === undefined ? [] : [scope];
}
