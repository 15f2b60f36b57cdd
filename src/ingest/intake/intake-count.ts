import { DomainError } from '../../platform/errors/domain-error.js';
import type { PreparedUnit } from './prepare-unit.js';

/** Records: the first three. Requests: the others. */
export const INTAKE_OUTCOMES = ['accepted', 'put_aside', 'left_out', 'rejected', 'throttled'] as const;
export type IntakeOutcomeKind = (typeof INTAKE_OUTCOMES)[number];

/** So many records or requests of a silo with one outcome. */
export interface IntakeCount {
  readonly outcome: IntakeOutcomeKind;
  /** The records' fault, the answer's code, the bound that was met; `none` of accepted records. */
  readonly reason: string;
  readonly count: number;
}

/** What became of the records of a body that was taken: a few kinds, however many records. */
export function countRecords(prepared: readonly PreparedUnit[]): readonly IntakeCount[] {
  const counts = new Map<string, IntakeCount>();
  for (const { fault, value } of prepared) {
    const outcome = fault === undefined ? 'accepted' : value === undefined ? 'left_out' : 'put_aside';
    const reason = fault ?? 'none';
    const key = `${outcome} ${reason}`;
    counts.set(key, { outcome, reason, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}

/** A request that was refused for what it was; undefined where it was not the silo's doing. */
export function countRefusal(error: unknown): IntakeCount | undefined {
  if (!(error instanceof DomainError) || !error.code.startsWith('INTAKE_')) return undefined;
  if (error.code === 'INTAKE_LOG_UNAVAILABLE') return undefined;
  if (error.code === 'INTAKE_THROTTLED') {
    return { outcome: 'throttled', reason: String(error.details['why']), count: 1 };
  }
  return { outcome: 'rejected', reason: error.code.slice('INTAKE_'.length).toLowerCase(), count: 1 };
}
