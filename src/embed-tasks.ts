/** The kinds of work that buy embeddings, and what they run: tasks that follow an index task where a provider is set. */
import { CambiumError, toFailure } from "./errors.ts";
import type { EmbedContext, EmbeddingDesk } from "./indexer/embed-plan.ts";
import { type Embedder, type EmbeddingModel, nameModel } from "./indexer/embedder.ts";
import type { IndexStore } from "./indexer/store.ts";
import type { Handler, JobContext, JsonObject, KindSpec } from "./jobs/task.ts";

export const embedKind = "embed_repository";

const minute = 60_000;
const day = 24 * 60 * minute;
/** A budget, a rate limit or a provider that is away never fails a task: it waits. */
const endless = { attempts: 1_000_000, delayMs: 2000, maxDelayMs: 10 * minute };

export const embedKinds: readonly KindSpec[] = [
  {
    kind: embedKind,
    role: "task",
    queue: "tasks",
    pool: "io",
    priority: 3,
    retry: endless,
    maxCrashes: 25,
    softTimeLimitMs: 60 * minute,
    silenceLimitMs: 5 * minute,
  },
  {
    kind: "embed_chunks",
    role: "job",
    queue: "embeddings",
    pool: "io",
    retry: endless,
    maxCrashes: 1000,
    softTimeLimitMs: 20 * day,
    silenceLimitMs: 10 * minute,
  },
];

/** Opens what is needed to buy, on first use. */
export interface Embedding {
  readonly open: () => Promise<EmbeddingDesk>;
}

/** Also where no provider is set: somebody may have asked before it was switched off. */
export function embedHandlers(store: IndexStore, embedding: Embedding | undefined): [string, Handler][] {
  let opened: Promise<EmbeddingDesk> | undefined;
  const open = () => {
    if (embedding === undefined)
      throw new CambiumError(
        "unavailable",
        "a worker with a provider of embeddings. Set CAMBIUM_EMBEDDINGS and start the worker again (`cambium control shutdown`)",
      );
    opened ??= embedding.open();
    return opened;
  };
  return [
    [
      embedKind,
      async (args, context) => {
        const root = String(args["root"]);
        const repository = store.repositories().find((status) => status.root === root)?.repository;
        if (repository === undefined)
          throw new CambiumError("not_found", `${root} is not indexed. Run \`cambium index\` first.`);
        const { planEmbeddings, isComplete } = await import("./indexer/embed-plan.ts");
        const deps = await open();
        requireModel(args["model"], deps);
        const { trainedEmbedder } = await import("./indexer/train-space.ts");
        const embedder = await trainedEmbedder(deps, repository, embedContext(context));
        const standing = await planEmbeddings({ ...deps, embedder }, repository, embedContext(context));
        const { chunks, embedded, withheld, batches } = standing;
        if (isComplete(standing)) {
          const { provider, name } = embedder.model;
          return { result: { repository, model: `${provider}/${name}`, chunks, embedded, withheld } };
        }
        return {
          waitFor: batches.map((batch) => ({
            kind: "embed_chunks",
            key: `${context.starts}-${batch}`,
            args: { batch, total: chunks },
          })),
        };
      },
    ],
    [
      "embed_chunks",
      async (args, context) => {
        const { embedBatch } = await import("./indexer/embed-batch.ts");
        const opened = await open();
        const batch = numberOf(args, "batch");
        const embedder = embedderOf(opened, opened.ledger.batch(batch)?.model);
        // Nobody asks with that model any more: the task plans anew.
        if (embedder === undefined) return { result: {} };
        const deps = { ...opened, embedder };
        const total = numberOf(args, "total");
        const standing = () => ({
          done: Math.max(0, total - deps.ledger.remaining(embedder.model)),
          total,
        });
        const owner = `${context.taskId} ${batch}`;
        await embedBatch(deps, store, batch, owner, embedContext(context), standing).catch(sayWhoseSettings);
        return { result: {} };
      },
    ],
  ];
}

/** A batch is bought or made with the model that it was planned for, and with no other. */
function embedderOf(desk: EmbeddingDesk, model: EmbeddingModel | undefined): Embedder | undefined {
  const own = model === undefined ? desk.embedder : desk.embedderFor(model);
  if (own !== undefined || model?.provider === desk.embedder.model.provider) return own;
  throw new CambiumError(
    "unavailable",
    `a worker with ${model?.provider} as its provider of embeddings: this one was started for ${desk.embedder.model.provider}`,
  );
}

/** What a door asked for under its own settings is not bought under others. */
function requireModel(wanted: unknown, { embedder }: EmbeddingDesk): void {
  const own = nameModel(embedder.model);
  if (wanted === undefined || wanted === own) return;
  throw new CambiumError(
    "unavailable",
    `a worker that buys from ${String(wanted)}: the one that runs was started for ${own}. \`cambium control shutdown\` lets the next command start one with new settings`,
  );
}

/** A key or a model that was corrected since has not reached this process. */
function sayWhoseSettings(error: unknown): never {
  const failure = toFailure(error);
  if (failure.code !== "forbidden" && failure.code !== "invalid_argument") throw error;
  const hint =
    "This worker has the settings it was started with: after a change, `cambium control shutdown` lets the next command start one with new ones.";
  throw new CambiumError(failure.code, `${failure.message} ${hint}`);
}

function embedContext({ signal, report }: JobContext): EmbedContext {
  return {
    signal,
    report: (progress) => report({ ...progress, unit: progress.phase === "plan" ? "files" : "chunks" }),
  };
}

function numberOf(args: JsonObject, name: string): number {
  const value = args[name];
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new CambiumError("invalid_argument", `The argument "${name}" must be a whole number.`);
}
