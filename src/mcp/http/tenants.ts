/** Everything that calls may touch, opened once a tenant at its first call. */
import type { ToolDeps } from "../tool.ts";

export interface Tenants {
  of(tenant: string): Promise<ToolDeps>;
  close(): Promise<void>;
}

export function openTenants(open: (tenant: string) => Promise<ToolDeps>): Tenants {
  const opened = new Map<string, Promise<ToolDeps>>();
  const of = (tenant: string) => {
    let deps = opened.get(tenant);
    if (deps === undefined) {
      deps = open(tenant);
      opened.set(tenant, deps);
      // The next call tries again.
      deps.catch(() => opened.delete(tenant));
    }
    return deps;
  };
  const close = async () => {
    const all = await Promise.allSettled(opened.values());
    await Promise.all(all.map(async (one) => (one.status === "fulfilled" ? one.value.close() : undefined)));
  };
  return { of, close };
}
