/** The kinds of work that buy embeddings, and what they run: tasks that follow an index task where a provider is set. */
import { CambiumError } from "./errors.ts";
import type { EmbedContext, EmbeddingDeps } from "./indexer/embed-plan.ts";
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
  readonly open: () => Promise<EmbeddingDeps>;
}

/** Also where no provider is set: somebody may have asked before it was switched off. */
export function embedHandlers(store: IndexStore, embedding: Embedding | undefined): [string, Handler][] {
  let opened: Promise<EmbeddingDeps> | undefined;
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
        const standing = await planEmbeddings(deps, repository, embedContext(context));
        const { chunks, embedded, withheld, batches } = standing;
        if (isComplete(standing)) {
          const { provider, name } = deps.embedder.model;
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
        const deps = await open();
        const batch = numberOf(args, "batch");
        const total = numberOf(args, "total");
        const standing = () => ({
          done: Math.max(0, total - deps.ledger.remaining(deps.embedder.model)),
          total,
        });
        const owner = `${context.taskId} ${batch}`;
        await embedBatch(deps, store, batch, owner, embedContext(context), standing);
        return { result: {} };
      },
    ],
  ];
}

function embedContext({ signal, report }: JobContext): EmbedContext {
  return { signal, report: (progress) => report({ ...progress, unit: "chunks" }) };
}

function numberOf(args: JsonObject, name: string): number {
  const value = args[name];
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new CambiumError("invalid_argument", `The argument "${name}" must be a whole number.`);
}
