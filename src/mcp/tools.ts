/** Every tool, in the order in which clients see them: the order never depends on anything. */
import type { Tool } from "./tool.ts";
import { indexRepository, listRepositories, removeRepository } from "./tools/repositories.ts";
import { searchCodeTool } from "./tools/search.ts";
import { findReferencesTool, findSymbolTool } from "./tools/symbols.ts";
import { cancelTask, getTaskStatus, listTasks, retryTask, waitForTask } from "./tools/tasks.ts";

export const tools: readonly Tool[] = [
  searchCodeTool,
  findSymbolTool,
  findReferencesTool,
  listRepositories,
  indexRepository,
  waitForTask,
  getTaskStatus,
  listTasks,
  cancelTask,
  retryTask,
  removeRepository,
];

export function findTool(name: string): Tool | undefined {
  return tools.find((tool) => tool.name === name);
}
