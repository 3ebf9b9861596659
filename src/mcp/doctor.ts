/** Looks at this machine: each check is run by itself, under a time limit, and a check that breaks is a finding too. */
import { hideHome } from "./failures.ts";

export interface DoctorFinding {
  readonly ok: boolean;
  readonly detail: string;
  /** What to do; shown when `ok` is false. */
  readonly remedy?: string;
}

/** One look at this machine; a throw counts as not ok. */
export interface DoctorCheck {
  readonly name: string;
  run(): Promise<DoctorFinding> | DoctorFinding;
}

export interface DoctorReport {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
    readonly remedy: string | null;
  }[];
}

const checkLimitMs = 15_000;

/** Never throws. The order is that of the checks. */
export async function examine(checks: readonly DoctorCheck[]): Promise<DoctorReport> {
  const report: DoctorReport["checks"][number][] = [];
  for (const check of checks) {
    const { ok, detail, remedy } = await look(check);
    report.push({
      name: check.name,
      ok,
      detail: hideHome(detail),
      remedy: ok ? null : (remedy ?? null),
    });
  }
  return { ok: report.every((one) => one.ok), checks: report };
}

async function look(check: DoctorCheck): Promise<DoctorFinding> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<DoctorFinding>((resolve) => {
      timer = setTimeout(
        () => resolve({ ok: false, detail: `no answer within ${checkLimitMs / 1000} s` }),
        checkLimitMs,
      );
    });
    return await Promise.race([Promise.resolve().then(() => check.run()), late]);
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
