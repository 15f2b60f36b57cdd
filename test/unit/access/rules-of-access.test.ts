import fc from 'fast-check';
import { LiveHistory, mayHear } from '../../../src/access/live-changes.js';
import { may, PERMISSIONS, ROLES } from '../../../src/access/permissions.js';
import { splitChange, widens } from '../../../src/access/role-change.js';
import { addressBlock } from '../../../src/access/attempt-limit.js';
import { codeLimits, passwordLimits } from '../../../src/access/sign-in-limits.js';
import { GENESIS, linkFault, nextSeal, type TrailRow } from '../../../src/access/trail-chain.js';
import { mayReadMetrics } from '../../../src/app/operations/metrics-access.js';

describe('the table of rights', () => {
  // The table of the design, written down a second time, so that a slip in the first is seen.
  it.each([
    ['viewer', ['security.see', 'self']],
    ['responder', ['security.see', 'evidence.see', 'incidents.work', 'disclosure.work', 'self']],
    [
      'commander',
      [
        'security.see',
        'evidence.see',
        'incidents.work',
        'containment.approve',
        'notices.write',
        'disclosure.work',
        'self',
      ],
    ],
    ['comms', ['security.see', 'notices.write', 'disclosure.work', 'self']],
    ['admin', ['settings.change', 'trail.read', 'self']],
    ['auditor', ['security.see', 'trail.read', 'self']],
  ] as const)('gives %s these', (role, expected) => {
    const given = (Object.keys(PERMISSIONS) as (keyof typeof PERMISSIONS)[]).filter((each) => may([role], each));
    expect(given).toEqual(expected);
  });
  it('gives nothing without a role', () => {
    expect(may([], 'security.see')).toBe(false);
  });
});

describe('a change of rights', () => {
  const roles = fc.subarray([...ROLES]);
  const tenants = fc.oneof(fc.constant('all' as const), fc.subarray(['north', 'south', 'west'], { minLength: 1 }));
  it('never adds anything at once', () => {
    fc.assert(
      fc.property(roles, roles, tenants, tenants, (had, wished, from, to) => {
        const { now, later } = splitChange({ roles: had, tenants: from }, { roles: wished, tenants: to });
        expect(now.roles.every((role) => had.includes(role) && wished.includes(role))).toBe(true);
        expect(widens(from, now.tenants)).toBe(false);
        const all = new Set([...now.roles, ...(later?.roles ?? [])]);
        expect(all).toEqual(new Set(wished));
        expect(later?.tenants ?? now.tenants).toEqual(to);
      }),
    );
  });
});

describe('limits of the sign-in', () => {
  it('count a subscriber’s whole IPv6 block as one address, and an IPv4 address inside IPv6 as itself', () => {
    expect(addressBlock('2001:db8:1:2:aaaa::1')).toBe(addressBlock('2001:db8:1:2:bbbb::9'));
    expect(addressBlock('2001:db8:1:3::1')).not.toBe(addressBlock('2001:db8:1:2::1'));
    expect(addressBlock('::ffff:192.0.2.7')).toBe('192.0.2.7');
    expect(addressBlock('nonsense')).toBe('unknown');
  });
  it('of a known browser share no counter with a stranger’s', () => {
    const stranger = { account: 'a', ip: '192.0.2.7', device: undefined };
    const known = { ...stranger, device: 'd' };
    for (const limits of [passwordLimits, codeLimits]) {
      const keys = new Set(limits(stranger).map(({ key }) => key));
      expect(limits(known).some(({ key }) => keys.has(key))).toBe(false);
    }
  });
});

describe('a live change', () => {
  const change = { topic: 'alert', id: '1', tenants: ['north'] } as const;
  it('is told to those who may see its silo', () => {
    expect(mayHear({ roles: ['viewer'], tenants: 'all' }, change)).toBe(true);
    expect(mayHear({ roles: ['viewer'], tenants: ['north', 'west'] }, change)).toBe(true);
    expect(mayHear({ roles: ['viewer'], tenants: ['south'] }, change)).toBe(false);
    expect(mayHear({ roles: ['admin'], tenants: 'all' }, change)).toBe(false);
    expect(mayHear({ roles: ['viewer'], tenants: 'all' }, { topic: 'report', id: '1', tenants: [] })).toBe(false);
    expect(mayHear({ roles: ['viewer'], tenants: 'all' }, { ...change, topic: 'constructor' as 'alert' })).toBe(false);
  });
  it('is told again to a page that missed it, and one that was away too long loads anew', () => {
    const history = new LiveHistory('a');
    const first = history.add(change);
    const second = history.add({ ...change, id: '2' });
    expect(history.since(undefined)).toEqual([]);
    expect(history.since(first.id)).toEqual([second]);
    expect(history.since('b-1')).toBeUndefined();
    for (let i = 0; i < 1000; i += 1) history.add(change);
    expect(history.since(first.id)).toBeUndefined();
  });
});

describe('the trail’s chain', () => {
  const row: TrailRow = {
    id: 'e1',
    at: '2026-03-01T09:00:00.000001Z',
    actorKind: 'staff',
    actorId: 's',
    actorIp: null,
    action: 'a.b',
    objectType: 'o',
    objectId: '1',
    tenant: null,
    before: null,
    after: '{"a": 1}',
  };
  const start = { seq: 0, chainHash: GENESIS };
  it('breaks with any changed value, even one that moves between fields', () => {
    const seal = nextSeal(start, row);
    expect(linkFault(start, seal, row)).toBeUndefined();
    for (const field of Object.keys(row).filter((name) => name !== 'id') as (keyof TrailRow)[]) {
      expect(linkFault(start, seal, { ...row, [field]: 'other' })).toMatch(/was changed/);
    }
    expect(linkFault(start, seal, { ...row, actorIp: '', before: '' })).toMatch(/was changed/);
    expect(linkFault({ ...start, chainHash: 'x' }, seal, row)).toMatch(/broken here/);
    expect(linkFault({ ...start, seq: 1 }, seal, row)).toBe('seal 2 is missing');
    expect(linkFault(start, seal, undefined)).toMatch(/is missing/);
  });
});

describe('metrics', () => {
  const read = (clientAddress: string | undefined, authorization?: string, token?: string): boolean =>
    mayReadMetrics({ clientAddress, headers: authorization === undefined ? {} : { authorization } }, token);
  it('are read from loopback without a token', () => {
    for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) expect(read(address)).toBe(true);
    for (const address of ['192.0.2.7', '10.0.0.1', 'localhost', '', undefined]) expect(read(address)).toBe(false);
  });
  it('are not read through a proxy on the same host without a token', () => {
    for (const name of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip']) {
      expect(mayReadMetrics({ clientAddress: '127.0.0.1', headers: { [name]: '192.0.2.7' } }, undefined)).toBe(false);
    }
  });
  it('are read with the token from anywhere once one is set, and no longer without', () => {
    expect(read('192.0.2.7', 'Bearer right', 'right')).toBe(true);
    expect(read('127.0.0.1', 'Bearer wrong', 'right')).toBe(false);
    expect(read('127.0.0.1', undefined, 'right')).toBe(false);
  });
});
