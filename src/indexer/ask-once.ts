/**
 * Requests that a question pays for: one each, which waits for nothing and nobody for long, and never holds a secret. A
 * provider that kept one question waiting in vain is left alone by the next ones.
 */
import { toFailure } from "../errors.ts";
import { orderFor, retryAfterMostMs } from "./embed-batch.ts";
import type { BudgetDeps } from "./embed-plan.ts";
import type { EmbedReply, Purchase, Refusal, RerankReply } from "./embedder.ts";
import { reasonToWithhold } from "./withhold.ts";

export interface Asked {
  readonly purchase: Purchase;
  readonly question: string;
  /** Of what is sent and billed. */
  readonly bytes: number;
  /** Who is asked, in words. */
  readonly who: string;
  /** What the ledger is told of a request that failed. */
  readonly reason: string;
  readonly patienceMs: number;
}

type Reply = EmbedReply | RerankReply;

/** Nobody asks again so soon after a refusal that names no time. */
const holdMs = 1000;
/** As a provider that hangs mostly goes on hanging, and each question would wait for it. */
const restMs = 10_000;
/** Until when each account is left alone, by a clock that nobody puts back. */
const resting = new Map<string, number>();

/** The provider's reply, or why there is none. The ledger knows what it cost. */
export async function askOnce<Wanted extends Reply>(
  deps: BudgetDeps,
  { purchase, question, bytes, who, reason, patienceMs }: Asked,
  ask: (patience: AbortSignal) => Promise<Wanted>,
): Promise<Exclude<Wanted, Refusal> | string> {
  const { ledger } = deps;
  const secret = reasonToWithhold(question);
  if (secret !== undefined) return `the question holds ${secret}, which is never sent`;
  const tooLate = `${who} did not answer within ${patienceMs / 1000} s`;
  const leftMs = (resting.get(purchase.account) ?? 0) - performance.now();
  if (leftMs > 0) return `${tooLate}; it is asked again in ${Math.ceil(leftMs / 1000)} s`;
  const grant = ledger.claim(undefined, "question", orderFor(purchase, deps, bytes));
  if (grant.kind === "wait") return grant.reason;
  if (grant.kind !== "go") return "the embeddings budget is spent";
  const { send } = grant;
  const patience = AbortSignal.timeout(patienceMs);
  try {
    const reply = await ask(patience);
    if (!isRefusal(reply)) {
      ledger.settle(send, [], reply.tokens);
      return reply as Exclude<Wanted, Refusal>;
    }
    ledger.postpone(send, { reason: reply.reason, ...consequences(reply) });
    return reply.reason;
  } catch (error) {
    ledger.postpone(send, { reason, holdMs: 0, isDoubtful: patience.aborted });
    if (!patience.aborted) return toFailure(error).message;
    resting.set(purchase.account, performance.now() + restMs);
    return tooLate;
  }
}

const isRefusal = (reply: Reply): reply is Refusal => reply.kind === "busy" || reply.kind === "too_long";

function consequences(reply: Refusal): { readonly holdMs: number; readonly isDoubtful: boolean } {
  if (reply.kind === "too_long") return { holdMs: 0, isDoubtful: false };
  const { retryAfterMs = holdMs, isDoubtful } = reply;
  return { holdMs: Math.min(retryAfterMostMs, retryAfterMs), isDoubtful };
}
