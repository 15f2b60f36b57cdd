import fc from 'fast-check';
import { nextPage, policyFaults, type EscalationPolicy } from '../../../src/paging/escalation.js';

const policy: EscalationPolicy = {
  steps: [
    { targets: [{ kind: 'schedule', id: 'primary' }], waitMinutes: 5 },
    { targets: [{ kind: 'staff', id: 'lead' }], waitMinutes: 10 },
  ],
  repeats: 1,
  lastResort: { staffIds: ['cto'], everyMinutes: 15 },
  noProgressMinutes: 30,
};
const start = new Date('2026-11-23T02:00:00Z');
const at = (minutes: number): Date => new Date(start.getTime() + minutes * 60_000);

describe('the next page', () => {
  it('is the first step at once', () => {
    expect(nextPage(policy, { cursor: 0, dueAt: start }, start)).toEqual({
      kind: 'page',
      cursor: 0,
      step: 0,
      isLate: false,
      next: { cursor: 1, dueAt: at(5) },
    });
  });

  it('waits until it is due', () => {
    expect(nextPage(policy, { cursor: 1, dueAt: at(5) }, at(4))).toEqual({ kind: 'wait', until: at(5) });
  });

  it.each([
    [0, 0],
    [1, 1],
    [2, 0],
    [3, 1],
    [4, null],
    [400, null],
  ])('at place %i is step %s: the steps twice, then the last resort for ever', (cursor, step) => {
    expect(nextPage(policy, { cursor, dueAt: start }, start)).toMatchObject({ kind: 'page', step });
  });

  it('after an outage is one page for the newest missed step, marked late, and the wait starts anew', () => {
    // Due at 0, missed 0 and 5; at 12 minutes the second step has been due since minute 5.
    expect(nextPage(policy, { cursor: 0, dueAt: start }, at(12))).toEqual({
      kind: 'page',
      cursor: 1,
      step: 1,
      isLate: true,
      next: { cursor: 2, dueAt: at(22) },
    });
  });

  it('after a week’s outage is the last resort, once', () => {
    expect(nextPage(policy, { cursor: 0, dueAt: start }, at(7 * 1440))).toMatchObject({
      step: null,
      isLate: true,
      cursor: 4,
    });
  });

  it('always comes, at any time, and is followed by a later one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 100_000 }), (cursor, minutes) => {
        const next = nextPage(policy, { cursor, dueAt: start }, at(minutes));
        expect(next.kind).toBe('page');
        if (next.kind !== 'page') return;
        expect(next.cursor).toBeGreaterThanOrEqual(cursor);
        expect(next.next.cursor).toBe(next.cursor + 1);
        expect(next.next.dueAt > at(minutes)).toBe(true);
      }),
    );
  });
});

describe('a policy', () => {
  const reachable = { staffIds: new Set(['lead', 'cto']), scheduleIds: new Set(['primary']) };
  it('that reaches somebody at each step has no fault', () => {
    expect(policyFaults(policy, reachable)).toEqual([]);
  });
  it('that could page nobody is refused with the reason', () => {
    expect(policyFaults({ ...policy, steps: [] }, reachable)).toEqual(['The policy has no step.']);
    expect(policyFaults(policy, { staffIds: new Set(), scheduleIds: new Set(['primary']) })).toEqual([
      'Step 2 reaches nobody: name an active person or a schedule with people.',
      'The last resort reaches nobody: name at least one active person.',
    ]);
  });
});
