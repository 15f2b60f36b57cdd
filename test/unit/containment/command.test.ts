import fc from 'fast-check';
import { mayBecome, ACTION_STATES } from '../../../src/containment/action.js';
import { buildAction, proposalsOf } from '../../../src/containment/build-action.js';
import { canonicalJson, commandHash } from '../../../src/containment/canonical-json.js';
import { CATALOGUE, findEntry } from '../../../src/containment/catalogue.js';

const grounds = {
  id: '01900000-0000-7000-8000-000000000001',
  incident: { id: 'i', number: 'INC-2026-0001' },
  tenant: 'acme',
  target: { session: 's-1' },
  proposer: { kind: 'job', id: 'rule', name: 'Rule' } as const,
  undoes: null,
  now: new Date('2026-03-01T09:00:00Z'),
};

describe('a command', () => {
  it('is OpenC2: one action, one target, its id', () => {
    const action = buildAction(findEntry('session.revoke')!, grounds);
    expect(JSON.parse(action.command)).toEqual({
      action: 'delete',
      target: { 'x-silo:session': { session: 's-1' } },
      args: {
        response_requested: 'complete',
        'x-silo': { kind: 'session.revoke', target: { session: 's-1' }, silo: 'acme', incident: 'INC-2026-0001' },
      },
      command_id: grounds.id,
    });
  });

  it('has one hash per silo and bytes', () => {
    const one = buildAction(findEntry('session.revoke')!, grounds);
    expect(one.commandHash).toBe(commandHash('acme', one.command));
    expect(buildAction(findEntry('session.revoke')!, { ...grounds, tenant: 'globex' }).commandHash).not.toBe(
      one.commandHash,
    );
    expect(buildAction(findEntry('session.revoke')!, { ...grounds, target: { session: 's-2' } }).commandHash).not.toBe(
      one.commandHash,
    );
  });

  it('blocks an address for a time, as OpenC2 names networks', () => {
    const action = buildAction(findEntry('address.block')!, { ...grounds, target: { address: '203.0.113.9' } });
    expect(JSON.parse(action.command)).toMatchObject({
      action: 'deny',
      target: { ipv4_net: '203.0.113.9/32' },
      args: { duration: 3_600_000 },
    });
  });

  it('is the same bytes whatever the order of its fields', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const turned = Object.fromEntries(Object.entries(object).reverse());
        return canonicalJson(object) === canonicalJson(turned);
      }),
    );
  });
});

describe('the catalogue', () => {
  it('names every inverse it promises, of the same target', () => {
    for (const { undo, target } of CATALOGUE.filter((entry) => entry.undo !== null)) {
      const inverse = findEntry(undo!);
      expect(inverse).toBeDefined();
      expect(Object.keys(inverse!.target.shape)).toEqual(Object.keys(target.shape));
    }
  });

  it('lets nothing that hits a whole customer go without a commander', () => {
    for (const { kind, needs, subject } of CATALOGUE)
      if (subject === 'silo') expect([kind, ['commander', 'two_people'].includes(needs)]).toEqual([kind, true]);
  });
});

describe('what an alert proposes', () => {
  const alert = {
    tenant: 'acme',
    containment: ['session.revoke', 'account.disable', 'feature.freeze', 'silo.isolate', 'unknown.kind'],
    entities: [
      { kind: 'session', value: 's-1' },
      { kind: 'session', value: 's-1' },
      { kind: 'session', value: 's-2' },
      { kind: 'user', value: 'u-1' },
      { kind: 'ip', value: '203.0.113.9' },
    ],
  };
  it('is one target per entity the kind is for; what needs more than the alert says is left to people', () => {
    expect(proposalsOf(alert, findEntry).map(({ entry, target }) => [entry.kind, target])).toEqual([
      ['session.revoke', { session: 's-1' }],
      ['session.revoke', { session: 's-2' }],
      ['account.disable', { user: 'u-1' }],
      ['silo.isolate', { silo: 'acme' }],
    ]);
  });
});

describe('the states of an action', () => {
  it('end for good where it was rejected or undone, and never skip approval', () => {
    for (const state of ACTION_STATES) {
      expect(mayBecome('rejected', state)).toBe(false);
      expect(mayBecome('undone', state)).toBe(false);
    }
    expect(mayBecome('proposed', 'sent')).toBe(false);
    expect(mayBecome('proposed', 'verified')).toBe(false);
    expect(mayBecome('approved', 'verified')).toBe(false);
  });
});
