/**
 * Jobs of the service that need rows of several silos. Each name is a row of `silowatch.system_jobs` (with its reason) and is
 * named in the row-level-security policy of every table that it may touch; a name missing there sees nothing.
 */
export type SystemJob =
  | 'sign-in'
  | 'silo-directory'
  | 'ingest'
  | 'intake'
  | 'correlate'
  | 'incident-sweep'
  | 'containment'
  | 'paging'
  | 'notices'
  | 'disclosure'
  | 'public-link'
  | 'audit-sealer'
  | 'operator';

/** Whose eyes a transaction has. A transaction without a scope sees no tenant's row at all. */
export type Scope =
  | { readonly kind: 'silo'; readonly tenant: string }
  | { readonly kind: 'staff'; readonly staffId: string; readonly tenants: 'all' | readonly string[] }
  | { readonly kind: 'system'; readonly job: SystemJob };

export const silo = (tenant: string): Scope => ({ kind: 'silo', tenant });
export const system = (job: SystemJob): Scope => ({ kind: 'system', job });

/** The two settings that the policies read (`silowatch.scope`, `silowatch.tenants`). */
export function settings(scope: Scope): { readonly scope: string; readonly tenants: string } {
  switch (scope.kind) {
    case 'silo':
      return { scope: `silo:${scope.tenant}`, tenants: scope.tenant };
    case 'staff':
      return { scope: `staff:${scope.staffId}`, tenants: scope.tenants === 'all' ? '*' : scope.tenants.join(',') };
    case 'system':
      return { scope: `system:${scope.job}`, tenants: '' };
  }
}
