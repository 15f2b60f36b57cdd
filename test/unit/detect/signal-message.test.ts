import fc from 'fast-check';
import { groupKey, partitionOf } from '../../../src/detect/correlation-key.js';
import { NamedEntities, storable } from '../../../src/detect/entity.js';
import { decodeMessage } from '../../../src/detect/signal-message.js';

describe('a message of the signals topic', () => {
  it('that is none of ours is refused and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expect(decodeMessage(Buffer.from(bytes))).toBeUndefined();
        },
      ),
    );
    expect(decodeMessage(null)).toBeUndefined();
  });
});

describe('a correlation key', () => {
  it('tells apart groups whose values only join to the same text', () => {
    const key = (group: string[]): string => groupKey({ consumer: 'c', tenant: 't', group });
    expect(key(['a', 'bc'])).not.toBe(key(['ab', 'c']));
  });

  it('has one partition in range', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 64 }), (group, partitions) => {
        const partition = partitionOf({ tenant: null, group }, partitions);
        expect(partition).toBeGreaterThanOrEqual(0);
        expect(partition).toBeLessThan(partitions);
      }),
    );
  });
});

describe('text from a log', () => {
  it('can be stored whatever it holds', () => {
    expect(storable('a\0b\ud800c')).toBe('a␀b�c');
  });

  it('names its entities, each once, by flat and dotted names', () => {
    const fields = { actor: { email: 'ada@example.test', session: '-' }, ip: '192.0.2.1', 'c-ip': '192.0.2.1' };
    expect(new NamedEntities(fields).in(['actor.email', 'actor.session', 'ip', 'c-ip', 'nothing'])).toEqual([
      { kind: 'user', value: 'ada@example.test' },
      { kind: 'ip', value: '192.0.2.1' },
    ]);
  });
});
