import { hash } from 'node:crypto';
import type { Consumer, Firing, Level } from '../../sigma/index.js';
import type { Alert } from './alert.js';
import type { Group } from '../group.js';

/** An alert before it is written: without what only the database or the clock knows. */
export type AlertDraft = Omit<Alert, 'id' | 'createdAt' | 'incidentId' | 'verdict'> & {
  readonly identity: string;
  /** Arrival of the record that decided it. */
  readonly arrivalMs: number;
  /** Trace of the signal that decided it; undefined when it has none. */
  readonly traceparent: string | undefined;
};

const DEFAULT_GROUPING_MS = 60 * 60 * 1000;
const GRAVE: readonly Level[] = ['high', 'critical'];

/** The same parts give the same alert, over restarts, replays and rules whose text has changed. */
export const alertIdentity = (parts: readonly (string | number)[]): string => hash('sha256', JSON.stringify(parts));

export interface FiringContext {
  /** Whose signal it was; undefined when a window's end decided. */
  readonly tenant: string | undefined;
  readonly isLate: boolean;
  readonly traceparent: string | undefined;
}

/** The alerts that a firing makes: one for each silo that took part in what opened it, then one for the silo that goes on. */
export function draftsOf(
  consumer: Consumer,
  group: Group,
  firing: Firing,
  context: FiringContext,
): readonly AlertDraft[] {
  const tenants =
    firing.continues && context.tenant !== undefined
      ? [context.tenant]
      : Object.keys(group.parts).filter((tenant) => (group.parts[tenant]?.lastMs ?? 0) >= firing.firstMs);
  return tenants.map((tenant) => draftOf(consumer, group, firing, tenant, context));
}

function draftOf(
  consumer: Consumer,
  group: Group,
  firing: Firing,
  tenant: string,
  { isLate, traceparent }: FiringContext,
): AlertDraft {
  const { id, title, level, status, tags, silowatch } = consumer.correlation;
  const part = group.parts[tenant];
  const lastMs = Math.max(firing.timeMs, firing.firstMs);
  return {
    identity: alertIdentity([id, tenant, ...group.group, firing.sequence]),
    tenant,
    ruleId: id,
    ruleTitle: firing.reason === 'saturated' ? `${title}: too many values to tell new ones any more` : title,
    level,
    status,
    tags,
    promises: silowatch.promise,
    entities: part?.entities ?? [],
    group: group.group,
    firstEventAt: new Date(firing.firstMs),
    lastEventAt: new Date(lastMs),
    count: firing.count,
    respond: silowatch.respond ?? null,
    groupingMs: silowatch.incident?.groupingMs ?? DEFAULT_GROUPING_MS,
    containment: silowatch.incident?.containment ?? [],
    playbook: silowatch.incident?.playbook ?? null,
    opensIncident: status === 'stable' && GRAVE.includes(level),
    isLate,
    sampleEvents: part?.samples ?? [],
    arrivalMs: group.lastArrivalMs,
    traceparent,
  };
}

/** Two drafts of one alert within a batch, as one. */
export function mergeDrafts(earlier: AlertDraft, later: AlertDraft): AlertDraft {
  return {
    ...later,
    count: Math.max(earlier.count, later.count),
    firstEventAt: earlier.firstEventAt < later.firstEventAt ? earlier.firstEventAt : later.firstEventAt,
    lastEventAt: earlier.lastEventAt > later.lastEventAt ? earlier.lastEventAt : later.lastEventAt,
    arrivalMs: earlier.arrivalMs,
    traceparent: earlier.traceparent ?? later.traceparent,
  };
}
