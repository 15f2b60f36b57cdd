import { findEntry } from './catalogue.js';

/** An audit record of the silo, reduced to what proof needs. */
export interface AuditFacts {
  readonly action: string;
  readonly outcome: string;
  readonly timeMs: number;
  readonly subjects: {
    readonly session: string | null;
    readonly user: string | null;
    readonly target: string | null;
    readonly ip: string | null;
  };
}

export interface SeenRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly sha256: string;
  readonly timeMs: number;
  readonly action: string;
}

/** What the silo's own records said so far. */
export interface Proof {
  /** The record that shows the effect. */
  readonly shown: SeenRecord | null;
  /** The latest success of what the action should have stopped. */
  readonly lastSuccess: SeenRecord | null;
}

/** Requests that were under way when the effect came may still be recorded; later ones contradict it. */
const UNDER_WAY_MS = 2_000;

const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : null;
const part = (value: unknown): Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** Reads an audit record (docs: the audit record, version 1). Null for what is none. Its own time counts, since all are of one silo's clock. */
export function readAudit(raw: string, arrivedAtMs: number): AuditFacts | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(raw);
  } catch {
    return null;
  }
  const record = part(parsed);
  const action = record['action'];
  if (typeof action !== 'string' || action === '') return null;
  const own = Date.parse(text(record['time']) ?? '');
  // A clock that runs ahead would let a later event look earlier than it is: never past its arrival.
  const timeMs = Number.isFinite(own) ? Math.min(own, arrivedAtMs) : arrivedAtMs;
  const actor = part(record['actor']);
  return {
    action,
    outcome: text(record['outcome']) ?? '',
    timeMs,
    subjects: {
      session: text(actor['session']),
      user: text(actor['id']),
      target: text(part(record['target'])['id']),
      ip: text(record['ip']),
    },
  };
}

/** The value of a target that says whom the action is about. */
export function subjectOf(kind: string, target: Readonly<Record<string, unknown>>): string {
  return text(target[findEntry(kind)?.subject ?? '']) ?? '';
}

/** Whether the record shows that the action took effect: the right words about the right subject. */
function shows(kind: string, subject: string, facts: AuditFacts): boolean {
  const entry = findEntry(kind);
  if (entry === undefined || facts.outcome !== 'success' || !entry.proof.includes(facts.action)) return false;
  if (facts.subjects.target === subject) return true;
  // Someone who signs out ends their own session; the record then names it as the actor's.
  return kind === 'session.revoke' && facts.subjects.target === null && facts.subjects.session === subject;
}

/** Whether the record is a success of what the action should have stopped. Refusals are what one hopes to see. */
function succeeds(kind: string, subject: string, facts: AuditFacts): boolean {
  if (facts.outcome !== 'success') return false;
  switch (kind) {
    case 'session.revoke':
      return facts.subjects.session === subject;
    case 'account.disable':
      return facts.subjects.user === subject;
    case 'address.block':
      return facts.subjects.ip === subject;
    default:
      return false;
  }
}

/** Takes one record into account. */
export function withRecord(
  proof: Proof,
  kind: string,
  subject: string,
  facts: AuditFacts,
  at: Omit<SeenRecord, 'timeMs' | 'action'>,
): Proof {
  const seen: SeenRecord = { ...at, timeMs: facts.timeMs, action: facts.action };
  if (shows(kind, subject, facts)) return proof.shown === null ? { ...proof, shown: seen } : proof;
  if (!succeeds(kind, subject, facts)) return proof;
  return proof.lastSuccess === null || proof.lastSuccess.timeMs < facts.timeMs
    ? { ...proof, lastSuccess: seen }
    : proof;
}

/** The record that contradicts the effect, if there is one. */
export function contradiction({ shown, lastSuccess }: Proof): SeenRecord | null {
  if (shown === null || lastSuccess === null) return null;
  return lastSuccess.timeMs > shown.timeMs + UNDER_WAY_MS ? lastSuccess : null;
}

export type Judgement =
  | { readonly kind: 'wait' }
  | { readonly kind: 'verified'; readonly by: SeenRecord }
  | { readonly kind: 'contradicted'; readonly by: SeenRecord }
  | { readonly kind: 'unproven' };

/** What the silo's records say of the action now. `hasReadAll`: they are read to their end. */
export function judge(
  proof: Proof,
  facts: {
    readonly hasReadAll: boolean;
    readonly isAcknowledged: boolean;
    readonly startedAtMs: number;
    readonly nowMs: number;
    /** So long nothing may contradict. */
    readonly settleMs: number;
    /** So long proof may take after the start. */
    readonly patienceMs: number;
  },
): Judgement {
  const against = contradiction(proof);
  if (against !== null) return { kind: 'contradicted', by: against };
  if (proof.shown !== null) {
    const isSettled = facts.hasReadAll && facts.nowMs >= proof.shown.timeMs + facts.settleMs;
    return isSettled ? { kind: 'verified', by: proof.shown } : { kind: 'wait' };
  }
  const isLate = facts.nowMs >= facts.startedAtMs + facts.patienceMs;
  return facts.isAcknowledged && facts.hasReadAll && isLate ? { kind: 'unproven' } : { kind: 'wait' };
}
