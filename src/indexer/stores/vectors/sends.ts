/**
 * Requests before, while and after they are under way. One table keeps a minute of them for the provider's limits, all
 * open ones for the budget, and tells after a crash which were in flight.
 */
import type { ChunkOutcome, Grant, SendOrder } from "../../embedding-ledger.ts";
import type { LedgerFile } from "./ledger-file.ts";
import { deleteIfEmpty } from "./plan.ts";

/** The provider counts within a minute of its own, at a moment between our sending and the end of its answer. */
const windowMs = 60_050;
const looksAgainMs = 250;
const looksSoonMs = 50;
/** A process that gives a request up needs a moment to say so. */
const graceMs = 2000;
/** Smaller batches say little of how long tokens are. */
const tellingTexts = 8;

/** Who sends, in a form that is stored, and who certainly does not any more. */
export interface Senders {
  readonly own: string;
  isDead(sender: string): boolean;
}

export function claimSend(
  file: LedgerFile,
  batch: number | undefined,
  owner: string,
  order: SendOrder,
  now: number,
  senders: Senders,
): Grant {
  const claim = (): Grant => {
    endOverdue(file, order, now, senders);
    const taken =
      batch === undefined ? { kind: "go" as const, isAgain: false } : takeOver(file, batch, owner, now);
    if (taken.kind !== "go") return taken;
    const refusal = refuse(file, order, now, batch === undefined);
    if (refusal !== undefined) return refusal;
    const send = insertSend(file, batch, order, now, senders.own);
    if (batch !== undefined)
      file.run("UPDATE batch SET send = ?, owner = ? WHERE id = ?", send, owner, batch);
    return { kind: "go", send, isAgain: taken.isAgain };
  };
  return batch === undefined ? file.writeSoon(claim) : file.write(claim);
}

/** A batch that is under way is left to whoever sent it, until that one is surely dead. */
function takeOver(
  file: LedgerFile,
  batch: number,
  owner: string,
  now: number,
): Exclude<Grant, { kind: "go" }> | { readonly kind: "go"; readonly isAgain: boolean } {
  const row = file.get<{ send: number | null; owner: string | null }>(
    "SELECT send, owner FROM batch WHERE id = ?",
    batch,
  );
  if (row === undefined) return { kind: "done" };
  if (row.send === null) return { kind: "go", isAgain: false };
  const isOpen = file.get("SELECT 1 FROM send WHERE id = ? AND ended IS NULL", row.send) !== undefined;
  if (isOpen && row.owner !== owner)
    return { kind: "wait", ms: looksAgainMs, reason: "another job that asks for the same" };
  loseSend(file, row.send, now);
  return { kind: "go", isAgain: true };
}

function insertSend(
  file: LedgerFile,
  batch: number | undefined,
  order: SendOrder,
  now: number,
  sender: string,
): number {
  return file.insert(
    "INSERT INTO send (account, model, batch, tokens, price, began, timeout_at, sender) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    order.account,
    file.makeModel(order.model),
    batch ?? null,
    order.tokens,
    order.price ?? 0,
    now,
    now + order.timeoutMs,
    sender,
  );
}

/** Its process died, or its answer never came: it may be billed, and counts for the limits until it is surely over. */
function loseSend(file: LedgerFile, send: number, now: number): void {
  const row = file.get<{ model: number; tokens: number; price: number }>(
    "SELECT model, tokens, price FROM send WHERE id = ? AND ended IS NULL",
    send,
  );
  if (row === undefined) return;
  file.run(
    "UPDATE model SET lost_requests = lost_requests + 1, lost_tokens = lost_tokens + ?, dollars = dollars + ? WHERE id = ?",
    row.tokens,
    dollarsOf(row.tokens, row.price),
    row.model,
  );
  file.run("UPDATE send SET ended = ? WHERE id = ?", now, send);
}

/**
 * Requests whose process died, which must not keep others waiting until their batch is asked for again; and a clock that
 * was put back.
 */
function endOverdue(
  file: LedgerFile,
  { account, timeoutMs }: SendOrder,
  now: number,
  senders: Senders,
): void {
  file.run("UPDATE send SET ended = ? WHERE account = ? AND ended > ?", now, account, now);
  file.run(
    "UPDATE send SET began = ?, timeout_at = ? WHERE account = ? AND ended IS NULL AND began > ?",
    now,
    now + timeoutMs,
    account,
    now,
  );
  const open = file.all<{ id: number; timeoutAt: number; sender: string }>(
    "SELECT id, timeout_at AS timeoutAt, sender FROM send WHERE account = ? AND ended IS NULL",
    account,
  );
  for (const { id, timeoutAt, sender } of open)
    if (timeoutAt <= now - graceMs || (sender !== senders.own && senders.isDead(sender)))
      loseSend(file, id, now);
}

/** Why nothing may be sent now; undefined when it may. */
function refuse(file: LedgerFile, order: SendOrder, now: number, isQuestion: boolean): Grant | undefined {
  const { account, tokens, price = 0, budgetTokens, budgetDollars } = order;
  if (budgetTokens !== Number.POSITIVE_INFINITY) {
    const spent = spentTokens(file);
    if (spent + tokens > budgetTokens) return { kind: "over_budget", spent };
  }
  if (budgetDollars !== undefined && price > 0) {
    const spent = spentDollars(file);
    if (roundDollars(spent + dollarsOf(tokens, price)) > budgetDollars) return { kind: "over_budget", spent };
  }
  const held = readHold(file, account, now);
  if (held !== undefined) return held;
  return refuseByLimits(file, order, now, isQuestion);
}

const dollarsOf = (tokens: number, price: number): number => (tokens * price) / 1e6;

/** Sums of small fractions are a little off. */
export const roundDollars = (dollars: number): number => Number(dollars.toFixed(9));

/** What is open counts as ordered, at its own price. */
function spentDollars(file: LedgerFile): number {
  const billed = file.get<{ n: number }>("SELECT coalesce(sum(dollars), 0) AS n FROM model");
  const open = file.get<{ n: number }>(
    "SELECT coalesce(sum(tokens * price), 0) AS n FROM send WHERE ended IS NULL",
  );
  return roundDollars((billed?.n ?? 0) + (open?.n ?? 0) / 1e6);
}

function spentTokens(file: LedgerFile): number {
  const billed = file.get<{ n: number }>(
    "SELECT coalesce(sum(tokens + query_tokens + lost_tokens), 0) AS n FROM model",
  );
  const open = file.get<{ n: number }>("SELECT coalesce(sum(tokens), 0) AS n FROM send WHERE ended IS NULL");
  return (billed?.n ?? 0) + (open?.n ?? 0);
}

/** A clock that was put back must not make a pause longer. */
function readHold(file: LedgerFile, account: string, now: number): Grant | undefined {
  const hold = file.get<{ since: number; until: number; reason: string }>(
    "SELECT since, until, reason FROM hold WHERE account = ?",
    account,
  );
  if (hold === undefined) return undefined;
  const until = hold.since > now ? now + hold.until - hold.since : hold.until;
  if (hold.since > now)
    file.run("UPDATE hold SET since = ?, until = ? WHERE account = ?", now, until, account);
  if (until > now) return { kind: "wait", ms: until - now, reason: sayHold(hold.reason, until) };
  file.run("DELETE FROM hold WHERE account = ?", account);
  return undefined;
}

function sayHold(reason: string, until: number): string {
  const time = new Date(until).toISOString();
  return reason.startsWith("rate limit")
    ? reason.replace("rate limit", `rate limit until ${time}`)
    : `${reason}; asked again at ${time}`;
}

/**
 * Never more than the limits in any minute: an open request counts, and one that ended counts a minute from then. What is
 * under way at once is counted apart for questions, as who asks does not wait until everything is bought.
 */
function refuseByLimits(
  file: LedgerFile,
  order: SendOrder,
  now: number,
  isQuestion: boolean,
): Grant | undefined {
  const { account, tokens, requestsPerMinute, tokensPerMinute } = order;
  file.run("DELETE FROM send WHERE account = ? AND ended <= ?", account, now - windowMs);
  const all = file.get<{ requests: number; tokens: number; batches: number; questions: number }>(
    `SELECT count(*) AS requests, coalesce(sum(tokens), 0) AS tokens,
       coalesce(sum(ended IS NULL AND batch IS NOT NULL), 0) AS batches,
       coalesce(sum(ended IS NULL AND batch IS NULL), 0) AS questions FROM send WHERE account = ?`,
    account,
  ) ?? { requests: 0, tokens: 0, batches: 0, questions: 0 };
  if ((isQuestion ? all.questions : all.batches) >= order.requestsAtOnce)
    return { kind: "wait", ms: looksSoonMs, reason: "requests under way" };
  let { requests, tokens: used } = all;
  const fits = () =>
    requests + 1 <= requestsPerMinute && (used + tokens <= tokensPerMinute || requests === 0);
  if (fits()) return undefined;
  const recent = file.iterate<{ tokens: number; ended: number | null }>(
    "SELECT tokens, ended FROM send WHERE account = ? ORDER BY coalesce(ended, timeout_at)",
    account,
  );
  for (const one of recent) {
    requests -= 1;
    used -= one.tokens;
    if (!fits()) continue;
    const ms = one.ended === null ? looksAgainMs : Math.max(1, one.ended + windowMs - now);
    const until = new Date(now + ms).toISOString();
    return { kind: "wait", ms, reason: `rate limit until ${until}` };
  }
  return { kind: "wait", ms: looksAgainMs, reason: "rate limit" };
}

interface SendRow {
  readonly model: number;
  readonly batch: number | null;
  readonly tokens: number;
  readonly price: number;
  readonly ended: number | null;
}

/** Stores what came, and what it cost. An answer may come after its batch was taken for lost: it is kept all the same. */
export function settleSend(
  file: LedgerFile,
  send: number,
  outcomes: readonly ChunkOutcome[],
  tokens: number | undefined,
  now: number,
): void {
  const settle = () => {
    const row = file.get<SendRow>("SELECT model, batch, tokens, price, ended FROM send WHERE id = ?", send);
    for (const outcome of outcomes) keepOutcome(file, outcome);
    if (row === undefined) return;
    const billed = tokens ?? row.tokens;
    if (row.ended === null) {
      file.run("UPDATE send SET ended = ?, tokens = ? WHERE id = ?", now, billed, send);
      const column = row.batch === null ? "query_tokens" : "tokens";
      file.run(
        `UPDATE model SET requests = requests + 1, ${column} = ${column} + ?, dollars = dollars + ? WHERE id = ?`,
        billed,
        dollarsOf(billed, row.price),
        row.model,
      );
    }
    if (row.batch === null) return;
    if (billed > 0 && tokens !== undefined && outcomes.length >= tellingTexts)
      learn(file, row.batch, row.model, billed);
    file.run("UPDATE batch SET send = NULL, owner = NULL WHERE id = ? AND send = ?", row.batch, send);
    deleteIfEmpty(file, row.batch);
  };
  // A question brings nothing that is to be kept.
  if (outcomes.length === 0) file.writeSoon(settle);
  else file.write(settle);
}

/** How short tokens can be, from an answer to a whole batch. */
function learn(file: LedgerFile, batch: number, model: number, tokens: number): void {
  file.run(
    `UPDATE model SET bytes_per_token = min(coalesce(bytes_per_token, 1e9), bytes / ?)
     FROM (SELECT bytes FROM batch WHERE id = ?) WHERE id = ?`,
    tokens,
    batch,
    model,
  );
}

function keepOutcome(file: LedgerFile, { vector, code, withheld }: ChunkOutcome): void {
  if (code === undefined && withheld === undefined) return;
  const known = file.get<{ code: number | null; model: number }>(
    "SELECT code, model FROM vector WHERE id = ?",
    vector,
  );
  if (known === undefined) return;
  const id =
    known.code ??
    (code === undefined
      ? null
      : file.insert(
          "INSERT INTO code (vector, model, signs, rest) VALUES (?, ?, ?, ?)",
          vector,
          known.model,
          code.signs,
          code.rest,
        ));
  file.run(
    "UPDATE vector SET code = ?, batch = NULL, withheld = ? WHERE id = ?",
    id,
    withheld ?? null,
    vector,
  );
  file.run("DELETE FROM place WHERE vector = ?", vector);
}

export function postponeSend(
  file: LedgerFile,
  send: number,
  why: { readonly reason: string; readonly holdMs: number; readonly isDoubtful: boolean },
  now: number,
): void {
  file.write(() => {
    const account = file.get<{ account: string }>("SELECT account FROM send WHERE id = ?", send)?.account;
    file.run("UPDATE batch SET send = NULL, owner = NULL WHERE send = ?", send);
    if (why.isDoubtful) loseSend(file, send, now);
    // A refused request costs nothing, but the provider may count it among the requests of the minute.
    else file.run("UPDATE send SET ended = ?, tokens = 0 WHERE id = ? AND ended IS NULL", now, send);
    if (account === undefined || why.holdMs <= 0) return;
    file.run(
      `INSERT INTO hold (account, since, until, reason) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET since = excluded.since, until = max(until, excluded.until), reason = excluded.reason`,
      account,
      now,
      now + Math.round(why.holdMs),
      why.reason,
    );
  });
}
