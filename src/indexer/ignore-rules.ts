/** Ignore files in gitignore syntax: how they are read, and how those of nested folders work together. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import ignore, { type Ignore } from "ignore";

/** Git matches without case only where the file system does so by default. */
const ignoreCase = process.platform === "darwin" || process.platform === "win32";
const settingsBytesMax = 1024 * 1024;

/**
 * The rules that hold in one folder. Paths are relative to the folder where the first rules were read, with `/`
 * between names and, for a folder, at the end. A path below an ignored folder is ignored.
 */
export type IgnoreRules = Ignore;

/**
 * The rules of a folder that has an ignore file of its own, on top of those of its parent: the last rule that
 * matches decides. `folder` is empty or ends in `/`.
 */
export function extendRules(parent: IgnoreRules | undefined, folder: string, text: string): IgnoreRules {
  const rules = ignore({ ignoreCase });
  if (parent !== undefined) rules.add(parent);
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  return rules.add(lines.map((line) => anchorRule(line, folder)).filter((rule) => rule !== ""));
}

/**
 * Says a rule of a nested ignore file in terms of the outermost folder, as one list of rules is the only form in
 * which a folder that an inner file re-includes stays open for the rules of the outer one.
 */
function anchorRule(line: string, folder: string): string {
  const rule = trimRule(line);
  if (rule === "" || rule.startsWith("#") || folder === "") return rule.startsWith("#") ? "" : rule;
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

/** The text of a settings file; undefined where there is none, or a link, a pipe or a huge file in its place. */
export function readSettings(path: string): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(file);
    return stats.isFile() && stats.size <= settingsBytesMax ? readFileSync(file, "utf8") : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
