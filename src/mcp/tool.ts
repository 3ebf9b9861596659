/** What a tool is, what it may touch, and what it answers; it knows neither MCP nor the command line. */
import type { z } from "zod";
import type { Meaning, Spending } from "../indexer/meaning.ts";
import type { IndexStore } from "../indexer/store.ts";
import type { Control } from "../jobs/control.ts";
import type { ClockFront } from "../jobs/queue.ts";
import type { TaskRecord } from "../jobs/task.ts";
import type { PathPolicy } from "./policy.ts";

/** All that a door and its tools may touch. */
export interface ToolDeps {
  readonly tasks: ClockFront;
  /** For the people who run the workers; no tool of an assistant uses it. */
  readonly control: Control;
  readonly index: IndexStore;
  /** Only where a provider of embeddings is set; rejects with the remedy where its key is missing. */
  readonly openMeaning?: () => Promise<Meaning>;
  /** Also where no provider is set any more; missing where nobody asks for it. */
  readonly readSpending?: () => Promise<Spending>;
  readonly policy: PathPolicy;
  readonly freshness: Freshness;
  /** Starts the detached worker unless one is alive. Rejects when none could be started. */
  ensureWorker(): Promise<void>;
  /** The folder that relative paths and "this repository" mean. */
  readonly cwd: string;
  /** All of it, at the end of the door that was given it. */
  close(): Promise<void>;
}

/** Folders whose index follows every change, kept so by the worker as long as somebody asks for it. */
export interface Freshness {
  /** Asks for it until this process ends; idempotent. `root` is the real path of a repository. */
  keep(root: string): void;
  /** What is kept fresh by living workers, for whomever. */
  kept(): readonly KeptFresh[];
}

export interface KeptFresh {
  readonly root: string;
  /** `polling`: looked at now and then, for the reason that `notice` gives. */
  readonly mode: "events" | "polling";
  readonly folders: number;
  readonly notice?: string;
}

/** How the one call goes on. */
export interface ToolCall {
  /** Aborts when the caller gives up; the call ends then, never the task it looks at. */
  readonly signal: AbortSignal;
  /** Present when the caller wants to be told; `done` may only grow and stays within `total`. */
  readonly onProgress?: (progress: CallProgress) => void;
}

export interface CallProgress {
  readonly done: number;
  readonly total: number;
  readonly message: string;
}

export interface ToolAnswer {
  readonly text: string;
  /** The call ended well, what it was asked about did not. */
  readonly isError?: boolean;
  /** Where present, `text` is the same as JSON: some clients show only the one, some only the other. */
  readonly structured?: Readonly<Record<string, unknown>>;
  /** The whole answer as JSON for programs, where `structured` is missing; made only when it is asked for. */
  readonly document?: () => object;
  /** Set by calls that start work: a client that follows tasks itself is given the task instead of the text. */
  readonly task?: TaskRecord;
}

/** MCP's hints, all four always said. */
export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

interface ToolSpec<Input extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  /** What it does, when to use it, what comes next; the first sentence stands alone. */
  readonly description: string;
  readonly input: Input;
  /** A right call, shown when a wrong one was made. */
  readonly example: Readonly<Record<string, unknown>>;
  readonly annotations: ToolAnnotations;
  run(args: z.output<Input>, deps: ToolDeps, call: ToolCall): Promise<ToolAnswer> | ToolAnswer;
}

/** A tool whose `run` takes arguments that were checked against `input` (see `arguments.ts`). */
export type Tool = ToolSpec<z.ZodObject>;

export function defineTool<Input extends z.ZodObject>(spec: ToolSpec<Input>): Tool {
  return spec as unknown as Tool;
}

/** An answer whose text is the JSON of its structure. */
export function answerWith(structured: Readonly<Record<string, unknown>>): ToolAnswer {
  return { text: JSON.stringify(structured), structured };
}
