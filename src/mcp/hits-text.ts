/** Search hits as text: grouped by file, best first, within a budget of bytes; indexed text is cleaned and cut here. */
import type { Hit } from "../indexer/search.ts";
import { cleanLines, cutText, fenced, oneLine, showPath } from "./text.ts";

export const details = ["concise", "snippets", "full"] as const;
export type Detail = (typeof details)[number];

/** Bytes of one answer: about 2,500 tokens unasked; the most that clients take is four times as much. */
export const budgets: Readonly<Record<Detail, number>> = { concise: 9_500, snippets: 39_000, full: 39_000 };
const snippetLines = 12;
const conciseLimit = 110;

export interface HitsText {
  readonly text: string;
  /** How many of the hits, from the first, fitted. */
  readonly shown: number;
}

/** As many hits, in order of rank, as fit the budget, by default that of the detail; at least one, cut if it must be. */
export function writeHits(
  hits: readonly Hit[],
  options: { readonly detail: Detail; readonly budget?: number; readonly nameRepository: boolean },
): HitsText {
  const { detail, budget = budgets[detail] } = options;
  const groups = new Map<string, string[]>();
  let bytes = 0;
  let shown = 0;
  for (const hit of hits) {
    const header = options.nameRepository ? `${hit.repository}: ${showPath(hit.path)}` : showPath(hit.path);
    const entry = writeHit(hit, detail);
    const size = Buffer.byteLength(entry) + 1 + (groups.has(header) ? 0 : Buffer.byteLength(header) + 1);
    if (bytes + size > budget && shown > 0) break;
    bytes += size;
    shown += 1;
    const group = groups.get(header);
    if (group === undefined) groups.set(header, [size > budget ? cutBytes(entry, budget) : entry]);
    else group.push(entry);
  }
  return {
    text: [...groups].map(([header, entries]) => `${header}\n${entries.join("\n")}`).join("\n"),
    shown,
  };
}

function writeHit(hit: Hit, detail: Detail): string {
  const range = hit.startLine === hit.endLine ? `${hit.startLine}` : `${hit.startLine}-${hit.endLine}`;
  const title = [range, hit.kind, oneLine(hit.name, 120), sayCopies(hit)]
    .filter((part) => part !== "")
    .join(" ");
  if (detail === "concise") {
    const line = says(hit) ? cutText(signatureOf(hit), conciseLimit) : "";
    return `  ${title}${line === "" ? "" : ` | ${line}`}`;
  }
  const lines = cleanLines(hit.snippet.replace(/\n+$/, ""));
  const part = detail === "full" ? lines : lines.slice(0, snippetLines);
  const rest = lines.length - part.length;
  return `  ${title}\n${fenced(part)}${rest > 0 ? `\n  (${rest} more lines)` : ""}`;
}

const copiesShown = 2;

/** How many other files hold nearly the same, and the first of them; empty for none. */
export function sayCopies({ copies }: Hit): string {
  if (copies.length === 0) return "";
  const first = copies.slice(0, copiesShown).map(({ path, startLine }) => `${showPath(path)}:${startLine}`);
  const places = copies.length > first.length ? [...first, "…"] : first;
  return `(+${copies.length} near ${copies.length === 1 ? "copy" : "copies"}: ${places.join(", ")})`;
}

/** Words that declare, and so say nothing beside a kind. */
const declaring = new Set(
  "type struct class interface enum trait func function fn def fun sub export default public private protected static const let var val final pub".split(
    " ",
  ),
);

/** Whether the signature says more than the kind and the name that stand before it. */
function says({ name, signature }: Hit): boolean {
  const wordsOf = (text: string) => text.match(/[\p{L}\p{N}_$]+/gu) ?? [];
  const said = new Set(wordsOf(name));
  return (
    name === "" ||
    signature === "" ||
    wordsOf(signature).some((word) => !said.has(word) && !declaring.has(word))
  );
}

/** What the hit is in one line: its signature, or the first line of its text that says something. */
export function signatureOf(hit: Hit): string {
  if (hit.signature !== "") return oneLine(hit.signature);
  return oneLine(hit.snippet.split("\n", 200).find((line) => /[\p{L}\p{N}]/u.test(line)) ?? "");
}

function cutBytes(text: string, limit: number): string {
  let cut = cutText(text, limit);
  while (Buffer.byteLength(cut) > limit) cut = cutText(cut, Math.floor(cut.length * 0.9));
  return `${cut}\n(cut; read the file at this place for the rest)`;
}
