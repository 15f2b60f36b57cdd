import fc from 'fast-check';
import type { Group } from '../../../src/correlate/group.js';
import { evidenceChanges, fromStored, type StoredGroup, toStored } from '../../../src/correlate/stored-group.js';
import type { Sample } from '../../../src/detect/signal-message.js';

const samples = new Map<string, Sample>();

/** The same object for the same place, as a group keeps its samples from one signal to the next. */
function sample(tenant: string, offset: number, sha256: string): Sample {
  const topic = `silo.${tenant}.access`;
  const made: Sample = { topic, partition: 0, offset, sha256, timeMs: offset, raw: `line ${offset}`, rule: 'r' };
  const key = `${topic} ${offset} ${sha256}`;
  const known = samples.get(key) ?? made;
  samples.set(key, known);
  return known;
}

/** Which offsets, of a topic that may have been made anew, each silo of the group holds as evidence. */
const holding = fc.dictionary(
  fc.constantFrom('acme', 'harbor', '__proto__'),
  fc.uniqueArray(fc.tuple(fc.nat(6), fc.constantFrom('aaaaaaaa1', 'bbbbbbbb2')), { selector: String, maxLength: 5 }),
);

const groupWith = (all: Readonly<Record<string, readonly (readonly [number, string])[]>>): Group => ({
  consumer: 'c',
  tenant: null,
  group: ['192.0.2.1'],
  state: { times: [1], episodes: [] },
  lastEventMs: 1,
  lastArrivalMs: 1,
  parts: Object.fromEntries(
    Object.entries(all).map(([tenant, held]) => [
      tenant,
      { lastMs: 1, entities: [], samples: held.map(([offset, sha256]) => sample(tenant, offset, sha256)) },
    ]),
  ),
  ids: [],
});

describe('a stored group', () => {
  it('is read back as it was, whatever came and went of its evidence, and leaves no row behind', () => {
    fc.assert(
      fc.property(fc.array(holding, { minLength: 1, maxLength: 6 }), (history) => {
        const rows = new Map<string, Sample>();
        let before: Group | undefined;
        for (const held of history) {
          const after = groupWith(held);
          const { added, dropped } = evidenceChanges(before, after);
          for (const place of dropped) expect(rows.delete(place)).toBe(true);
          for (const [place, one] of added) {
            expect(rows.has(place)).toBe(false);
            rows.set(place, one);
          }
          const stored = JSON.parse(JSON.stringify(toStored(after))) as StoredGroup;
          expect(fromStored(stored, Object.fromEntries(rows))).toEqual(after);
          expect(rows.size).toBe(Object.values(after.parts).flatMap(({ samples }) => samples).length);
          before = after;
        }
      }),
    );
  });

  it('writes one record of evidence for a signal, however much it holds', () => {
    const before = groupWith({ acme: [0, 1, 2, 3, 4].map((offset) => [offset, 'aaaaaaaa']) });
    const after = groupWith({ acme: [0, 1, 3, 4, 5].map((offset) => [offset, 'aaaaaaaa']) });
    const { added, dropped } = evidenceChanges(before, after);
    expect([[...added.keys()], dropped]).toEqual([
      ['silo.acme.access/0/5/aaaaaaaa'],
      ['silo.acme.access/0/2/aaaaaaaa'],
    ]);
  });
});
