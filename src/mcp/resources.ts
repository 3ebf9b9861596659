/** What clients may mention by address: repositories, tasks and outlines. The same words as the tools; never the only way. */
import {
  type ListResourcesResult,
  type ListResourceTemplatesResult,
  type ReadResourceResult,
  ResourceNotFoundError,
} from "@modelcontextprotocol/server";
import { CambiumError } from "../errors.ts";
import { sayHead } from "./evidence.ts";
import { hideHome, hideHomeDeep } from "./failures.ts";
import { chooseOutline } from "./outline-choice.ts";
import { viewTaskBriefly, viewTaskCut } from "./task-view.ts";
import { bytesOfTokens, oneLine, plural } from "./text.ts";
import type { ToolDeps } from "./tool.ts";
import { writeOutline } from "./tools/outline.ts";
import { viewDetail, viewRepositories } from "./tools/repositories.ts";

const json = "application/json";
const plain = "text/plain";
/** What lies behind the list is asked for at the start of a client, which must not wait for long lists. */
const repositoriesListed = 50;
const tasksListed = 20;
const outlineTokens = 5000;

/** Two that are always there, then each repository. */
export async function listResources(
  deps: () => Promise<ToolDeps>,
): Promise<ListResourcesResult["resources"]> {
  const always = [
    {
      uri: "cambium://repositories",
      name: "repositories",
      title: "Indexed repositories",
      description: "Names, sizes and how fresh they are.",
      mimeType: json,
    },
    {
      uri: "cambium://tasks",
      name: "tasks",
      title: "Recent tasks",
      description: "One line of progress each.",
      mimeType: json,
    },
  ];
  const known = await knownRepositories(deps);
  return [
    ...always,
    ...known.slice(0, repositoriesListed).map(({ repository, files }) => ({
      uri: `cambium://repository/${encodeURIComponent(repository)}`,
      name: repository,
      title: oneLine(repository, 80),
      description: `Summary of the repository: ${plural(files, "file")}.`,
      mimeType: json,
    })),
  ];
}

/** A store that does not open is told by the calls that need it; a list is still a list. */
async function knownRepositories(deps: () => Promise<ToolDeps>) {
  try {
    return (await deps()).index.repositories();
  } catch {
    return [];
  }
}

export function listTemplates(): ListResourceTemplatesResult["resourceTemplates"] {
  return [
    {
      uriTemplate: "cambium://repository/{repository}",
      name: "repository",
      title: "Repository",
      description: "Its state and its summary.",
      mimeType: json,
    },
    {
      uriTemplate: "cambium://outline/{repository}/{+path}",
      name: "outline",
      title: "Outline of a file or folder",
      description: "Symbols of a file by line, or the entries of a folder.",
      mimeType: plain,
    },
    {
      uriTemplate: "cambium://task/{task_id}",
      name: "task",
      title: "Task",
      description: "Everything recorded about one task.",
      mimeType: json,
    },
  ];
}

/** Throws what the protocol wants for an address that leads nowhere. */
export async function readResource(uri: string, deps: () => Promise<ToolDeps>): Promise<ReadResourceResult> {
  const found = await read(uri, deps);
  if (found === undefined) throw new ResourceNotFoundError(uri);
  const { mimeType, text } = found;
  return { contents: [{ uri, mimeType, text }] };
}

async function read(uri: string, deps: () => Promise<ToolDeps>) {
  const [, kind = "", rest = ""] = /^cambium:\/\/([a-z]+)(?:\/(.*))?$/s.exec(uri) ?? [];
  const [first = "", ...others] = rest.split("/").map(decode);
  const asJson = (value: object) => ({ mimeType: json, text: JSON.stringify(hideHomeDeep(value)) });
  try {
    if (kind === "repositories" && rest === "") {
      return asJson({ repositories: viewRepositories(await deps()) });
    }
    if (kind === "tasks" && rest === "") {
      const tasks = await (await deps()).tasks.list({ limit: tasksListed });
      return asJson({ tasks: tasks.map(viewTaskBriefly) });
    }
    if (kind === "task" && others.length === 0 && first !== "") {
      const task = await (await deps()).tasks.find(first);
      return task === undefined ? undefined : asJson(viewTaskCut(task));
    }
    if (kind === "repository" && others.length === 0 && first !== "") {
      return asJson(viewDetail(named(first), await deps()));
    }
    if (kind === "outline" && first !== "") return outlineText(named(first), others.join("/"), await deps());
    return undefined;
  } catch (error) {
    if (error instanceof CambiumError && (error.code === "not_found" || error.code === "invalid_argument"))
      return undefined;
    throw error;
  }
}

function outlineText(repository: string, path: string, deps: ToolDeps) {
  const choice = chooseOutline(deps.index, { path: path === "" ? "." : path, repository }, deps.cwd);
  const text = `${sayHead([choice.status])}\n${writeOutline(choice, deps, bytesOfTokens(outlineTokens))}`;
  return { mimeType: plain, text: hideHome(text) };
}

/** Names only: an address is no path of this machine. */
function named(name: string): string {
  if (name.includes("/") || /^[.~]/.test(name)) throw new CambiumError("not_found", "No such repository.");
  return name;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
