import type { Change } from '../platform/live/live.js';
import { may, type Permission } from './permissions.js';
import type { Staff } from './staff.js';

/** Who is told of a topic: those who may read what the id leads to. */
const PERMISSION_BY_TOPIC: Readonly<Record<Change['topic'], Permission>> = {
  incident: 'security.see',
  alert: 'security.see',
  page: 'security.see',
  silo: 'security.see',
  notice: 'security.see',
  action: 'security.see',
  schedule: 'security.see',
  report: 'disclosure.work',
  user: 'settings.change',
};

const PERMISSIONS_OF: ReadonlyMap<string, Permission> = new Map(Object.entries(PERMISSION_BY_TOPIC));

/** Whether a person may know that this changed: by role, and by silo where the change concerns some. */
export function mayHear(staff: Pick<Staff, 'roles' | 'tenants'>, change: Change): boolean {
  const permission = PERMISSIONS_OF.get(change.topic);
  if (permission === undefined || !may(staff.roles, permission)) return false;
  const { tenants } = staff;
  return tenants === 'all' || change.tenants.length === 0 || change.tenants.some((tenant) => tenants.includes(tenant));
}

export interface Kept {
  readonly id: string;
  readonly change: Change;
}

const MAX_KEPT = 1000;

/** The latest changes, so that a page whose connection broke for a moment misses none. */
export class LiveHistory {
  readonly #instance: string;
  #kept: Kept[] = [];
  #next = 1;

  /** `instance` tells this process's numbers from another's. */
  constructor(instance: string) {
    this.#instance = instance;
  }

  add(change: Change): Kept {
    const kept = { id: `${this.#instance}-${this.#next}`, change };
    this.#next += 1;
    this.#kept.push(kept);
    if (this.#kept.length > MAX_KEPT) this.#kept.shift();
    return kept;
  }

  /** What came after `lastId`; nothing for a page that has just loaded; undefined when it cannot be known. */
  since(lastId: string | undefined): readonly Kept[] | undefined {
    if (lastId === undefined) return [];
    const at = this.#kept.findIndex(({ id }) => id === lastId);
    return at === -1 ? undefined : this.#kept.slice(at + 1);
  }

  forget(): void {
    this.#kept = [];
  }
}
