import { areNear, chooseIncident, isSameAcrossSilos, tyingEntities } from '../../../src/incidents/grouping.js';

const span = (from: string, to = from): { firstEventAt: Date; lastEventAt: Date } => ({
  firstEventAt: new Date(`2026-03-01T${from}:00Z`),
  lastEventAt: new Date(`2026-03-01T${to}:00Z`),
});
const HOUR = 3_600_000;

describe('what ties alerts together', () => {
  it('is a person, session, address or key, never a host or an empty value', () => {
    const entities = [
      { kind: 'user', value: 'u-1' },
      { kind: 'host', value: 'db-1' },
      { kind: 'other', value: 'x' },
      { kind: 'ip', value: '' },
    ];
    expect(tyingEntities(entities)).toEqual([{ kind: 'user', value: 'u-1' }]);
  });

  it.each([
    ['ip', '203.0.113.9', true],
    ['ip', '2001:db8::1', true],
    ['ip', '10.0.0.5', false],
    ['ip', '192.168.1.1', false],
    ['ip', '127.0.0.1', false],
    ['ip', '::1', false],
    ['ip', 'fd00::1', false],
    ['ip', '100.64.3.2', false],
    ['ip', '::ffff:10.0.0.5', false],
    ['ip', "1' or 1=1", false],
    ['user', 'u-42', false],
    ['session', 's-1', false],
  ])('%s %s is the same thing in every silo: %s', (kind, value, expected) => {
    expect(isSameAcrossSilos({ kind, value })).toBe(expected);
  });

  it('reaches as far as the window in event time, both ways', () => {
    expect(areNear(span('10:00', '10:10'), span('11:10'), HOUR)).toBe(true);
    expect(areNear(span('10:00', '10:10'), span('11:11'), HOUR)).toBe(false);
    expect(areNear(span('11:10'), span('10:00', '10:10'), HOUR)).toBe(true);
    expect(areNear(span('10:00', '12:00'), span('11:00'), 0)).toBe(true);
  });
});

describe('the incident that an alert joins', () => {
  const incident = (id: string, status: string, opened: string, at = '10:00') => ({
    id,
    status,
    openedAt: new Date(`2026-03-01T${opened}:00Z`),
    span: span(at),
  });

  it('is the running one that was opened first', () => {
    const candidates = [
      incident('b', 'open', '09:30'),
      incident('a', 'contained', '09:00'),
      incident('b', 'open', '09:30'),
    ];
    const choice = chooseIncident(candidates, span('10:05'), HOUR);
    expect(choice.join?.id).toBe('a');
    expect(choice.alsoShares.map(({ id }) => id)).toEqual(['b']);
  });

  it('is never one that is resolved or closed: those are followed', () => {
    const choice = chooseIncident(
      [incident('a', 'closed', '08:00'), incident('b', 'resolved', '09:00')],
      span('10:05'),
      HOUR,
    );
    expect(choice.join).toBeNull();
    expect(choice.follows.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('is none when all lie outside the window', () => {
    const choice = chooseIncident([incident('a', 'open', '08:00', '08:00')], span('10:05'), HOUR);
    expect(choice).toEqual({ join: null, alsoShares: [], follows: [] });
  });
});
