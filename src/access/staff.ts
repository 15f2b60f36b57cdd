import type { Scope } from '../platform/database/scope.js';
import type { Role } from './permissions.js';

/** A signed-in member of staff, as the guard found them. */
export interface Staff {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly Role[];
  /** Silos this account is limited to. */
  readonly tenants: 'all' | readonly string[];
  readonly sessionId: string;
  /** Client address, for the trail. */
  readonly ip: string;
}

/** The transaction scope of what this person asks for. */
export const scopeOf = (staff: Staff): Scope => ({ kind: 'staff', staffId: staff.id, tenants: staff.tenants });
