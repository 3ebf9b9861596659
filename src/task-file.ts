/** Which file the tasks stand in. It loads nothing, as what asks may have to start fast. */
import { join } from "node:path";

/** The file behind `sqlite:`, which may name another one than that of the data folder; undefined for a server. */
export const taskFileOf = (url: string, home: string): string | undefined =>
  url.startsWith("sqlite:") ? url.slice("sqlite:".length) || join(home, "tasks.db") : undefined;
