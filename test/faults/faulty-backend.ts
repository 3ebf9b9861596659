/** A queue store whose members throw when the test says so, before or after they have done what they do. */
import type { IQueueBackend } from "bullmq";
import type { QueueConnection } from "../../src/jobs/job-store.ts";

export interface Fault {
  readonly member: string;
  /** Counted from 1, from the moment when the fault was armed. */
  readonly call: number;
  /** `before`: nothing has happened in the store; `after`: it has, but the answer is lost. */
  readonly when: "before" | "after";
}

/** The life of a backend rather than its work: a connection that breaks there is what T-OUTAGE is about. */
const spared = new Set([
  "close",
  "disconnect",
  "disconnectBlocking",
  "reconnectBlocking",
  "setName",
  "getClientList",
]);

export class Faults {
  /** How often each member was called since the last `arm`. */
  readonly calls = new Map<string, number>();
  #fault: Fault | undefined;
  #fired = false;

  /** Undefined only counts. */
  arm(fault: Fault | undefined): void {
    this.calls.clear();
    this.#fault = fault;
    this.#fired = false;
  }

  get fired(): boolean {
    return this.#fired;
  }

  wrap(through: QueueConnection): QueueConnection {
    const { connection, backend } = through;
    return { connection, backend: (...given) => this.#wrapBackend(backend(...given)) };
  }

  #wrapBackend(backend: IQueueBackend): IQueueBackend {
    const wrapped = new Map<string | symbol, unknown>();
    return new Proxy(backend, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function" || typeof name !== "string") return value;
        const known = wrapped.get(name);
        if (known !== undefined) return known;
        const member = this.#wrapMember(target, name, value as (...given: unknown[]) => unknown);
        wrapped.set(name, member);
        return member;
      },
      set: (target, name, value) => {
        wrapped.delete(name);
        return Reflect.set(target, name, value, target);
      },
    });
  }

  #wrapMember(target: IQueueBackend, name: string, member: (...given: unknown[]) => unknown) {
    return (...given: unknown[]): unknown => {
      if (name === "forQueue") return this.#wrapBackend(member.apply(target, given) as IQueueBackend);
      if (spared.has(name)) return member.apply(target, given);
      if (this.#isDue(name, "before")) return Promise.reject(injected(name));
      const result = member.apply(target, given);
      if (!(result instanceof Promise)) return result;
      const call = this.#count(name);
      if (!this.#isCall(name, call, "after")) return result;
      this.#fired = true;
      return result.then(() => Promise.reject(injected(name)));
    };
  }

  #count(name: string): number {
    const call = (this.calls.get(name) ?? 0) + 1;
    this.calls.set(name, call);
    return call;
  }

  #isCall(name: string, call: number, when: Fault["when"]): boolean {
    const fault = this.#fault;
    return fault?.member === name && fault.call === call && fault.when === when && !this.#fired;
  }

  #isDue(name: string, when: Fault["when"]): boolean {
    if (!this.#isCall(name, (this.calls.get(name) ?? 0) + 1, when)) return false;
    this.#fired = true;
    return true;
  }
}

const injected = (name: string) => new Error(`injected: ${name}`);
export const isInjected = (error: unknown): boolean => /injected: /.test(String((error as Error)?.message));
