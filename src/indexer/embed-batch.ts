/**
 * Buys planned batches: asks when the limits allow it, and writes whatever the provider answers into the ledger before
 * anything else happens. Stopping or dying at any line loses nothing.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { CambiumError, toFailure } from "../errors.ts";
import type { BudgetDeps, EmbedContext, EmbeddingDeps } from "./embed-plan.ts";
import type { EmbeddingModel, EmbedReply, Purchase } from "./embedder.ts";
import type {
  ChunkOutcome,
  ChunkPlace,
  EmbeddingLedger,
  LedgerBatch,
  SendOrder,
} from "./embedding-ledger.ts";
import type { IndexStore } from "./store.ts";
import { encodeVector } from "./vector-code.ts";
import { passageText } from "./word-space.ts";

/** Until a model has answered: no tokenizer makes usual code into more tokens than this says. */
const bytesPerTokenLeast = 2;
/** What was seen once is not the worst that can come. */
const caution = 0.97;
/** A job that waits says so at least this often. */
const lookMs = 5000;
const holdFirstMs = 1000;
const holdMostMs = 60_000;
/** A provider that asks for more is asked again all the same. */
export const retryAfterMostMs = 3_600_000;
/** Answers that may be billed and bring nothing: after so many in a row somebody has to look. */
const doubtfulMost = 5;
/** So often a chunk may come back without a vector. */
const emptyMost = 3;
/** A text that is refused as too long even when it is this short is left out. */
const cutLeastBytes = 200;

/** No budget stands before what is made here. */
const free = { tokens: 0, budgetTokens: Number.POSITIVE_INFINITY, budgetDollars: undefined };

type Sent = Exclude<Awaited<ReturnType<BatchRun["ask"]>>, undefined>;

/** The most that the provider may bill for so many bytes. */
function tokensAtMost(model: EmbeddingModel, ledger: EmbeddingLedger, bytes: number): number {
  const seen = ledger.bytesPerToken(model);
  return Math.ceil(
    bytes / Math.min(bytesPerTokenLeast * 2, seen === undefined ? bytesPerTokenLeast : seen * caution),
  );
}

/** Numbers, marks and other scripts: in a text that is full of them each is a token. Words count as one. */
const denseParts = /[a-z]+|[^a-z\s]/gi;

/** Of texts with more tokens than usual code can have, such as tables of numbers; 0 for all others. */
function tokensIfDense(text: string): number {
  const parts = text.match(denseParts)?.length ?? 0;
  return parts > Buffer.byteLength(text) / bytesPerTokenLeast ? parts : 0;
}

/** `leastTokens`: no less than that is billed, whatever the bytes say. */
export function orderFor(
  { model, account, price, timeoutMs, limits }: Purchase,
  { ledger, budgetTokens, budgetDollars }: BudgetDeps,
  bytes: number,
  leastTokens = 0,
): SendOrder {
  const { requestsPerMinute, tokensPerMinute, requestsAtOnce } = limits;
  return {
    ...{ model, account, price, timeoutMs, budgetTokens, budgetDollars },
    ...{ requestsPerMinute, tokensPerMinute, requestsAtOnce },
    tokens: Math.max(leastTokens, tokensAtMost(model, ledger, bytes)),
  };
}

/**
 * Buys one batch, waiting as long as the limits ask. `owner` names the job, the same for all its runs. Throws what
 * waiting does not mend: `forbidden`, `invalid_argument`, `exhausted` for the budget, `unavailable` when answers break
 * off again and again.
 */
export async function embedBatch(
  deps: EmbeddingDeps,
  store: IndexStore,
  batch: number,
  owner: string,
  context: EmbedContext,
  standing: () => { readonly done: number; readonly total: number },
): Promise<void> {
  await new BatchRun(deps, store, owner, context, standing).buy(batch);
}

class BatchRun {
  readonly #deps: EmbeddingDeps;
  readonly #store: IndexStore;
  readonly #owner: string;
  readonly #context: EmbedContext;
  readonly #standing: () => { readonly done: number; readonly total: number };
  #busy = 0;
  #doubtful = 0;
  readonly #empty = new Map<number, number>();
  /** Longer texts are cut: learnt from what the provider refused. */
  #cutBytes = Number.POSITIVE_INFINITY;

  constructor(
    deps: EmbeddingDeps,
    store: IndexStore,
    owner: string,
    context: EmbedContext,
    standing: () => { readonly done: number; readonly total: number },
  ) {
    this.#deps = deps;
    this.#store = store;
    this.#owner = owner;
    this.#context = context;
    this.#standing = standing;
    this.#cutBytes = deps.embedder.limits.textTokens * bytesPerTokenLeast;
  }

  async buy(id: number): Promise<void> {
    const { ledger } = this.#deps;
    for (;;) {
      this.#context.signal.throwIfAborted();
      const batch = ledger.batch(id);
      if (batch === undefined) break;
      const sent = await this.ask(batch);
      if (sent !== undefined) await this.#take(batch, sent);
    }
    this.#tell();
  }

  /** Undefined where nothing was sent: the limits, another job, or texts that are gone. */
  async ask(batch: LedgerBatch): Promise<{ readonly send: number; readonly reply: EmbedReply } | undefined> {
    const { ledger } = this.#deps;
    const texts = this.#readTexts(batch);
    if (texts === undefined) return undefined;
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    const dense = texts.reduce((sum, text) => sum + tokensIfDense(text), 0);
    const { embedder } = this.#deps;
    const order = { ...orderFor(embedder, this.#deps, bytes, dense), ...(embedder.local && free) };
    const grant = ledger.claim(batch.id, this.#owner, order);
    if (grant.kind === "done") return undefined;
    if (grant.kind === "over_budget") throw overBudget(this.#deps, grant.spent);
    if (grant.kind === "wait") {
      if (grant.ms > 1000) this.#tell(grant.reason);
      await sleep(Math.min(grant.ms, lookMs), undefined, { signal: this.#context.signal });
      return undefined;
    }
    return { send: grant.send, reply: await this.#send(grant.send, texts) };
  }

  async #send(send: number, texts: readonly string[]): Promise<EmbedReply> {
    const { embedder, ledger } = this.#deps;
    try {
      return await embedder.embed(texts, "document", this.#context.signal);
    } catch (error) {
      // Given up by us it may be billed; what the provider refused is not.
      const isDoubtful = this.#context.signal.aborted;
      ledger.postpone(send, { reason: toFailure(error).message, holdMs: 0, isDoubtful });
      throw error;
    }
  }

  async #take(batch: LedgerBatch, { send, reply }: Sent): Promise<void> {
    const { ledger } = this.#deps;
    if (reply.kind === "vectors") {
      this.#busy = 0;
      this.#doubtful = 0;
      ledger.settle(send, this.#outcomesOf(batch, reply.vectors), reply.tokens);
      return;
    }
    if (reply.kind === "too_long") return this.#shorten(batch, send, reply.reason);
    const { reason, retryAfterMs, isDoubtful } = reply;
    const usualMs = Math.min(holdMostMs, holdFirstMs * 2 ** this.#busy);
    this.#busy += 1;
    this.#doubtful = isDoubtful ? this.#doubtful + 1 : 0;
    ledger.postpone(send, {
      reason,
      holdMs: Math.min(retryAfterMostMs, retryAfterMs ?? usualMs),
      isDoubtful,
    });
    if (this.#doubtful >= doubtfulMost)
      throw new CambiumError(
        "unavailable",
        `${reason}, ${doubtfulMost} times in a row. Each may be billed, so it is not asked again at once; see \`cambium cost\`.`,
      );
  }

  /** Both halves of a batch, and in the end a part of the one text that is too long. */
  async #shorten(batch: LedgerBatch, send: number, reason: string): Promise<void> {
    const { ledger } = this.#deps;
    const [only, more] = batch.chunks;
    if (only !== undefined && more === undefined) {
      this.#cutBytes = Math.min(this.#cutBytes, only.place.endByte - only.place.startByte) / 2;
      if (this.#cutBytes < cutLeastBytes) {
        ledger.settle(send, [{ vector: only.vector, withheld: `too long for the model: ${reason}` }], 0);
        return;
      }
    }
    ledger.postpone(send, { reason, holdMs: 0, isDoubtful: false });
    const halves = ledger.split(batch.id);
    if (halves.length > 1) for (const half of halves) await this.buy(half);
  }

  #outcomesOf(batch: LedgerBatch, vectors: readonly (Float32Array | undefined)[]): ChunkOutcome[] {
    return batch.chunks.map(({ vector }, at) => {
      const came = vectors[at];
      if (came !== undefined) return { vector, code: encodeVector(came) };
      const times = (this.#empty.get(vector) ?? 0) + 1;
      this.#empty.set(vector, times);
      return times < emptyMost
        ? { vector }
        : { vector, withheld: "the provider gave no vector that can be used" };
    });
  }

  #readTexts(batch: LedgerBatch): string[] | undefined {
    const texts: string[] = [];
    const gone: number[] = [];
    let file: { readonly key: string; readonly text: Buffer | undefined } | undefined;
    for (const { vector, place } of batch.chunks) {
      const key = `${place.repository}\n${place.path}`;
      if (file?.key !== key) file = { key, text: this.#readFile(place) };
      const end = Math.min(place.endByte, place.startByte + this.#cutBytes);
      if (file.text === undefined) {
        gone.push(vector);
        continue;
      }
      const text = file.text.toString("utf8", place.startByte, end);
      texts.push(this.#deps.embedder.local === undefined ? text : passageText(place.path, text));
    }
    if (gone.length === 0 && texts.length > 0) return texts;
    this.#deps.ledger.drop(batch.id, gone);
    return undefined;
  }

  #readFile({ repository, path, blobHash }: ChunkPlace): Buffer | undefined {
    try {
      const text = this.#store.text(repository, path, blobHash);
      return text === undefined ? undefined : Buffer.from(text, "utf8");
    } catch (error) {
      // The repository was removed: its chunks are nobody's any more.
      if (toFailure(error).code === "not_found") return undefined;
      throw error;
    }
  }

  #tell(waitingFor?: string): void {
    const waiting = waitingFor === undefined ? {} : { waiting_for: waitingFor };
    this.#context.report({ phase: "embed", ...this.#standing(), ...waiting });
  }
}

function overBudget({ budgetTokens, budgetDollars }: EmbeddingDeps, spent: number): CambiumError {
  const said =
    budgetDollars === undefined
      ? `${spent.toLocaleString("en-US")} of ${budgetTokens.toLocaleString("en-US")} tokens`
      : `${Number(spent.toFixed(6))} of ${budgetDollars} US$`;
  return new CambiumError(
    "exhausted",
    `a higher CAMBIUM_EMBEDDINGS_BUDGET: ${said} are spent, and the next batch goes beyond it. Raise it and start the worker again (\`cambium control shutdown\`); everything else goes on without.`,
  );
}
