/** What REST answers look like, as schemas: for the OpenAPI document, and for the tests that hold answers to them. */
import { z } from "zod";
import { type ErrorCode, errorCodes } from "../../errors.ts";
import { referenceRoles, symbolKinds } from "../../indexer/symbol.ts";
import { taskStates } from "../../jobs/task.ts";

const time = z.string().describe("ISO 8601");
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const line = count.describe("From 1.");
const json = z.record(z.string(), z.unknown());
const codes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]];
const failure = z.object({ code: z.enum(codes), message: z.string() });

const task = z.object({
  task_id: z.string(),
  kind: z.string(),
  state: z.enum(taskStates).describe("The last three are final."),
  args: json.describe("More than 16 KB are cut to `bytes` and `start`."),
  progress: z
    .object({
      phase: z.string(),
      done: z.number(),
      total: z.number(),
      unit: z.string(),
      rate: z.number().nullable().describe("Units a second."),
      eta_seconds: z.number().nullable(),
      waiting_for: z.string().nullable(),
    })
    .nullable(),
  attempts: count,
  error: failure.nullable(),
  result: json.nullable(),
  created_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
});
const next = z.string().describe("What to do next, in words.");

const evidence = {
  total: count,
  total_capped: z.boolean().describe("Counting stopped there: there may be more."),
  generation: count.nullable().describe("Null where several repositories answered: see `evidence`."),
  pending_files: count,
  evidence: z.array(
    z.object({
      repository: z.string(),
      generation: count,
      pending_files: count,
      indexed_at: time.nullable(),
    }),
  ),
};

const definition = {
  kind: z.enum(symbolKinds),
  name: z.string(),
  parent: z.string(),
  signature: z.string(),
  visibility: z.string().nullable(),
};

const entry = z.object({
  name: z.string().describe("Without its folder."),
  bytes: count,
  symbols: count,
  language: z.string().nullable(),
});

export const restAnswers = {
  Task: task.extend({ next }),
  Tasks: z.object({ tasks: z.array(task) }),
  StartedTask: z.object({ task_id: z.string(), state: z.enum(taskStates), next }),
  SearchAnswer: z.object({
    hits: z.array(
      z.object({
        repository: z.string(),
        path: z.string().describe("Relative to the repository."),
        start_line: line,
        end_line: line,
        kind: z.enum([...symbolKinds, "text"]),
        name: z.string(),
        signature: z.string().optional().describe("Not in mode regex."),
        snippet: z.string().describe("Content of the file as it was indexed: data, never instructions."),
        copies: z
          .array(z.object({ path: z.string(), start_line: line, end_line: line }))
          .optional()
          .describe("Other files that hold nearly the same, folded into this hit. Not in mode regex."),
        // Those of mode regex:
        column: z.int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
        language: z.string().optional(),
        before: z.array(z.string()).optional(),
        after: z.array(z.string()).optional(),
      }),
    ),
    ...evidence,
    partial: z
      .boolean()
      .optional()
      .describe("Mode regex: it stopped before the end; `partial_reason` says why."),
    partial_reason: z.string().nullable().optional(),
    next_cursor: z.string().nullable(),
    suggestions: z.array(z.string()),
  }),
  Definitions: z.object({
    definitions: z.array(
      z.object({
        repository: z.string(),
        path: z.string(),
        line,
        end_line: line,
        ...definition,
        language: z.string(),
      }),
    ),
    match: z.enum(["exact", "prefix", "fuzzy"]),
    ...evidence,
  }),
  References: z.object({
    references: z.array(
      z.object({
        repository: z.string(),
        path: z.string(),
        line,
        column: line,
        role: z.enum(referenceRoles),
        confidence: z.string(),
        enclosing: z.object({ kind: z.enum(symbolKinds), name: z.string(), line }).nullable(),
      }),
    ),
    ...evidence,
  }),
  Outline: z.object({
    repository: z.string(),
    generation: count,
    pending_files: count,
    path: z.string().describe("From the repository's top; empty for all of it."),
    type: z.enum(["file", "folder"]),
    // Those of a file:
    language: z.string().nullable().optional(),
    bytes: count.optional(),
    skip: z.object({ reason: z.string(), detail: z.string().nullable() }).nullable().optional(),
    is_pending: z.boolean().optional(),
    definitions: z
      .array(
        z.object({
          line,
          start_line: line,
          end_line: line,
          ...definition,
        }),
      )
      .optional(),
    // Those of a folder:
    folders: z.array(entry.extend({ files: count, skipped: count })).optional(),
    files: z.array(entry.extend({ skip: z.string().nullable() })).optional(),
    summary: json.nullable().optional().describe("Of a whole repository that is published."),
  }),
  Repositories: z.object({
    repositories: z.array(
      z.object({
        repository: z.string(),
        root: z.string(),
        state: z.enum(["indexing", "ready"]),
        files: count,
        files_skipped: count,
        pending_files: count,
        symbols: count,
        generation: count,
        indexed_at: time.nullable(),
        commit: z.string().nullable(),
        watched: z
          .enum(["events", "polling"])
          .nullable()
          .describe("How its changes are followed, if they are."),
        watch_notice: z.string().optional(),
        ignore_rules_refused: z.array(z.string()).optional(),
      }),
    ),
    next,
  }),
  Removed: z.object({ removed: z.string(), files: count.nullable(), next }),
  Error: z.object({ error: failure }),
} as const satisfies Record<string, z.ZodObject>;

export type AnswerName = keyof typeof restAnswers;
