/** The types of `kinds.mjs`, for the tests. */
import type { KindSpec } from "../../src/jobs/task.ts";

export const kinds: readonly KindSpec[];
