/** What can be set about a provider; empty, 0 or undefined means what is usual there. */
export interface ProviderSettings {
  /** Base address without a slash at its end, for example `http://127.0.0.1:11434/v1`. */
  readonly url: string;
  readonly key: string;
  readonly model: string;
  readonly dimensions: number;
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
  /** US dollars for a million tokens. */
  readonly price: number | undefined;
}
