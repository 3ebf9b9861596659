/** Every tool, in the order in which clients see them: the order never depends on anything. */
import type { Tool } from "./tool.ts";
import { getOutline } from "./tools/outline.ts";
import { indexRepository, listRepositories, removeRepository } from "./tools/repositories.ts";
import { searchCodeTool } from "./tools/search.ts";
import { findReferencesTool, findSymbolTool } from "./tools/symbols.ts";
import { cancelTask, getTaskStatus, listTasks, retryTask, waitForTask } from "./tools/tasks.ts";

export const tools: readonly Tool[] = [
  searchCodeTool,
  findSymbolTool,
  findReferencesTool,
  getOutline,
  listRepositories,
  indexRepository,
  waitForTask,
  getTaskStatus,
  listTasks,
  cancelTask,
  retryTask,
  removeRepository,
];

/** Sets that a server can be told to show, each in the order above. */
export const toolsets = {
  ask: ["search_code", "find_symbol", "find_references", "get_outline", "list_repositories"],
  index: ["index_repository", "remove_repository"],
  tasks: ["wait_for_task", "get_task_status", "list_tasks", "cancel_task", "retry_task"],
} as const;

export function findTool(name: string): Tool | undefined {
  return tools.find((tool) => tool.name === name);
}
