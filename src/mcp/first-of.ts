/** A signal that aborts with the first of two. `AbortSignal.any` keeps something of each call as long as the longer one lives. */

export function firstOf(
  one: AbortSignal,
  other: AbortSignal,
): { readonly signal: AbortSignal; readonly forget: () => void } {
  const controller = new AbortController();
  const end = () => controller.abort();
  const forget = () => {
    for (const signal of [one, other]) signal.removeEventListener("abort", end);
  };
  for (const signal of [one, other]) signal.addEventListener("abort", end);
  if (one.aborted || other.aborted) end();
  return { signal: controller.signal, forget };
}
