/** Which tools a server shows, by set, by name and read-only. */
import { describe, expect, it } from "vitest";
import { everyTool, selectTools } from "./tool-selection.ts";
import { tools, toolsets } from "./tools.ts";

const names = (selection: Partial<typeof everyTool>) =>
  selectTools({ ...everyTool, ...selection }).map((tool) => tool.name);

describe("selecting tools", () => {
  it("shows all of them, and each is in one set", () => {
    expect(names({})).toEqual(tools.map((tool) => tool.name));
    expect(Object.values(toolsets).flat().sort()).toEqual(names({}).toSorted());
  });

  it("shows sets and named ones in one order, whatever the order asked in", () => {
    expect(names({ toolsets: ["ask"], tools: ["wait_for_task", "index_repository"] })).toEqual([
      ...toolsets.ask,
      "index_repository",
      "wait_for_task",
    ]);
    expect(names({ tools: ["get_outline", "search_code"] })).toEqual(["search_code", "get_outline"]);
  });

  it("read-only wins", () => {
    const reading = names({ readOnly: true });
    expect(reading).toContain("search_code");
    for (const writes of ["index_repository", "cancel_task", "retry_task", "remove_repository"])
      expect(reading).not.toContain(writes);
    expect(names({ readOnly: true, tools: ["cancel_task", "list_tasks"] })).toEqual(["list_tasks"]);
    expect(() => names({ readOnly: true, tools: ["cancel_task"] })).toThrow(/Only tools that write/);
  });

  it("names what there is for what there is not", () => {
    expect(() => names({ tools: ["grep"] })).toThrow(/no tool "grep".*search_code/);
    expect(() => names({ toolsets: ["all"] })).toThrow(/no set of tools "all".*ask, index, tasks/);
  });
});
