/**
 * What clients may mention by address: repositories, tasks and outlines. The same words as the tools, so that an address
 * is only there where the tool is of which it is the twin; never the only way.
 */
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
import { type Offers, offersAll } from "./tool-selection.ts";
import { writeOutline } from "./tools/outline.ts";
import { viewDetail, viewRepositories } from "./tools/repositories.ts";

const json = "application/json";
const plain = "text/plain";
/** What lies behind the list is asked for at the start of a client, which must not wait for long lists. */
const repositoriesListed = 50;
const tasksListed = 20;
const outlineTokens = 5000;

/** The first word of an address -> the tool that says the same. */
const twins: Readonly<Record<string, string>> = {
  repositories: "list_repositories",
  repository: "list_repositories",
  tasks: "list_tasks",
  task: "get_task_status",
  outline: "get_outline",
};

/** `cambium://task/…` is offered where `get_task_status` is. */
const isOffered = (uri: string, offers: Offers) => {
  const twin = twins[/^cambium:\/\/([a-z]+)/.exec(uri)?.[1] ?? ""];
  return twin !== undefined && offers(twin);
};

/** Two that are always there, then each repository. */
export async function listResources(
  deps: () => Promise<ToolDeps>,
  offers: Offers = offersAll,
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
  const known = isOffered("cambium://repository", offers) ? await knownRepositories(deps) : [];
  return [
    ...always.filter(({ uri }) => isOffered(uri, offers)),
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

export function listTemplates(offers: Offers = offersAll): ListResourceTemplatesResult["resourceTemplates"] {
  const all = [
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
  return all.filter(({ uriTemplate }) => isOffered(uriTemplate, offers));
}

/** Throws what the protocol wants for an address that leads nowhere. */
export async function readResource(
  uri: string,
  deps: () => Promise<ToolDeps>,
  offers: Offers = offersAll,
): Promise<ReadResourceResult> {
  const found = isOffered(uri, offers) ? await read(uri, deps) : undefined;
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
