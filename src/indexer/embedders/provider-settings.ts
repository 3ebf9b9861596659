/** What can be set about a provider, and what holds where it is not. */
import type { EmbedderLimits } from "../embedder.ts";

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

type Pace = Pick<EmbedderLimits, "requestsPerMinute" | "tokensPerMinute">;

/** What is set, and the provider's usual limits for what is not. */
export const paceOf = (settings: ProviderSettings, usual: Pace): Pace => ({
  requestsPerMinute: settings.requestsPerMinute || usual.requestsPerMinute,
  tokensPerMinute: settings.tokensPerMinute || usual.tokensPerMinute,
});
