/** Which tools a server shows: all of them, those of some sets, those named, or only those that read. */
import { CambiumError } from "../errors.ts";
import type { Tool } from "./tool.ts";
import { tools, toolsets } from "./tools.ts";

export interface ToolSelection {
  /** Names of sets; empty: all. */
  readonly toolsets: readonly string[];
  /** Names of tools, beside those of the sets; empty: none beside. */
  readonly tools: readonly string[];
  /** Wins over the others. */
  readonly readOnly: boolean;
}

export const everyTool: ToolSelection = { toolsets: [], tools: [], readOnly: false };

/** Whether a server shows the tool of this name: what else it offers goes by the tools that it is about. */
export type Offers = (tool: string) => boolean;

export const offersAll: Offers = () => true;

export function offersOf(shown: readonly Tool[]): Offers {
  const names = new Set(shown.map(({ name }) => name));
  return (tool) => names.has(tool);
}

/** In the order of `tools`. Throws `invalid_argument` for an unknown name, and where nothing would be left. */
export function selectTools({ toolsets: sets, tools: names, readOnly }: ToolSelection): readonly Tool[] {
  refuseUnknown("set of tools", sets, Object.keys(toolsets));
  refuseUnknown(
    "tool",
    names,
    tools.map((tool) => tool.name),
  );
  const wanted = new Set([...sets.flatMap((set) => toolsets[set as keyof typeof toolsets]), ...names]);
  const chosen = tools.filter(
    (tool) => (wanted.size === 0 || wanted.has(tool.name)) && (!readOnly || tool.annotations.readOnlyHint),
  );
  if (chosen.length > 0) return chosen;
  throw new CambiumError(
    "invalid_argument",
    "Only tools that write were chosen, and read-only leaves them out. Choose others, or drop read-only.",
  );
}

function refuseUnknown(noun: string, given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new CambiumError(
    "invalid_argument",
    `There is no ${noun} ${JSON.stringify(unknown)}. There are: ${known.join(", ")}.`,
  );
}
