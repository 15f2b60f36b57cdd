import { planAttempt, planRecord } from '../../../src/ingest/read-attempt.js';

describe('the first batch after a start', () => {
  it('is taken whole when no earlier process died at it', () => {
    expect(planAttempt(undefined, 10, 19)).toEqual({ kind: 'batch', deaths: 1 });
    expect(planAttempt({ position: 5, deaths: 2, isSingle: false }, 10, 19)).toEqual({ kind: 'batch', deaths: 1 });
    expect(planAttempt({ position: 5, deaths: 2, isSingle: true }, 10, 19)).toEqual({ kind: 'batch', deaths: 1 });
  });

  it('is taken record by record when the process died at it three times', () => {
    expect(planAttempt({ position: 10, deaths: 1, isSingle: false }, 10, 19)).toEqual({ kind: 'batch', deaths: 2 });
    expect(planAttempt({ position: 10, deaths: 3, isSingle: false }, 10, 19)).toEqual({
      kind: 'singly',
      suspect: undefined,
    });
  });

  it('puts aside the one record at which the process died three times, and no other', () => {
    const plan = planAttempt({ position: 12, deaths: 3, isSingle: true }, 10, 19);
    if (plan.kind !== 'singly') throw new Error('expected record by record');
    expect(planRecord(plan.suspect, 11)).toEqual({ kind: 'known_harmless' });
    expect(planRecord(plan.suspect, 12)).toEqual({ kind: 'put_aside' });
    expect(planRecord(plan.suspect, 13)).toEqual({ kind: 'try', deaths: 1 });
  });

  it('counts a death at the suspected record before it is tried again', () => {
    expect(planRecord({ offset: 12, deaths: 1 }, 12)).toEqual({ kind: 'try', deaths: 2 });
  });
});
