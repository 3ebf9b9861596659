/** Which index file a folder belongs to: worktrees of one git repository share one, so that they share blobs. */
import { createHash } from "node:crypto";
import { findRepository } from "../../git-folder.ts";

/** File name of the index for `root`, a real path. */
export function indexFileName(root: string): string {
  const family = findRepository(root)?.commonFolder ?? root;
  return `${createHash("sha256").update(family).digest("hex").slice(0, 16)}.db`;
}
