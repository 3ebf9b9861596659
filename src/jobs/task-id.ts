/** The ids of tasks, which tell the tenant, so that who reads events need not look every task up. */
import { createHash, randomUUID } from "node:crypto";

const withTenant = (tenant: string, id: string) => (tenant === "" ? id : `${tenant}.${id}`);

export const newTaskId = (tenant: string): string => withTenant(tenant, randomUUID().replaceAll("-", ""));

/** The id of a task that must come into being once, however often it is added. */
export const derivedTaskId = (tenant: string, ...from: readonly string[]): string =>
  withTenant(tenant, digest(...from));

export const digest = (...from: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(from)).digest("hex").slice(0, 32);

/** A name that BullMQ's scheduler ids, and so the ids of a schedule's runs, begin with. */
export const schedulePrefix = (tenant: string): string => (tenant === "" ? "" : `@${tenant}/`);

/** BullMQ names a schedule's run `repeat:<schedule>:<time>`. */
export const isScheduledId = (id: string): boolean => id.startsWith("repeat:");

/** Also of the id of a part, which begins with its task's. Undefined for what is no id of ours. */
export function readTaskId(
  id: string,
): { readonly taskId: string; readonly tenant: string; readonly isPart: boolean } | undefined {
  const found =
    /^((?:([\w-]+)\.)?[0-9a-f]{32})(-.+)?$/.exec(id) ??
    /^(repeat:(?:@([\w-]+)\/)?[\w.-]+:\d+)(-.+)?$/.exec(id);
  if (found === null) return undefined;
  const [, taskId = "", tenant = "", part] = found;
  return { taskId, tenant, isPart: part !== undefined };
}
