/** The measure of retrieval quality: at which rank each file or span that answers a question is found. */

/** A target is a path, or `{path, start_line, end_line}`. */
const pathOf = (target) => (typeof target === "string" ? target : target.path);

function isSamePath(a, b) {
  return a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`);
}

function covers(hit, target) {
  if (!isSamePath(hit.path, pathOf(target))) return false;
  if (typeof target === "string" || target.start_line === undefined) return true;
  return hit.startLine <= (target.end_line ?? target.start_line) && hit.endLine >= target.start_line;
}

/** `hits` best first, with `path`, `startLine` and `endLine`; only the first ten count. */
export function measureQuery(hits, targets) {
  const first = hits.slice(0, 10);
  const ranks = targets
    .map((target) => first.findIndex((hit) => covers(hit, target)) + 1)
    .filter((rank) => rank > 0);
  const gain = (rank) => 1 / Math.log2(rank + 1);
  const ideal = Array.from({ length: Math.min(10, targets.length) }, (_, index) => gain(index + 1));
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const best = Math.min(...ranks);
  return {
    ndcg10: sum(ranks.map(gain)) / sum(ideal),
    hit1: best === 1 ? 1 : 0,
    hit5: best <= 5 ? 1 : 0,
    mrr: ranks.length === 0 ? 0 : 1 / best,
  };
}

/** The mean of each measure, to four digits. */
export function meanOf(measures) {
  const mean = (name) =>
    Math.round((10_000 * measures.reduce((sum, one) => sum + one[name], 0)) / (measures.length || 1)) /
    10_000;
  return {
    ndcg10: mean("ndcg10"),
    hit1: mean("hit1"),
    hit5: mean("hit5"),
    mrr: mean("mrr"),
    queries: measures.length,
  };
}
