/**
 * Prompts a person may pick: ways of asking that use few calls and end in places that can be checked. One is offered
 * where the tools are that it calls.
 */
import {
  type GetPromptResult,
  type Prompt,
  ProtocolError,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import { oneLine } from "./text.ts";
import { type Offers, offersAll } from "./tool-selection.ts";

interface PromptSpec extends Prompt {
  readonly arguments: NonNullable<Prompt["arguments"]>;
  /** The tools it cannot do without. */
  readonly calls: readonly string[];
  write(given: (name: string) => string | undefined, offers: Offers): string;
}

const argumentLimit = 1000;
const about = (repository: string | undefined) =>
  repository === undefined ? "" : ` Give every call {"repository": ${JSON.stringify(repository)}}.`;

const asking = ["search_code", "find_symbol", "find_references"];

const prompts: readonly PromptSpec[] = [
  {
    name: "get_to_know",
    title: "Get to know a repository",
    description: "A short tour: what it is, where it begins, how it is laid out, what matters most.",
    arguments: [
      { name: "repository", description: "Name or path; default: the current one.", required: false },
    ],
    calls: ["list_repositories", "get_outline"],
    write: (given, offers) =>
      `Give me a tour of this repository in at most 30 lines, with path:line for each claim.${about(given("repository"))}
1. Call list_repositories. If the repository is missing or stale, ${offers("index_repository") && offers("wait_for_task") ? "call index_repository with its path and wait_for_task" : "say so"}.
2. Call get_outline {"path": "."}: languages, entry points, most used symbols, folders.
3. Call get_outline for the two or three folders that matter, and read the entry point's first lines.
4. Tell: what it does, how it starts, its parts and how they depend on each other, where to begin reading.`,
  },
  {
    name: "find_where",
    title: "Find where something is done",
    description: "Answers a question about the code with the few places that prove it.",
    arguments: [
      { name: "question", description: "For example: where is the retry delay decided?", required: true },
      { name: "repository", description: "Name or path; default: the current one.", required: false },
    ],
    calls: asking,
    write: (given) =>
      `Answer this about the code: ${JSON.stringify(given("question") ?? "")}.${about(given("repository"))}
1. search_code with the words of the question, then with the names the first answer taught you; at most three searches.
2. find_symbol for the definition, find_references for who uses it.
3. Read only the lines these calls name. Answer in a few sentences with path:line for each; say what you did not find.`,
  },
  {
    name: "before_changing",
    title: "What would a change touch?",
    description: "Who uses a symbol, which tests cover it, and what has to change with it.",
    arguments: [
      { name: "symbol", description: "For example Parser.parse.", required: true },
      { name: "repository", description: "Name or path; default: the current one.", required: false },
    ],
    calls: asking,
    write: (given) =>
      `I am about to change ${JSON.stringify(given("symbol") ?? "")}. Tell me what that touches.${about(given("repository"))}
1. find_symbol for its definition; if there are several, say which you took.
2. find_references for its uses; group them by caller, and set apart what only shares the name.
3. search_code for tests and documents that mention it.
4. List: callers that must change, tests that cover it, places that may break silently. path:line for each.`,
  },
];

export function listPrompts(offers: Offers = offersAll): Prompt[] {
  return offered(offers).map(({ write: _write, calls: _calls, ...prompt }) => prompt);
}

const offered = (offers: Offers) => prompts.filter(({ calls }) => calls.every(offers));

/** Throws what the protocol wants for an unknown name or a missing argument. */
export function getPrompt(
  name: string,
  given: Readonly<Record<string, string>> | undefined = {},
  offers: Offers = offersAll,
): GetPromptResult {
  const there = offered(offers);
  const prompt = there.find((one) => one.name === name);
  if (prompt === undefined) {
    const known = there.map((one) => one.name).join(", ");
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `There is no prompt ${shown(name)}. Prompts: ${known === "" ? "none" : known}.`,
    );
  }
  const textOf = (argument: string) => {
    const text = oneLine(Object.hasOwn(given, argument) ? String(given[argument]) : "", argumentLimit);
    return text === "" ? undefined : text;
  };
  const missing = prompt.arguments.find((one) => one.required === true && textOf(one.name) === undefined);
  if (missing !== undefined) {
    const text = `The prompt ${name} needs ${missing.name}. ${missing.description}`;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
  }
  return {
    description: prompt.description ?? "",
    messages: [{ role: "user", content: { type: "text", text: prompt.write(textOf, offers) } }],
  };
}

const shown = (name: string) => JSON.stringify(name.slice(0, 80));
