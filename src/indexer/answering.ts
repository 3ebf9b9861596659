/** What all questions share: which repositories they go to, what the answers stand on, and limits. */
import { hash } from "node:crypto";
import { CambiumError } from "../errors.ts";
import type { Evidence, IndexStore } from "./store.ts";

/** The repositories a question goes to. Throws `not_found` with the known names. */
export function chosenRepositories(store: IndexStore, name: string | undefined): Evidence[] {
  const found = store.repositories(name);
  if (name !== undefined && found.length === 0) {
    const known = store.repositories().map(({ repository }) => repository);
    const advice =
      known.length === 0
        ? "Nothing is indexed yet: index a repository first."
        : `Indexed are: ${known.join(", ")}.`;
    throw new CambiumError("not_found", `No repository "${name}" is indexed. ${advice}`);
  }
  return found.map(({ repository, generation, pendingFiles, indexedAt }) => ({
    repository,
    generation,
    pendingFiles,
    indexedAt,
  }));
}

/** A whole number of answers a page; throws `invalid_argument` outside of 1 to `most`. */
export function checkedLimit(limit: number | undefined, usual: number, most: number): number {
  if (limit === undefined) return usual;
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  throw new CambiumError("invalid_argument", `limit must be a whole number from 1 to ${most}, not ${limit}.`);
}

export function checkedText(value: string, name: string): string {
  if (value.trim() !== "") return value;
  throw new CambiumError("invalid_argument", `${name} must not be empty.`);
}

/** Tells questions and generations apart: pages of one answer must come from one order. */
export function stampQuestion(asked: readonly unknown[], evidence: readonly Evidence[]): string {
  const generations = evidence.map(({ repository, generation }) => [repository, generation]);
  return hash("sha256", JSON.stringify([asked, generations]), "base64url").slice(0, 12);
}

export const strangeCursor = () =>
  new CambiumError(
    "invalid_argument",
    "This cursor belongs to another question or to an older state of the index. Search again without cursor.",
  );
