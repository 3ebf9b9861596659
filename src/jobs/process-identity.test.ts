/** Who counts as dead: only a process that certainly has ended. */
import { execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { isDead, ownIdentity } from "./process-identity.ts";

it("knows the living, the dead, and who only has the process id of a dead one", async () => {
  expect(isDead(ownIdentity)).toBe(false);
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => child.once("exit", resolve));
  expect(isDead({ ...ownIdentity, pid: child.pid ?? 0 })).toBe(true);
  expect(isDead({ ...ownIdentity, host: "another", pid: child.pid ?? 0 })).toBe(false);
  expect(isDead({ ...ownIdentity, start: `${ownIdentity.start}0` })).toBe(process.platform === "linux");
});

it.skipIf(process.platform !== "linux")(
  "takes nobody for dead because it cannot look (no file handle is left)",
  () => {
    const module = fileURLToPath(new URL("../../dist/jobs/process-identity.js", import.meta.url));
    const script = `
    import { openSync } from "node:fs";
    import { isDead } from ${JSON.stringify(module)};
    let problem;
    while (problem === undefined) try { openSync("/dev/null") } catch (error) { problem = error.code }
    process.stdout.write(problem + " " + isDead(${JSON.stringify(ownIdentity)}));`;
    const args = ["-c", 'ulimit -n 60; exec "$0" --input-type=module -e "$1"', process.execPath, script];
    expect(execFileSync("bash", args, { encoding: "utf8" })).toBe("EMFILE false");
  },
);
