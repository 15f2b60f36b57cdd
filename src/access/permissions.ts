/** Who may do what: the one table (docs/architecture.md, Access). */
export const ROLES = ['viewer', 'responder', 'commander', 'comms', 'admin', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

export const PERMISSIONS = {
  /** See alerts, incidents, silos. */
  'security.see': ['viewer', 'responder', 'commander', 'comms', 'auditor'],
  /** See raw evidence; every look is recorded. */
  'evidence.see': ['responder', 'commander'],
  /** Work on incidents, acknowledge pages. */
  'incidents.work': ['responder', 'commander'],
  /** Approve containment, close incidents. */
  'containment.approve': ['commander'],
  /** Write and approve customer notices (never one's own). */
  'notices.write': ['commander', 'comms'],
  /** Rules, silos, users, schedules, settings. */
  'settings.change': ['admin'],
  /** Read the audit trail and promise evidence. */
  'trail.read': ['admin', 'auditor'],
  /** Read and answer reports of the disclosure desk. */
  'disclosure.work': ['responder', 'commander', 'comms'],
  /** One's own session, profile and factors: every role. */
  self: ROLES,
} as const satisfies Record<string, readonly Role[]>;
export type Permission = keyof typeof PERMISSIONS;

/** Whether any of `roles` grants `permission`. */
export function may(roles: readonly Role[], permission: Permission): boolean {
  const granted: readonly Role[] = PERMISSIONS[permission];
  return roles.some((role) => granted.includes(role));
}
