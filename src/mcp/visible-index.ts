/**
 * The index as a tenant sees it: repositories that it may not touch are not there. Every call finds the repository that
 * it means through `repositories`, so that this is the one place where they are left out.
 */
import type { IndexStore } from "../indexer/store.ts";

export function visibleIndex<Index extends IndexStore>(
  index: Index,
  isVisible: (root: string) => boolean,
): Index {
  const repositories: IndexStore["repositories"] = (name) =>
    index.repositories(name).filter(({ root }) => isVisible(root));
  return new Proxy(index, {
    get: (target, key) => {
      if (key === "repositories") return repositories;
      const member = Reflect.get(target, key, target);
      // Bound, as a store may keep its own in private members.
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
