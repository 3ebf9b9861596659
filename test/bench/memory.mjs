/**
 * Peak resident memory, in bytes, of all processes that carry this CAMBIUM_HOME, sampled from /proc every 50 ms
 * (Linux only). Shared pages are counted once a process, so the figure is on the high side.
 */
import { readdirSync, readFileSync } from "node:fs";

export function watchMemory(home) {
  const marker = `CAMBIUM_HOME=${home}\0`;
  const known = new Map();
  let peak = 0;
  const sample = () => {
    let sum = 0;
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        if (!known.get(pid)) known.set(pid, readFileSync(`/proc/${pid}/environ`, "latin1").includes(marker));
        if (!known.get(pid)) continue;
        sum += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0) * 1024;
      } catch {
        known.delete(pid);
      }
    }
    peak = Math.max(peak, sum);
  };
  const timer = process.platform === "linux" ? setInterval(sample, 50) : undefined;
  return {
    stop: () => {
      clearInterval(timer);
      return peak;
    },
  };
}
