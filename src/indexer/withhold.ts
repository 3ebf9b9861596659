/** What never leaves the machine: passages that hold what looks like a key, a password or a token. */

type Named = readonly [what: string, pattern: RegExp];

/**
 * Formats that their issuers publish, so that little else looks like them; each names what it is. They are global, for
 * `search` and `replace`: `test` would go on where it stopped in another text.
 */
export const issuedSecrets: readonly Named[] = [
  ["a private key", /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY/g],
  ["an AWS key", /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/g],
  ["a GitHub token", /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})\b/g],
  ["a GitLab token", /\bgl(?:pat|ptt|rt|dt|soat)-[\w-]{20,}/g],
  ["a Slack token", /\bxox[abeoprs]-[\w-]{10,}|hooks\.slack\.com\/services\/T\w+\/B\w+\/\w+/g],
  ["a Google key", /\bAIza[\w-]{35}\b|\bya29\.[\w-]{20,}/g],
  ["a Stripe key", /\b[rs]k_live_[A-Za-z0-9]{20,}/g],
  [
    "a key of a model provider",
    /\b(?:sk-(?:ant-|proj-|svcacct-)?[A-Za-z0-9_-]{32,}|(?:pa|al)-[A-Za-z0-9_-]{40,})\b/g,
  ],
  ["an npm or PyPI token", /\bnpm_[A-Za-z0-9]{36}\b|\bpypi-[\w-]{50,}/g],
  ["a SendGrid or Twilio key", /\bSG\.[\w-]{22}\.[\w-]{43}\b|\bSK[0-9a-f]{32}\b/g],
  ["a signed web token", /\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{20,}/g],
  ["an Azure key", /\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,}={0,2}/g],
];

/** What may be one is not sent either. */
const patterns: readonly Named[] = [
  ...issuedSecrets,
  [
    "a password in an address",
    /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@'"<>{}$]{1,80}:[^\s:/@'"<>{}$*]{6,80}@[\w.-]+/i,
  ],
  [
    "a password",
    /\b(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?key|auth[_-]?token|client[_-]?secret)["']?\s{0,4}[:=]\s{0,4}["'](?=[^"'\s]*\d)(?=[^"'\s]*[A-Za-z])[^"'\s{}<>$()]{16,200}["']/i,
  ],
];

/** What a text holds that must stay here; undefined when it may be sent. */
export function reasonToWithhold(text: string): string | undefined {
  return patterns.find(([, pattern]) => text.search(pattern) >= 0)?.[0];
}
