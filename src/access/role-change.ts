import type { Account } from './account.js';
import type { Role } from './permissions.js';

/** What a wished change of rights takes away at once, and what it adds, which another admin must approve. */
export interface SplitChange {
  readonly now: { readonly roles: readonly Role[]; readonly tenants: Account['tenants'] };
  readonly later: { readonly roles: readonly Role[]; readonly tenants: Account['tenants'] | null } | undefined;
}

export function splitChange(
  account: Pick<Account, 'roles' | 'tenants'>,
  wished: { readonly roles: readonly Role[]; readonly tenants: Account['tenants'] },
): SplitChange {
  const added = wished.roles.filter((role) => !account.roles.includes(role));
  const kept = account.roles.filter((role) => wished.roles.includes(role));
  const isWider = widens(account.tenants, wished.tenants);
  return {
    now: { roles: kept, tenants: isWider ? account.tenants : wished.tenants },
    later: added.length > 0 || isWider ? { roles: added, tenants: isWider ? wished.tenants : null } : undefined,
  };
}

/** Whether `wished` reaches a silo that `present` does not. */
export function widens(present: Account['tenants'], wished: Account['tenants']): boolean {
  if (present === 'all') return false;
  return wished === 'all' || wished.some((tenant) => !present.includes(tenant));
}
