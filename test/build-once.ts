/** Builds `dist/` before the tests, as forked children and the end-to-end tests run the built program. */
import { execFileSync } from "node:child_process";

export default function buildOnce(): void {
  execFileSync("npm", ["run", "build", "--silent"], { stdio: "inherit" });
}
