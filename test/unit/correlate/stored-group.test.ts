import fc from 'fast-check';
import type { Group } from '../../../src/correlate/group.js';
import {
  type Evidence,
  evidenceUses,
  fromStored,
  placesIn,
  type StoredGroup,
  toStored,
} from '../../../src/correlate/stored-group.js';
import type { Sample } from '../../../src/detect/signal-message.js';

const KEYS = ['one', 'two', 'three'] as const;

function sample(tenant: string, offset: number, sha256: string, rule: string): Sample {
  return { topic: `silo.${tenant}.access`, partition: 0, offset, sha256, timeMs: offset, raw: `line ${offset}`, rule };
}

type Held = Readonly<Record<string, readonly (readonly [offset: number, sha256: string])[]>>;

/** Which offsets, of a topic that may have been made anew, each silo of a group holds as evidence. */
const holding = fc.dictionary(
  fc.constantFrom('acme', 'harbor', '__proto__'),
  fc.uniqueArray(fc.tuple(fc.nat(6), fc.constantFrom('aaaaaaaa1', 'bbbbbbbb2')), { selector: String, maxLength: 5 }),
);
/** What a transaction makes of some groups: `null` ends one. */
const transaction = fc.uniqueArray(fc.tuple(fc.constantFrom(...KEYS), fc.option(holding)), {
  selector: ([key]) => key,
  maxLength: KEYS.length,
});

const groupWith = (all: Held, rule = 'r'): Group => ({
  consumer: 'c',
  tenant: null,
  group: ['192.0.2.1'],
  state: { times: [1], episodes: [] },
  lastEventMs: 1,
  lastArrivalMs: 1,
  parts: Object.fromEntries(
    Object.entries(all).map(([tenant, held]) => [
      tenant,
      {
        lastMs: 1,
        entities: [],
        samples: held.map(([offset, sha256]) => sample(tenant, offset, sha256, rule)),
      },
    ]),
  ),
  ids: [],
});

describe('a stored group', () => {
  it('is read back as it was, whatever came and went of the evidence that groups share, and leaves no row behind', () => {
    fc.assert(
      fc.property(fc.array(transaction, { minLength: 1, maxLength: 8 }), (history) => {
        const rows = new Map<string, { uses: number; sample: Evidence }>();
        const groups = new Map<string, Group>();
        for (const changes of history) {
          const changed = changes.map(([key, held]) => {
            const group = held === null ? undefined : groupWith(held, `rule ${key}`);
            return { key, partition: 0, before: groups.get(key), group };
          });
          for (const { place, uses, sample: record } of evidenceUses(changed)) {
            const row = { uses: (rows.get(place)?.uses ?? 0) + uses, sample: record };
            expect(row.uses).toBeGreaterThanOrEqual(0);
            if (row.uses === 0) rows.delete(place);
            else rows.set(place, row);
          }
          for (const { key, group } of changed) {
            if (group === undefined) groups.delete(key);
            else groups.set(key, group);
          }
          const evidence = new Map([...rows].map(([place, row]) => [place, row.sample]));
          const named = [...groups.values()].flatMap((group) => {
            const stored = JSON.parse(JSON.stringify(toStored(group))) as StoredGroup;
            expect(fromStored('c', stored, evidence)).toEqual(group);
            return placesIn(stored);
          });
          expect([...rows].flatMap(([place, { uses }]) => Array<string>(uses).fill(place)).sort()).toEqual(
            named.sort(),
          );
        }
      }),
    );
  });

  it('writes one record of evidence for a signal, however much its group holds and however many groups it feeds', () => {
    const known = [0, 1, 2, 3, 4].map((offset) => [offset, 'aaaaaaaa'] as const);
    const before = groupWith({ acme: known });
    const first = before.parts['acme']?.samples ?? [];
    const added = sample('acme', 5, 'aaaaaaaa', 'r');
    const samples = [...first.filter(({ offset }) => offset !== 2), added];
    const group = { ...before, parts: { acme: { lastMs: 5, entities: [], samples } } };
    const uses = evidenceUses([
      { partition: 0, before, group },
      { partition: 0, before: undefined, group: groupWith({ acme: [[5, 'aaaaaaaa']] }, 'another rule') },
    ]);
    expect(uses.map(({ place, uses: by }) => [place, by])).toEqual([
      ['silo.acme.access/0/5/aaaaaaaa', 2],
      ['silo.acme.access/0/2/aaaaaaaa', -1],
    ]);
  });

  it('keeps the record whole when one of its groups keeps its position alone', () => {
    const whole = groupWith({ acme: [[1, 'aaaaaaaa']] });
    const samples = (whole.parts['acme']?.samples ?? []).map((one) => ({ ...one, raw: '' }));
    const bare = { ...whole, parts: { acme: { lastMs: 1, entities: [], samples } } };
    const uses = evidenceUses([bare, whole, bare].map((group) => ({ partition: 0, before: undefined, group })));
    expect(uses.map(({ uses: by, sample: { raw } }) => [by, raw])).toEqual([[3, 'line 1']]);
  });
});
