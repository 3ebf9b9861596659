/** What `search_code` answers to a pattern. */
import { CambiumError } from "../errors.ts";
import { type ExactAnswer, type ExactRequest, searchExact } from "../indexer/search-exact.ts";
import { viewExact } from "./answer-json.ts";
import { explainNothing, sayEvidence, sayHead, sayScope } from "./evidence.ts";
import { exactBudget, writeExactHits } from "./exact-text.ts";
import type { RepositoryChoice } from "./repository-choice.ts";
import { budgetOf, oneLine, sayTotal } from "./text.ts";
import type { ToolAnswer, ToolDeps } from "./tool.ts";

export interface ExactArguments {
  readonly query: string;
  readonly path?: string | undefined;
  readonly language?: string | undefined;
  readonly kind?: string | undefined;
  readonly ignore_case?: boolean | undefined;
  readonly word?: boolean | undefined;
  readonly literal?: boolean | undefined;
  readonly multiline?: boolean | undefined;
  readonly context?: number | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly max_tokens?: number | undefined;
}

const patternArguments = ["ignore_case", "word", "literal", "multiline", "context"] as const;

/** Throws `invalid_argument` where one was given that only a pattern can have. */
export function refusePatternArguments(args: ExactArguments): void {
  const given = patternArguments.filter((name) => args[name] !== undefined);
  if (given.length === 0) return;
  const advice = 'goes with mode "regex": add it, or leave it out.';
  throw new CambiumError("invalid_argument", `${given.join(", ")} ${advice}`);
}

/** Before anything is indexed there is nothing to ask the index. */
const nothing: ExactAnswer = {
  hits: [],
  total: 0,
  totalCapped: false,
  nextCursor: null,
  evidence: [],
  partial: null,
};

/** Evidence first, then the lines, then what was left out and how to go on. */
export async function answerExact(
  args: ExactArguments,
  choice: RepositoryChoice,
  deps: ToolDeps,
  signal: AbortSignal,
): Promise<ToolAnswer> {
  if (args.kind !== undefined) {
    throw new CambiumError(
      "invalid_argument",
      "kind does not go with mode regex: a pattern matches lines, not symbols.",
    );
  }
  if (choice.known.length === 0)
    return { text: await sayNothing(args, undefined, choice, deps), document: () => viewExact(nothing) };
  const request = requestOf(args, choice);
  const first = await searchExact(deps.index, request, signal);
  const document = () => viewExact(first);
  if (first.hits.length === 0) return { text: await sayNothing(args, first, choice, deps), document };
  let answer = first;
  const look = {
    nameRepository: choice.chosen === undefined && choice.known.length > 1,
    budget: budgetOf(args.max_tokens, exactBudget),
  };
  let written = writeExactHits(answer.hits, look);
  if (written.shown < answer.hits.length) {
    // Asked for again, shorter, so that the cursor fits what is shown.
    answer = await searchExact(deps.index, { ...request, limit: written.shown }, signal);
    written = writeExactHits(answer.hits, look);
  }
  const scope = request.cursor === undefined ? sayScope(choice) : undefined;
  const lines = [
    sayHead(answer.evidence),
    ...(scope === undefined ? [] : [scope]),
    written.text,
    ...sayPartial(answer),
    sayEnd(answer, written.shown),
  ];
  return { text: lines.join("\n"), document };
}

function requestOf(args: ExactArguments, { chosen }: RepositoryChoice): ExactRequest {
  return {
    query: args.query,
    limit: args.limit,
    ignoreCase: args.ignore_case ?? false,
    word: args.word ?? false,
    literal: args.literal ?? false,
    multiline: args.multiline ?? false,
    context: args.context ?? 0,
    ...(chosen === undefined ? {} : { repository: chosen.repository }),
    ...(args.path === undefined ? {} : { path: args.path }),
    ...(args.language === undefined ? {} : { language: args.language }),
    ...(args.cursor === undefined ? {} : { cursor: args.cursor }),
  };
}

function sayPartial({ partial }: ExactAnswer): string[] {
  return partial === null ? [] : [`Partial: ${partial}`];
}

function sayEnd(answer: ExactAnswer, shown: number): string {
  const counted = sayTotal(answer, "hit");
  if (answer.nextCursor === null) return `${counted}${answer.totalCapped ? "" : " in all"}.`;
  return `${shown} of ${counted}; narrow the pattern, path or language, or go on with cursor ${JSON.stringify(answer.nextCursor)}.`;
}

async function sayNothing(
  args: ExactArguments,
  answer: ExactAnswer | undefined,
  choice: RepositoryChoice,
  deps: ToolDeps,
): Promise<string> {
  const filters = { path: args.path, language: args.language };
  const reasons = await explainNothing(deps, choice, { filters, suggestions: [] });
  const shown = JSON.stringify(oneLine(args.query, 120));
  const head = `${args.cursor === undefined ? "No line matches" : "No more lines match"} ${shown}${answer?.partial == null ? "" : " in what was looked at"}.`;
  const advice =
    args.ignore_case === true ? [] : ["Capital and small letters differ unless ignore_case is set."];
  return [
    ...(answer === undefined || answer.evidence.length === 0 ? [] : [sayEvidence(answer.evidence)]),
    head,
    ...(answer === undefined ? [] : sayPartial(answer)),
    ...(answer?.nextCursor == null ? [] : [sayEnd(answer, 0)]),
    ...(reasons.length === 0 ? advice : reasons),
  ].join("\n");
}
