/** `cambium embed` and `cambium cost`: vectors for search by meaning, what they would cost, and what was spent. */
import type { Command } from "commander";
import { CambiumError } from "../errors.ts";
import type { EmbeddingPreview, Meaning, ModelCost, Spending } from "../indexer/meaning.ts";
import { localProvider, nameModel, previewEmbeddings, standingEmbedder } from "../indexer/meaning.ts";
import { answerTask, followTask } from "./cli-index.ts";
import type { Session } from "./cli-session.ts";
import { chooseExactly } from "./repository-choice.ts";
import { sayDuration } from "./task-view.ts";
import { grouped, plural } from "./text.ts";
import type { ToolDeps } from "./tool.ts";
import { warningOfWorker } from "./tools/tasks.ts";

export function addEmbedCommands(program: Command, session: Session): void {
  program
    .command("embed")
    .description(
      "make or buy the vectors that search by meaning needs, in the background; nothing is bought twice",
    )
    .argument("<repository>", "its name, or its folder")
    .option("--dry-run", "only say what it would cost; nothing is sent")
    .option("--wait", "show progress until the task ends; Ctrl-C stops only the waiting")
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExamples:\n  $ cambium embed flask --dry-run\n  $ cambium embed . --wait")
    .action(async (named: string, options: { dryRun?: boolean; wait?: boolean }) => {
      const deps = await session.deps(program);
      const { repository, root } = chooseExactly(deps.index, named, deps.cwd);
      const meaning = await meaningOf(deps);
      if (options.dryRun === true) answerPreview(repository, meaning, session);
      else await startEmbedding(root, meaning, deps, session, options.wait === true);
    });
  program
    .command("cost")
    .description("what was spent on embeddings, by model")
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExamples:\n  $ cambium cost\n  $ cambium cost --json")
    .action(async () => {
      const { readSpending } = await session.deps(program);
      answerCost((await readSpending?.()) ?? nothingSpent, session);
    });
}

function meaningOf({ openMeaning }: ToolDeps): Promise<Meaning> {
  if (openMeaning !== undefined) return openMeaning();
  throw new CambiumError(
    "invalid_argument",
    "No provider of embeddings is set. Set CAMBIUM_EMBEDDINGS to local (made here, nothing is sent), voyage (with VOYAGE_API_KEY) or openai (with CAMBIUM_EMBEDDINGS_URL).",
  );
}

async function startEmbedding(
  root: string,
  { embedder }: Meaning,
  deps: ToolDeps,
  session: Session,
  wait: boolean,
): Promise<void> {
  const args = { root, model: nameModel(embedder.model) };
  const request = { kind: "embed_repository", args, deduplicationKey: root };
  const { task, joined } = await deps.tasks.enqueue(request);
  const warning = await warningOfWorker(deps);
  if (warning !== undefined) session.note(`${session.colors.err.yellow("warning")} ${warning}`);
  if (joined) session.note(`Joined the task that already embeds it: ${task.task_id}`);
  answerTask(wait ? await followTask(task, deps, session) : task, root, deps, session, wait);
}

function answerPreview(repository: string, meaning: Meaning, session: Session): void {
  const embedder = standingEmbedder(meaning, repository) ?? meaning.embedder;
  const preview = previewEmbeddings({ ...meaning, embedder }, repository);
  const { provider, name, dimensions } = embedder.model;
  const model = `${provider}/${name}`;
  const document = { repository, model, dimensions, ...viewPreview(preview), url: embedder.account };
  const disk = `${(preview.diskBytes / 1e6).toFixed(1)} MB of disk`;
  if (embedder.local !== undefined) {
    const words = [
      `${repository} with ${model}, made on this machine from its own text; nothing is sent:`,
      `  ${plural(preview.files, "file")}, ${plural(preview.chunks, "chunk")}, of which ${grouped(preview.known)} have a vector already`,
      `  free, ${disk}`,
      "Nothing was made. Make what is missing: cambium embed --wait",
    ];
    session.answer(document, words.join("\n"));
    return;
  }
  const words = [
    `${repository} with ${model}, sent to ${meaning.embedder.account}:`,
    `  ${plural(preview.files, "file")}, ${plural(preview.chunks, "chunk")}, of which ${grouped(preview.known)} are bought already and ${grouped(preview.withheld)} are never sent, as they hold what looks like a secret`,
    `  about ${plural(preview.tokens, "token")}, ${sayMoney(preview.price)}, ${sayDuration(60 * preview.minutes)} at the provider's limits, ${disk}`,
    "Nothing was sent. Buy them: cambium embed --wait",
  ];
  session.answer(document, words.join("\n"));
}

function viewPreview({
  files,
  chunks,
  known,
  withheld,
  tokens,
  price,
  minutes,
  diskBytes,
}: EmbeddingPreview) {
  return {
    ...{ files, chunks, known, withheld, tokens },
    price_usd: Number(price.toFixed(4)),
    minutes: Number(minutes.toFixed(2)),
    disk_bytes: diskBytes,
  };
}

const nothingSpent: Spending = {
  models: [],
  budgetTokens: Number.POSITIVE_INFINITY,
  budgetDollars: undefined,
};

function answerCost(spending: Spending, session: Session): void {
  const { budgetTokens, budgetDollars } = spending;
  // Of what was made here the spaces change with the repositories, and old ones are left without a vector.
  const models = spending.models
    .filter(({ model, vectors }) => model.provider !== localProvider || vectors > 0)
    .map(viewCost);
  const tokens = models.reduce((sum, one) => sum + one.tokens + one.query_tokens + one.lost_tokens, 0);
  const dollars = Number(models.reduce((sum, one) => sum + one.price_usd, 0).toFixed(6));
  const budget = Number.isFinite(budgetTokens) ? budgetTokens : null;
  const words = models.map((one) =>
    one.model.startsWith(`${localProvider}/`)
      ? `${one.model} (${one.dimensions}): ${plural(one.vectors, "vector")} made on this machine, free`
      : `${one.model} (${one.dimensions}): ${plural(one.vectors, "vector")} for ${plural(one.tokens, "token")} in ${plural(one.requests, "request")}, questions ${plural(one.query_tokens, "token")}, ${sayMoney(one.price_usd)}${one.lost_requests === 0 ? "" : `\n  ${plural(one.lost_requests, "request")} broke off (up to ${plural(one.lost_tokens, "token")}): they may be billed`}${one.withheld === 0 ? "" : `\n  ${plural(one.withheld, "chunk")} withheld`}`,
  );
  if (budget !== null) words.push(`Budget: ${grouped(tokens)} of ${plural(budget, "token")}`);
  if (budgetDollars !== undefined) words.push(`Budget: ${dollars} of ${budgetDollars} US$`);
  session.answer(
    { models, tokens, price_usd: dollars, budget_tokens: budget, budget_usd: budgetDollars ?? null },
    words.length === 0 ? "Nothing was spent." : words.join("\n"),
  );
}

function viewCost(cost: ModelCost) {
  return {
    model: `${cost.model.provider}/${cost.model.name}`,
    dimensions: cost.model.dimensions,
    vectors: cost.vectors,
    withheld: cost.withheld,
    requests: cost.requests,
    tokens: cost.tokens,
    query_tokens: cost.queryTokens,
    lost_requests: cost.lostRequests,
    lost_tokens: cost.lostTokens,
    open_requests: cost.openRequests,
    price_usd: Number(cost.dollars.toFixed(6)),
  };
}

const sayMoney = (dollars: number) =>
  dollars === 0
    ? "free"
    : dollars < 0.0001
      ? "less than 0.0001 US$"
      : `${dollars.toFixed(dollars < 1 ? 4 : 2)} US$`;
