/** Everything that calls may touch, opened once a tenant and its folders at the first call. */
import type { ToolDeps } from "../tool.ts";

export interface Tenant {
  readonly tenant: string;
  /** The folders that its calls may touch; those of the server where none are given. */
  readonly roots?: readonly string[];
}

export interface Tenants {
  of(tenant: Tenant): Promise<ToolDeps>;
  close(): Promise<void>;
}

export function openTenants(open: (tenant: Tenant) => Promise<ToolDeps>): Tenants {
  const opened = new Map<string, Promise<ToolDeps>>();
  const of = ({ tenant, roots }: Tenant) => {
    const key = JSON.stringify([tenant, roots]);
    let deps = opened.get(key);
    if (deps === undefined) {
      deps = open(roots === undefined ? { tenant } : { tenant, roots });
      opened.set(key, deps);
      // The next call tries again.
      deps.catch(() => opened.delete(key));
    }
    return deps;
  };
  const close = async () => {
    const all = await Promise.allSettled(opened.values());
    await Promise.all(all.map(async (one) => (one.status === "fulfilled" ? one.value.close() : undefined)));
  };
  return { of, close };
}
