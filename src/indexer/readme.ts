/** The first lines of a repository's README that say something: no badges, no pictures, no markup around them. */
import type { IndexedFile, RepositorySummary } from "./overview.ts";
import type { IndexStore } from "./store.ts";

const linesMax = 8;
const lineMax = 240;
const bytesLookedAt = 20_000;
/** The patterns below take steps in the square of a line that is all brackets. */
const lineLookedAt = 1000;
/** Where there are several. */
const order = ["md", "markdown", "rst", "adoc", "txt", ""];

export function readReadme(
  store: IndexStore,
  repository: string,
  files: readonly IndexedFile[],
): RepositorySummary["readme"] {
  const found = files
    .flatMap(({ path }) => {
      const named = /^readme(?:\.([a-z]+))?$/i.exec(path);
      const rank = named === null ? -1 : order.indexOf((named[1] ?? "").toLowerCase());
      return rank < 0 ? [] : [{ path, rank }];
    })
    .sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : 1))[0];
  if (found === undefined) return null;
  const text = store.text(repository, found.path)?.slice(0, bytesLookedAt);
  return text === undefined ? null : { path: found.path, lines: firstLines(text) };
}

export function firstLines(text: string): string[] {
  const lines: string[] = [];
  const bare = text.replace(/^---\n[\s\S]*?\n---\n/, "").replace(/<!--[\s\S]*?(-->|$)/g, "");
  for (const raw of bare.split("\n")) {
    const line = sayLine(raw.slice(0, lineLookedAt));
    if (/[\p{L}\p{N}]{2}/u.test(line))
      lines.push(line.length > lineMax ? `${line.slice(0, lineMax)}…` : line);
    if (lines.length === linesMax) break;
  }
  return lines;
}

/** Pictures go, links keep their words, tags go. A line of nothing but links is a row of badges or a menu. */
function sayLine(raw: string): string {
  if (/^\s*(\.\. (image|figure|_|\|)|:\w+:)/.test(raw)) return "";
  const withoutPictures = raw.replace(/\[?!\[[^\]]*\](\([^)]*\)|\[[^\]]*\])(\](\([^)]*\)|\[[^\]]*\]))?/g, "");
  if (!/\p{L}/u.test(withoutPictures.replace(/\[[^\]]*\]\([^)]*\)|<[^>]*>|https?:\S+/g, ""))) {
    return /<h\d|^#/.test(raw) ? clean(withoutPictures) : "";
  }
  return clean(withoutPictures);
}

function clean(line: string): string {
  return line
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/<[^>]*>/g, "")
    .trim();
}
