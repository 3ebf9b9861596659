/** The tool that shows what a file, a folder or a repository holds, without reading it. */
import { z } from "zod";
import type { Definition } from "../../indexer/symbol.ts";
import { viewOutline } from "../answer-json.ts";
import { sayHead } from "../evidence.ts";
import { chooseOutline, type OutlineChoice } from "../outline-choice.ts";
import { writeFileOutline, writeFolderOutline, writeSummary } from "../outline-text.ts";
import { budgetOf } from "../text.ts";
import { defineTool, type ToolDeps } from "../tool.ts";
import { repositoryArgument, tokensArgument } from "./search.ts";

const namesShown = 6;
const bytesUnasked = 8_500;
const mainKinds: ReadonlySet<string> = new Set(
  "function method class interface struct union enum trait type macro module namespace section".split(" "),
);

export const getOutline = defineTool({
  name: "get_outline",
  title: "Outline a file or folder",
  description:
    "Shows what a file (symbols by line), folder (entries) or repository (languages, entry points, main symbols, README) holds. Use it to get to know code before reading any.",
  input: z.object({
    path: z.string().min(1).max(4096).default(".").describe("From the repository's top."),
    repository: repositoryArgument,
    max_tokens: tokensArgument,
  }),
  example: { path: "src" },
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: ({ path, repository, max_tokens }, deps) => {
    const choice = chooseOutline(deps.index, { path, repository }, deps.cwd);
    return {
      text: `${sayHead([choice.status])}\n${writeOutline(choice, deps, budgetOf(max_tokens, bytesUnasked))}`,
      document: () => viewOutline(choice, deps.index),
    };
  },
});

/** In words, within about `budget` bytes. */
export function writeOutline(
  { status, outline }: OutlineChoice,
  { index }: ToolDeps,
  budget: number,
): string {
  if (outline.type === "file") return writeFileOutline(outline, budget);
  const summary = outline.path === "" ? index.summary(status.repository) : undefined;
  const head = summary === undefined ? [] : [writeSummary(summary)];
  const left = Math.max(500, budget - Buffer.byteLength(head.join("\n")));
  const namesOf = (path: string) => namesIn(index.outline(status.repository, path));
  return [...head, writeFolderOutline(outline, namesOf, left)].join("\n");
}

/** What a file mainly defines: at its top, public before private. */
function namesIn(outline: OutlineChoice["outline"] | undefined): string[] {
  if (outline?.type !== "file") return [];
  const top = outline.definitions.filter(({ parent, kind }) => parent === "" && mainKinds.has(kind));
  const isHidden = ({ visibility, name }: Definition) => visibility === "private" || name.startsWith("_");
  const ordered = [...top.filter((one) => !isHidden(one)), ...top.filter(isHidden)];
  const names = [...new Set(ordered.map(({ name }) => name))];
  const more = names.length - namesShown;
  return more > 0 ? [...names.slice(0, namesShown), `${more} more`] : names;
}
