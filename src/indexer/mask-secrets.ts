/**
 * Masks keys and tokens that a source text quotes, before anything is derived from it: what their issuers' formats tell
 * for certain, and nothing that only might be a secret. Lines, columns and bytes stay where they are.
 */
import { issuedSecrets } from "./withhold.ts";

/** A key's body has no other characters; the header alone, as in code that looks for it, is no secret. */
const keyBlock =
  /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----(?:[\w+/=\s\\"',:.()]|-(?!----)){60,20000}?-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY/g;
const patterns = issuedSecrets.map(
  ([what, pattern]) => [what, what === "a private key" ? keyBlock : pattern] as const,
);
/** Few texts have any of these: all others are looked through once. */
const mayHold =
  /PRIVATE KEY|A(?:KIA|SIA|BIA|CCA)[A-Z2-7]|gh[pousr]_|github_pat_|gl(?:pat|ptt|rt|dt|soat)-|xox[abeoprs]-|hooks\.slack|AIza|ya29\.|k_live_|\bsk-|\b(?:pa|al)-[\w-]{40}|npm_|pypi-|SG\.|SK[0-9a-f]{32}|eyJ[\w-]{15}|AccountKey=|SharedAccessKey=/;

/** From its first dash to its last, with room for the lines that say what it is. */
export const keyMaxChars = 24_000;

export interface MaskedText {
  readonly text: string;
  /** What was masked, in words without any of it; undefined where nothing was. */
  readonly masked?: string;
}

/** The parts of one text share what was `found`, so that the last one tells all of it. */
export function maskSecrets(text: string, found = new Map<string, number>()): MaskedText {
  let clean = text;
  for (const [what, pattern] of mayHold.test(text) ? patterns : []) {
    clean = clean.replace(pattern, (match) => {
      // Words with hyphens between them look like some tokens, but have no digit.
      if (!/\d/.test(match)) return match;
      found.set(what, (found.get(what) ?? 0) + 1);
      return match.replace(/\S/g, "*");
    });
  }
  if (found.size === 0) return { text: clean };
  const list = [...found].map(([what, times]) => (times === 1 ? what : `${what} (${times} times)`));
  return { text: clean, masked: `masked: ${list.join(", ")}` };
}
