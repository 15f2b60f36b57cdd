import { reminderDue, whyNotTransition } from '../../../src/incidents/corrective-action.js';

const action = {
  dueOn: '2026-03-31',
  state: 'open' as const,
  lastReminder: null,
  createdAt: new Date('2026-03-01T08:00:00Z'),
};

describe('the owner of a corrective action is reminded', () => {
  it.each([
    ['2026-03-23', null],
    ['2026-03-24', 'week'],
    ['2026-03-30', 'day'],
    ['2026-03-31', 'due'],
    ['2026-04-03', 'overdue'],
    ['2026-04-07', 'escalated'],
  ])('on %s: %s', (today, expected) => {
    expect(reminderDue(action, today)).toBe(expected);
  });

  it('once per stage, and after an outage once in all', () => {
    expect(reminderDue({ ...action, lastReminder: 'week' }, '2026-03-25')).toBeNull();
    expect(reminderDue({ ...action, lastReminder: 'week' }, '2026-04-08')).toBe('escalated');
    expect(reminderDue({ ...action, lastReminder: 'escalated' }, '2026-06-01')).toBeNull();
  });

  it('not once it is done, and not on the day it is written down with days to go', () => {
    expect(reminderDue({ ...action, state: 'done' }, '2026-04-08')).toBeNull();
    expect(reminderDue({ ...action, dueOn: '2026-03-03' }, '2026-03-01')).toBeNull();
    expect(reminderDue({ ...action, dueOn: '2026-03-01' }, '2026-03-01')).toBe('due');
  });
});

describe('a corrective action', () => {
  const owned = { state: 'done' as const, doneBy: 'ada', owner: { id: 'ada', name: 'Ada' } };
  it('is verified by someone other than who did it, after it was done', () => {
    expect(whyNotTransition(owned, 'verified', 'ada')).toMatch(/Someone other/);
    expect(whyNotTransition(owned, 'verified', 'ben')).toBeNull();
    expect(whyNotTransition({ ...owned, state: 'open', doneBy: null }, 'verified', 'ben')).toMatch(/after it was done/);
    expect(whyNotTransition(owned, 'done', 'ada')).toMatch(/already/);
    expect(whyNotTransition(owned, 'open', 'ada')).toBeNull();
  });
});
