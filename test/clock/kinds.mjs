/** The kinds of the clock's proofs, with what they have in common filled in. */
import { readFileSync } from "node:fs";

const stored = JSON.parse(readFileSync(new URL("kinds.json", import.meta.url), "utf8"));

export const kinds = stored.map((kind) => ({
  queue: "tasks",
  retry: { attempts: 4, delayMs: 20, maxDelayMs: 100 },
  softTimeLimitMs: 60_000,
  silenceLimitMs: 30_000,
  ...kind,
}));
