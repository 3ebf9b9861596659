/** A queue backend whose failures are told in the words of this program, for the callers that show them to people. */
import type { IQueueBackend } from "bullmq";

/** What entrusts work to the store. */
const entrusting: ReadonlySet<PropertyKey> = new Set(["addJob", "addJobs", "addFlow", "addJobScheduler"]);

/**
 * `trust` is asked before each job that is entrusted to the store. Not for workers and event readers: BullMQ knows from
 * the driver's own errors when to connect again.
 */
export function explainedBackend<Backend extends IQueueBackend>(
  backend: Backend,
  explain: (error: unknown) => unknown,
  trust: () => Promise<unknown>,
): Backend {
  const known = new WeakMap<object, unknown>();
  const wrap = (name: PropertyKey, member: (...given: unknown[]) => unknown) => {
    const call = entrusting.has(name)
      ? (given: unknown[]) => trust().then(() => member.apply(backend, given))
      : (given: unknown[]) => member.apply(backend, given);
    const told = (...given: unknown[]) => {
      const answer = call(given);
      if (!(answer instanceof Promise)) return answer;
      return answer.catch((error: unknown) => {
        throw explain(error);
      });
    };
    known.set(member, told);
    return told;
  };
  return new Proxy(backend, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return known.get(member) ?? wrap(name, member as (...given: unknown[]) => unknown);
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}
