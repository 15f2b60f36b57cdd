import type { Entity } from '../../detect/entity.js';
import type { Level, Status } from '../../sigma/index.js';

/** A raw record that an alert rests on: where it lies in the log, what its bytes hash to, and its text where it is short enough to keep. */
export interface SampleEvent {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** SHA-256 over the record's bytes, hex. */
  readonly sha256: string;
  readonly timeMs: number;
  /** At most 8 KiB; cut beyond, and empty where only the position is kept. */
  readonly raw: string;
  /** Id of the rule that the record matched. */
  readonly rule: string;
}

export const VERDICTS = ['true_positive', 'false_positive', 'benign'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What a correlation (the smallest is one match of a rule) found in one silo. */
export interface Alert {
  readonly id: string;
  readonly tenant: string;
  readonly ruleId: string;
  readonly ruleTitle: string;
  readonly level: Level;
  readonly status: Status;
  readonly tags: readonly string[];
  /** Ids of the promises to customers that it breaks. */
  readonly promises: readonly string[];
  readonly entities: readonly Entity[];
  /** The group-by values, in the rule's order. */
  readonly group: readonly string[];
  readonly firstEventAt: Date;
  readonly lastEventAt: Date;
  /** Matches counted into it so far. */
  readonly count: number;
  readonly createdAt: Date;
  readonly incidentId: string | null;
  readonly verdict: Verdict | null;
  /** The first thing a responder does. */
  readonly respond: string | null;
  /** How far apart in time alerts about the same entity belong to one incident, in milliseconds. */
  readonly groupingMs: number;
  /** Kinds of action that the rule proposes. */
  readonly containment: readonly string[];
  readonly playbook: string | null;
  readonly opensIncident: boolean;
  /** Its events were older than 15 minutes when they were first read: paged as one digest. */
  readonly isLate: boolean;
  /** The first and the latest few, at most 5. Evidence: shown to those who may see it, each look recorded. */
  readonly sampleEvents: readonly SampleEvent[];
}
