/** Real sources as input: packages that `npm ci` has brought, copied so that no ignore rule applies to them. */
import { cpSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "node_modules");

/** About 1,800 files and 9 MB of TypeScript and JavaScript with all three packages. */
export function copyPackages(into: string, packages: readonly string[] = ["zod", "bullmq", "hono"]): string {
  for (const name of packages) {
    cpSync(join(modules, name), join(into, name), {
      recursive: true,
      filter: (path) =>
        !path
          .slice(modules.length + 1)
          .slice(name.length)
          .includes("node_modules"),
    });
  }
  return into;
}
