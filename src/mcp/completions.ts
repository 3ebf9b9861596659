/** Completes what a person types into a prompt or an address: names of repositories, as they are known here. */
import type { CompleteRequestParams, CompleteResult } from "@modelcontextprotocol/server";
import type { ToolDeps } from "./tool.ts";
import type { Offers } from "./tool-selection.ts";

const valuesMax = 100;

/** Nothing where nothing is known; an unknown prompt or argument is no failure, there is just nothing to offer. */
export async function complete(
  { argument: { name, value } }: Pick<CompleteRequestParams, "argument">,
  deps: () => Promise<ToolDeps>,
  offers: Offers,
): Promise<CompleteResult> {
  if (name !== "repository" || !offers("list_repositories"))
    return { completion: { values: [], total: 0, hasMore: false } };
  const begun = value.toLowerCase();
  const known = (await deps()).index.repositories().map(({ repository }) => repository);
  const found = known.filter((repository) => repository.toLowerCase().startsWith(begun));
  const values = found.slice(0, valuesMax);
  return { completion: { values, total: found.length, hasMore: values.length < found.length } };
}
