/** The tool that searches code, in words or by a pattern. */
import { z } from "zod";
import { askCode, type SearchMode } from "../../indexer/meaning.ts";
import type { SearchAnswer, SearchRequest } from "../../indexer/search.ts";
import { symbolKinds } from "../../indexer/symbol.ts";
import { viewSearch } from "../answer-json.ts";
import { explainNothing, sayEvidence, sayHead, sayNear, sayScope } from "../evidence.ts";
import { answerExact, refusePatternArguments } from "../exact-answer.ts";
import { budgets, type Detail, details, writeHits } from "../hits-text.ts";
import { chooseRepository, type RepositoryChoice } from "../repository-choice.ts";
import { budgetOf, oneLine, sayTotal } from "../text.ts";
import { defineTool, type ToolDeps } from "../tool.ts";

/** Before anything is indexed there is nothing to ask the index. */
const nothing: SearchAnswer = {
  hits: [],
  total: 0,
  totalCapped: false,
  nextCursor: null,
  evidence: [],
  suggestions: [],
};

export const searchModes = ["hybrid", "lexical", "semantic", "regex"] as const;

export const repositoryArgument = z
  .string()
  .max(4096)
  .optional()
  .describe("Default: the current folder's, else all.");
export const pathArgument = z.string().max(1000).optional().describe("Glob: src/**/*.ts.");
/** About how long an answer may be. */
export const tokensArgument = z.int().min(200).max(10_000).optional();
export const languageArgument = z.string().max(40).optional();

export const searchCodeTool = defineTool({
  name: "search_code",
  title: "Search code",
  description:
    "Finds code by words, names or a question, ranked. Use it instead of grep to find where something is done. Answers path, lines and signature; read those lines yourself, or ask for detail. Mode regex is grep: all lines that match.",
  input: z.object({
    query: z.string().min(1).max(1000).describe("Words, names, a short question, or a pattern."),
    repository: repositoryArgument,
    path: pathArgument,
    language: languageArgument,
    kind: z.enum(symbolKinds).optional().describe("Only code that defines one."),
    mode: z
      .enum(searchModes)
      .optional()
      .describe("hybrid (default): words, and meaning if set up; regex: Rust's syntax, no look-around."),
    ignore_case: z.boolean().optional().describe("Mode regex only, like the next four."),
    word: z.boolean().optional().describe("Whole words."),
    literal: z.boolean().optional().describe("query is text, not a pattern."),
    multiline: z.boolean().optional(),
    context: z.int().min(0).max(20).optional().describe("Lines around each hit."),
    limit: z.int().min(1).max(50).default(15),
    cursor: z.string().max(1000).optional().describe("From the answer before."),
    max_tokens: tokensArgument,
    detail: z.enum(details).default("concise").describe("One line a hit, its first lines, or all of it."),
  }),
  example: { query: "parse configuration file" },
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async (args, deps, call) => {
    const choice = chooseRepository(deps.index, args.repository, deps.cwd);
    if (args.mode === "regex") return answerExact(args, choice, deps, call.signal);
    refusePatternArguments(args);
    const { detail } = args;
    const request: SearchRequest & { mode: SearchMode } = {
      query: args.query,
      mode: args.mode ?? "hybrid",
      limit: args.limit,
      ...(choice.chosen === undefined ? {} : { repository: choice.chosen.repository }),
      ...(args.path === undefined ? {} : { path: args.path }),
      ...(args.language === undefined ? {} : { language: args.language }),
      ...(args.kind === undefined ? {} : { kind: args.kind }),
      ...(args.cursor === undefined ? {} : { cursor: args.cursor }),
    };
    const ask = (limit: number) => askCode(deps.index, deps.openMeaning, { ...request, limit });
    const answer = choice.known.length === 0 ? nothing : await ask(args.limit);
    const document = () => viewSearch(answer);
    if (answer.hits.length === 0)
      return { text: await writeNothing(request, answer, choice, deps), document };
    const look = { detail, budget: budgetOf(args.max_tokens, budgets[detail]) };
    return { text: await writePage(request, answer, look, choice, ask), document };
  },
});

/** Evidence first, then the hits, then how to go on. A page that is too long is asked for again, shorter, so that its cursor fits. */
async function writePage(
  request: SearchRequest,
  first: SearchAnswer,
  look: { readonly detail: Detail; readonly budget: number },
  choice: RepositoryChoice,
  ask: (limit: number) => Promise<SearchAnswer>,
): Promise<string> {
  const nameRepository = choice.chosen === undefined && choice.known.length > 1;
  let answer = first;
  let written = writeHits(answer.hits, { ...look, nameRepository });
  if (written.shown < answer.hits.length) {
    answer = await ask(written.shown);
    written = writeHits(answer.hits, { ...look, nameRepository });
  }
  const firsts = request.cursor === undefined ? [sayScope(choice), sayNear(answer.suggestions)] : [];
  const counted = sayTotal(answer, "hit");
  const last =
    answer.nextCursor === null
      ? `${counted}${answer.totalCapped ? "" : " in all"}.`
      : `${written.shown} of ${counted}; narrow with path, language or kind, or go on with cursor ${JSON.stringify(answer.nextCursor)}.`;
  const notes = [...firsts, answer.note === undefined ? undefined : `${oneLine(answer.note, 300)}.`];
  const said = notes.filter((note) => note !== undefined);
  return [sayHead(answer.evidence), ...said, written.text, last].join("\n");
}

async function writeNothing(
  request: SearchRequest,
  answer: SearchAnswer,
  choice: RepositoryChoice,
  deps: ToolDeps,
): Promise<string> {
  const filters = { path: request.path, language: request.language, kind: request.kind };
  const reasons = await explainNothing(deps, choice, { filters, suggestions: answer.suggestions });
  const head = `${request.cursor === undefined ? "No hits" : "No more hits"} for ${JSON.stringify(oneLine(request.query, 120))}.`;
  const fallback =
    reasons.length === 0 ? ["Try other words: fewer, or names as they stand in the code."] : reasons;
  return [...(answer.evidence.length > 0 ? [sayEvidence(answer.evidence)] : []), head, ...fallback].join(
    "\n",
  );
}
