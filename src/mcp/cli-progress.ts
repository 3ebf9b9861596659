/** The progress of a task while somebody waits for it: a bar on a terminal, else a plain line every few seconds. */
import { SingleBar } from "cli-progress";
import type { Progress, TaskRecord } from "../jobs/task.ts";
import type { CliIo } from "./cli-session.ts";
import { sayDuration, sayRate, sayStanding } from "./task-view.ts";
import { grouped } from "./text.ts";

export interface ProgressReporter {
  show(task: TaskRecord): void;
  /** Leaves the line free for what comes next. */
  end(): void;
}

const lineEveryMs = 3000;

export function openProgress({ stderr, noColor }: CliIo): ProgressReporter {
  return stderr.isTTY === true ? openBar(stderr, noColor) : openLines(stderr);
}

function openLines(stderr: NodeJS.WritableStream): ProgressReporter {
  let phase: string | undefined;
  let wroteAt = Number.NEGATIVE_INFINITY;
  return {
    show: (task) => {
      const now = performance.now();
      const current = task.progress?.phase ?? task.state;
      if (current === phase && now - wroteAt < lineEveryMs) return;
      phase = current;
      wroteAt = now;
      stderr.write(`${sayStanding(task)}\n`);
    },
    end: () => {},
  };
}

function openBar(stream: NodeJS.WritableStream, noColor: boolean): ProgressReporter {
  const bar = new SingleBar({
    stream,
    format: `{phase} ${noColor ? "[{bar}]" : "\u001b[36m[{bar}]\u001b[0m"} {counts}{rest}`,
    barCompleteChar: "#",
    barIncompleteChar: "-",
    barsize: 24,
    hideCursor: true,
    fps: 10,
    autopadding: false,
  });
  let begun = false;
  return {
    show: ({ progress, state }) => {
      const { value, total, payload } = progress === null ? waiting(state) : barOf(progress);
      if (!begun) bar.start(total, value, payload);
      begun = true;
      bar.setTotal(total);
      bar.update(value, payload);
    },
    end: () => {
      if (begun) bar.stop();
    },
  };
}

function waiting(state: string) {
  const rest = state === "RETRY" ? " waits to try again" : state === "PENDING" ? " waiting for a worker" : "";
  return { value: 0, total: 1, payload: { phase: "start  ", counts: "", rest } };
}

/** While files are still being found, done and total are the same and the end is not known. */
function barOf({ phase, done, total, unit, rate, eta_seconds: eta, waiting_for: waitingFor }: Progress) {
  const known = phase !== "scan" && total > 0;
  const counts = known ? `${grouped(done)}/${grouped(total)} ${unit}` : `${grouped(done)} ${unit}`;
  const speed = rate === null ? "" : `  ${sayRate(rate)} ${unit}/s`;
  const end = eta === null || !known ? "" : `  ETA ${sayDuration(eta)}`;
  const pause = waitingFor === null ? "" : `  waiting for ${waitingFor}`;
  const payload = { phase: phase.padEnd(7), counts, rest: `${speed}${end}${pause}` };
  return { value: known ? done : 0, total: known ? total : 1, payload };
}
