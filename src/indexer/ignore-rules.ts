/** Ignore files in gitignore syntax: how they are read, and how those of nested folders work together. */
import ignore, { type Ignore } from "ignore";

/** Git matches without case only where the file system does so by default. */
const ignoreCase = process.platform === "darwin" || process.platform === "win32";
const ruleLengthMax = 200;
const doubleStarsMax = 2;
const wildcardsMax = 8;
/** Eight stars in one name of 250 letters could be shared out in 10^14 ways, three in 10^6. */
const starsInNameMax = 3;

/**
 * The rules that hold in one folder. Paths are relative to the folder where the first rules were read, with `/`
 * between names and, for a folder, at the end. A path below an ignored folder is ignored.
 */
export type IgnoreRules = Ignore;

/**
 * The rules of a folder that has an ignore file of its own, on top of those of its parent: the last rule that
 * matches decides. `folder` is empty or ends in `/`. `onRefused` hears of each rule that is left out.
 */
export function extendRules(
  parent: IgnoreRules | undefined,
  folder: string,
  text: string,
  onRefused?: (line: number) => void,
): IgnoreRules {
  const rules = ignore({ ignoreCase });
  if (parent !== undefined) rules.add(parent);
  const read = readRules(text, folder);
  for (const line of read.refused) onRefused?.(line);
  return rules.add(read.rules);
}

/** The rules of one file in terms of the outermost folder, and the lines of those left out as too costly to match. */
export function readRules(
  text: string,
  folder: string,
): { readonly rules: readonly string[]; readonly refused: readonly number[] } {
  const rules: string[] = [];
  const refused: number[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    const written = trimRule(line);
    if (written === "" || written.startsWith("#")) continue;
    if (!isCheap(written)) {
      refused.push(index + 1);
      continue;
    }
    const rule = anchorRule(written, folder);
    if (rule !== "") rules.push(rule);
  }
  return { rules, refused };
}

/**
 * Rules become regular expressions that try every way to share a path among their stars: a repository's own file
 * could hold a scan up for hours. No rule of common templates comes near these limits.
 */
function isCheap(rule: string): boolean {
  const names = rule.split("/");
  const starsOf = (name: string) => name.split("*").length - 1;
  return (
    rule.length <= ruleLengthMax &&
    (rule.match(/\*\*/g) ?? []).length <= doubleStarsMax &&
    (rule.match(/\*\*|[*?[]/g) ?? []).length <= wildcardsMax &&
    names.every((name) => starsOf(name) <= starsInNameMax)
  );
}

/**
 * Says a rule of a nested ignore file in terms of the outermost folder, as one list of rules is the only form in
 * which a folder that an inner file re-includes stays open for the rules of the outer one.
 */
function anchorRule(rule: string, folder: string): string {
  if (folder === "") return rule;
  const negation = rule.startsWith("!") ? "!" : "";
  const pattern = rule.slice(negation.length);
  if (pattern === "" || pattern === "/") return "";
  const prefix = `/${folder.replace(/[\\*?[\] ]/g, "\\$&")}`;
  const slash = pattern.indexOf("/");
  const anchored = slash !== -1 && slash < pattern.length - 1;
  return `${negation}${prefix}${anchored ? "" : "**/"}${pattern.startsWith("/") ? pattern.slice(1) : pattern}`;
}

/** Without the line's end and the spaces before it, unless the last is escaped. */
function trimRule(line: string): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  let end = text.length;
  while (end > 0 && text[end - 1] === " ") end -= 1;
  if (end === text.length) return text;
  let backslashes = 0;
  while (text[end - 1 - backslashes] === "\\") backslashes += 1;
  return text.slice(0, backslashes % 2 === 1 ? end + 1 : end);
}
