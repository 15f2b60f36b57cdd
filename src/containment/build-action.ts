import { canonicalJson, commandHash } from './canonical-json.js';
import { commandOf, type CatalogueEntry } from './catalogue.js';
import type { ContainmentAction } from './action.js';

export interface ActionGrounds {
  readonly id: string;
  readonly incident: { readonly id: string; readonly number: string };
  readonly tenant: string;
  readonly target: Readonly<Record<string, unknown>>;
  readonly proposer: ContainmentAction['proposer'];
  readonly undoes: string | null;
  readonly now: Date;
}

/** A proposed action with the bytes that will be sent if it is approved. */
export function buildAction(entry: CatalogueEntry, grounds: ActionGrounds): ContainmentAction {
  const { id, incident, tenant, target } = grounds;
  const command = canonicalJson(commandOf(entry, target, { id, incidentNumber: incident.number, tenant }));
  return {
    id,
    incidentId: incident.id,
    tenant,
    identity: `${tenant}|${entry.kind}|${canonicalJson(target)}`,
    kind: entry.kind,
    target,
    command,
    commandHash: commandHash(tenant, command),
    needs: entry.needs,
    state: 'proposed',
    isAutomatic: false,
    proposer: grounds.proposer,
    proposedAt: grounds.now,
    approvedAt: null,
    sentAt: null,
    expiresAt: null,
    attempts: 0,
    silenceNotedAt: null,
    acknowledgedAt: null,
    result: null,
    verifiedAt: null,
    verification: null,
    evidence: [],
    reason: null,
    byHand: null,
    undoes: grounds.undoes,
    version: 1,
  };
}

interface AlertGrounds {
  readonly tenant: string;
  readonly containment: readonly string[];
  readonly entities: readonly { readonly kind: string; readonly value: string }[];
}

/** What an alert's rule proposes, one target per entity that it names; kinds that need more than the alert says are left to people. */
export function proposalsOf(
  alert: AlertGrounds,
  find: (kind: string) => CatalogueEntry | undefined,
): readonly { readonly entry: CatalogueEntry; readonly target: Readonly<Record<string, unknown>> }[] {
  return alert.containment
    .map(find)
    .filter((entry) => entry !== undefined)
    .flatMap((entry) => {
      const values =
        entry.entity === null
          ? [alert.tenant]
          : alert.entities.filter(({ kind }) => kind === entry.entity).map(({ value }) => value);
      return [...new Set(values)].map((value) => ({ entry, target: { [entry.subject]: value } }));
    })
    .filter(({ entry, target }) => entry.target.safeParse(target).success);
}
