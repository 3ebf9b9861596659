/** `cambium search --mode regex`: where a pattern matches, for the command line. */
import { type ExactHit, type ExactRequest, searchExact } from "../indexer/search-exact.ts";
import type { IndexStore } from "../indexer/store.ts";
import { viewExact } from "./answer-json.ts";
import type { Session } from "./cli-session.ts";
import { sayEvidence } from "./evidence.ts";
import { cleanLines, sayTotal, showPath } from "./text.ts";

export async function answerExact(index: IndexStore, request: ExactRequest, session: Session): Promise<void> {
  const answer = await searchExact(index, request);
  const nameRepository = answer.evidence.length > 1;
  const words = answer.hits.map((hit) => writeHit(hit, nameRepository, session));
  const apart = (request.context ?? 0) > 0 ? "\n--\n" : "\n";
  session.answer(viewExact(answer), words.length === 0 ? "Nothing found." : words.join(apart));
  const more = answer.nextCursor === null ? "" : `\nMore: --cursor ${answer.nextCursor}`;
  const partial = answer.partial === null ? "" : `\nPartial: ${answer.partial}`;
  session.note(`${sayTotal(answer, "hit")} ${sayEvidence(answer.evidence)}${partial}${more}`);
}

/** As grep writes, so that editors and other programs can read it. */
function writeHit(hit: ExactHit, nameRepository: boolean, { colors }: Session): string {
  const { cyan, dim } = colors.out;
  const path = `${nameRepository ? dim(`${hit.repository}: `) : ""}${cyan(showPath(hit.path))}`;
  const row = (mark: string, first: number) => (text: string, index: number) =>
    `${path}${mark}${first + index}${mark}${cleanLines(text)[0] ?? ""}`;
  return [
    ...hit.before.map(row("-", hit.startLine - hit.before.length)),
    ...hit.snippet.split("\n").map(row(":", hit.startLine)),
    ...hit.after.map(row("-", hit.endLine + 1)),
  ].join("\n");
}
