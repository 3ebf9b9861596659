/** A file over the parse limit takes no more memory the larger it is: 60 MiB, when all caches are full, stay near what 24 MiB take. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { childFlags } from "../../src/child-tuning.ts";

const MiB = 1024 * 1024;
const script = fileURLToPath(new URL("../fixtures/index-once.mjs", import.meta.url));

let top: string;
beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "large-file-")));
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

async function peakOf(mebibytes: number): Promise<number> {
  const root = join(top, `of-${mebibytes}`);
  mkdirSync(root);
  for (let part = 0; part < mebibytes; part += 1) {
    const line = (index: number) =>
      `#define REGISTER_${part}_${index}__SHIFT 0x${(index * 7919).toString(16)}\n`;
    const text = Array.from({ length: MiB / 40 }, (_, index) => line(index)).join("");
    writeFileSync(join(root, "registers.h"), text.slice(0, MiB), { flag: "a" });
  }
  // As our children are: a young generation that only grows with the work would count as memory of the larger file.
  const child = fork(script, [join(top, `data-${mebibytes}`), root], { execArgv: [...childFlags] });
  const [answer] = (await once(child, "message")) as [{ peakBytes: number; files: number; seconds: number }];
  process.stderr.write(`${mebibytes} MiB: ${Math.round(answer.peakBytes / MiB)} MiB, ${answer.seconds} s\n`);
  expect(answer.files).toBe(1);
  return answer.peakBytes;
}

it("takes no more memory the larger it is", async () => {
  const [few, many] = [await peakOf(24), await peakOf(60)];
  expect(many - few).toBeLessThan(64 * MiB);
});
