/** What the bundle for one-click installation says of itself. */
export function manifestOf(
  tools: readonly { readonly name: string; readonly description: string }[],
): Record<string, unknown>;
