/** Looks at the served queues on each beat: lets old jobs through, sizes the pool, and notices a queue that is stuck. */
import { letOldOnesThrough } from "./ageing.ts";
import type { Autoscaler } from "./autoscale.ts";
import type { JobQueue } from "./connection.ts";
import type { Consumers } from "./consumers.ts";
import { queueOf } from "./parts.ts";
import { lookAt, type QueueLook } from "./queue-look.ts";
import type { HeldJob } from "./running-worker.ts";
import { type Verdict, Watchdog } from "./watchdog.ts";

export interface SupervisorDeps {
  readonly queues: ReadonlyMap<string, JobQueue>;
  readonly consumers: Consumers;
  readonly held: () => { readonly active: readonly HeldJob[]; readonly reserved: readonly HeldJob[] };
  readonly pool: { readonly size: number };
  readonly resize: (size: number) => void;
  readonly ageingMs: number;
  readonly watchdogMs: number;
  readonly log: (line: string) => void;
  /** A queue has work, this worker has free hands, and new connections have not helped. */
  readonly onStuck: () => void;
}

export class Supervisor {
  readonly #deps: SupervisorDeps;
  readonly #watchdog: Watchdog;
  /** Undefined keeps the pool as it is. */
  autoscaler: Autoscaler | undefined;

  constructor(deps: SupervisorDeps) {
    this.#deps = deps;
    this.#watchdog = new Watchdog(deps.watchdogMs);
  }

  async beat(): Promise<void> {
    const { consumers, queues, ageingMs } = this.#deps;
    let waiting = 0;
    for (const name of consumers.queues) {
      const queue = queueOf(queues, name);
      const look = await lookAt(queue);
      waiting += look.waiting;
      await letOldOnesThrough(queue, look, ageingMs);
      this.#act(name, await this.#judge(name, queue, look));
    }
    this.#scale(waiting);
  }

  #scale(waiting: number): void {
    if (this.autoscaler === undefined) return;
    const { held, pool, resize } = this.#deps;
    const { active, reserved } = held();
    const load = { size: pool.size, busy: active.length, waiting: waiting + reserved.length };
    const size = this.autoscaler.next(load, performance.now());
    if (size !== pool.size) resize(size);
  }

  async #judge(name: string, queue: JobQueue, look: QueueLook): Promise<Verdict> {
    const { consumers, held, watchdogMs } = this.#deps;
    const { active, reserved } = held();
    const mine = [...active, ...reserved].filter((job) => job.queue === name).length;
    const hasFreeHands = consumers.hasFreeHands(name, mine);
    const now = performance.now();
    const takenAt = consumers.takenAt(name);
    const isSuspicious = look.waiting > 0 && hasFreeHands && now - takenAt > watchdogMs / 2;
    const takeable = isSuspicious && !(await isHeldBack(queue)) ? look.waiting : 0;
    return this.#watchdog.judge(name, { takeable, hasFreeHands, takenAt, now });
  }

  #act(name: string, verdict: Verdict): void {
    const { consumers, log, onStuck } = this.#deps;
    if (verdict === "well") return;
    log(`${name}: nothing of it was taken for ${this.#deps.watchdogMs / 1000} s though there is work`);
    if (verdict === "recycle") consumers.recycle(name);
    else onStuck();
  }
}

async function isHeldBack(queue: JobQueue): Promise<boolean> {
  return (await queue.isPaused()) || (await queue.isMaxed()) || (await queue.getRateLimitTtl()) > 0;
}
