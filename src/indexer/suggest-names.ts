/** Did you mean: names near words of a question that no text has. It corrects no word that is known. */
import { tokensOf } from "./question.ts";
import type { Evidence, IndexStore } from "./store.ts";
import { queryTerms } from "./tokenize.ts";

const suggestionsMax = 5;
/** Words, and pairs of them, that names near them are looked for: each takes some milliseconds in a large index. */
const guessesMax = 3;
const repositoriesMax = 20;

/** None where something was found and most words are known: what is missing then is no slip. */
export function suggestNames(
  store: IndexStore,
  query: string,
  evidence: readonly Evidence[],
  hits: readonly { readonly name: string }[],
): string[] {
  const asked = evidence.slice(0, repositoriesMax);
  const strange = commonOf(asked.map(({ repository }) => store.unknownWords(repository, query)));
  const { words, identifiers } = queryTerms(query);
  if (strange.size === 0 || (hits.length > 0 && strange.size * 2 < words.length)) return [];
  const shown = new Set(hits.map(({ name }) => name));
  const names = new Set<string>();
  for (const wanted of misspelt(identifiers, strange)) {
    for (const { repository } of asked) {
      const near = store.findDefinitions(repository, wanted, { match: "fuzzy", limit: suggestionsMax });
      for (const { definition } of near) if (!shown.has(definition.name)) names.add(definition.name);
      if (names.size >= suggestionsMax) return [...names].slice(0, suggestionsMax);
    }
  }
  return [...names];
}

const commonOf = ([first = [], ...others]: readonly (readonly string[])[]) =>
  new Set(first.filter((word) => others.every((list) => list.includes(word))));

/** Neighbours may be the words of one name: `shoping kart` is near `ShoppingCart`. */
function misspelt(identifiers: readonly string[], strange: ReadonlySet<string>): string[] {
  const isStrange = (name: string) => tokensOf(name).some((token) => strange.has(token));
  const pairs = identifiers.flatMap((name, index) => {
    const next = identifiers[index + 1];
    return next !== undefined && (isStrange(name) || isStrange(next)) ? [name + next] : [];
  });
  const single = identifiers.filter(isStrange);
  return [...pairs.slice(0, guessesMax), ...single.slice(0, guessesMax)];
}
