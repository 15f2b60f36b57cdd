import { SEVERITIES, type Severity } from './incident.js';

export interface SeverityGrounds {
  readonly level: string;
  /** How many silos the incident concerns. */
  readonly silos: number;
  /** Sigma tags of its rules, e.g. `attack.exfiltration`. */
  readonly tags: readonly string[];
  /** Ids of the promises its rules watch, e.g. `ISO-1`. */
  readonly promises: readonly string[];
}

const LEVEL_POINTS: Readonly<Record<string, number>> = { critical: 3, high: 2, medium: 1 };

/** Customers' data left, was changed or mixed up with another customer's. */
const DATA_TAGS = new Set(['attack.exfiltration', 'attack.collection', 'attack.impact']);
const DATA_PROMISES = /^(ISO|DATA)-/;

/** The severity to start with: the rule's level, one step up when customers' data is touched, one when more than one silo is hit. */
export function proposeSeverity(grounds: SeverityGrounds): Severity {
  const touchesData =
    grounds.tags.some((tag) => DATA_TAGS.has(tag)) || grounds.promises.some((promise) => DATA_PROMISES.test(promise));
  const points = (LEVEL_POINTS[grounds.level] ?? 0) + (touchesData ? 1 : 0) + (grounds.silos > 1 ? 1 : 0);
  return SEVERITIES[4 - Math.min(4, Math.max(1, points))] ?? 'SEV4';
}

/** Whether `a` is worse than `b`. */
export const isWorse = (a: Severity, b: Severity): boolean => SEVERITIES.indexOf(a) < SEVERITIES.indexOf(b);
