import type { DomainError } from '../../platform/errors/domain-error.js';
import * as refusal from './intake.errors.js';
import { MAX_UNITS, type ReadBody, type Unit, type UnitFault } from './unit.js';

/** What became of a body of which at least one record could be used, or that held none. */
export interface IntakeOutcome {
  readonly units: readonly Unit[];
  /** One per unit, in order; undefined for a record that the log has acknowledged and that can be used. */
  readonly faults: readonly (UnitFault | undefined)[];
}

/** What a form read; throws a DomainError for a body that is none. */
export function unitsOf(read: ReadBody): readonly Unit[] {
  if (read.ok) return read.units;
  switch (read.fault) {
    case 'empty':
      throw refusal.bodyEmpty();
    case 'too_many':
      throw refusal.tooManyRecords(MAX_UNITS);
    case 'too_dense':
      throw refusal.bodyTooDense();
    case 'media_type':
      throw refusal.mediaTypeRefused('The Content-Type must be one that this path takes; see the API document');
    case 'malformed':
      throw refusal.bodyInvalid(read.line, 'malformed');
  }
}

/** Places at fault, as answers list them. */
export function faultsByPlace({ units, faults }: IntakeOutcome, limit = 100): { line: number; reason: UnitFault }[] {
  const found: { line: number; reason: UnitFault }[] = [];
  for (const [index, reason] of faults.entries()) {
    if (reason === undefined) continue;
    if (found.length === limit) break;
    found.push({ line: units[index]?.place ?? index + 1, reason });
  }
  return found;
}

/**
 * What a body without one usable record is answered with, so that a misconfigured shipper hears of it; undefined for any other. Its records are put aside
 * like those that are at fault beside good ones, since many shippers drop what was refused.
 */
export function uselessness(outcome: IntakeOutcome): DomainError | undefined {
  if (outcome.units.length === 0 || outcome.faults.includes(undefined)) return undefined;
  const errors = faultsByPlace(outcome);
  const [first] = errors;
  if (first === undefined) return undefined;
  const isTooLarge = outcome.faults.every((reason) => reason === 'too_large');
  return isTooLarge ? refusal.recordTooLarge(first.line) : refusal.recordsUseless(first.line, first.reason, errors);
}
