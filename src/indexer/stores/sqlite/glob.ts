/**
 * Path patterns of questions: `*` and `?` within one name, `**` across folders, `{a,b}` alternatives. A pattern
 * without wildcards is a file or folder, one without `/` fits names anywhere. Matching takes linear steps per `*`.
 */

const alternativesMax = 64;

/** Tells whether a relative path fits. */
export function pathMatcher(pattern: string): (path: string) => boolean {
  const trimmed = pattern.replace(/^\.?\//, "").replace(/\/$/, "/**");
  if (!/[*?{]/.test(trimmed))
    return (path) => path === trimmed || path.startsWith(`${trimmed}/`) || path.endsWith(`/${trimmed}`);
  const alternatives = expandBraces(trimmed).map((one) => (one.includes("/") ? one : `**/${one}`).split("/"));
  return (path) => {
    const names = path.split("/");
    return alternatives.some((segments) => fitsSegments(segments, names));
  };
}

function expandBraces(pattern: string): string[] {
  const done: string[] = [];
  const queue = [pattern];
  while (queue.length > 0 && done.length + queue.length <= alternativesMax) {
    const next = queue.pop() ?? "";
    const close = next.indexOf("}");
    const open = next.lastIndexOf("{", close);
    if (close < 0 || open < 0) done.push(next);
    else
      for (const part of next.slice(open + 1, close).split(","))
        queue.push(next.slice(0, open) + part + next.slice(close + 1));
  }
  return [...done, ...queue];
}

function fitsSegments(segments: readonly string[], names: readonly string[]): boolean {
  return fits(
    segments,
    names,
    (segment) => segment === "**",
    (segment, name) => fitsName(segment, name),
  );
}

function fitsName(segment: string, name: string): boolean {
  return fits(
    [...segment],
    [...name],
    (one) => one === "*",
    (one, other) => one === "?" || one === other,
  );
}

/** Wildcard matching with one point of return: the last star is the only one that ever has to take more. */
function fits(
  pattern: readonly string[],
  items: readonly string[],
  isStar: (one: string) => boolean,
  isEqual: (one: string, item: string) => boolean,
): boolean {
  let at = 0;
  let star = -1;
  let retry = 0;
  for (let index = 0; index < items.length; ) {
    const one = pattern[at];
    if (one !== undefined && isStar(one)) {
      star = at++;
      retry = index;
    } else if (one !== undefined && isEqual(one, items[index] as string)) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      index = ++retry;
    } else {
      return false;
    }
  }
  while (at < pattern.length && isStar(pattern[at] as string)) at += 1;
  return at === pattern.length;
}
