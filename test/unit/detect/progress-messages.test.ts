import { progressMessages } from '../../../src/detect/progress-messages.js';
import { decodeMessage, type ProgressMessage, type StreamCounts } from '../../../src/detect/signal-message.js';
import { SILO_RECORD_BYTES } from '../../../src/platform/event-log/topics.js';

const SILOS = 1_000;
const PARTITIONS = 3;
const TIMES = { instance: 'one', sequence: 7, clockMs: 1_000, sentMs: 900 };
const NOTHING = { counts: [], seen: [], work: [] };

const tenants = Array.from({ length: SILOS }, (_, i) => String(i).padStart(63, 'a'));
const streams = tenants.flatMap((tenant) => (['access', 'audit'] as const).map((stream) => ({ tenant, stream })));
const watermarks = streams.flatMap(({ tenant, stream }) =>
  [0, 1, 2, 3].map((partition): [string, string, number] => [`silo.${tenant}.${stream}/${partition}`, tenant, 1]),
);

const REFUSED = { format: 'none', count: 1, partition: 0, offset: 1_000_000, arrivalMs: 1e12 };
const counts = streams.map(({ tenant, stream }): StreamCounts => ({
  tenant,
  stream,
  ...{ events: 3, parseFailures: 3, deadLetters: 3, lastEventMs: 1e12, lagRecords: 0, lagSeconds: 0 },
  arrivals: { firstMs: 1e12, lastMs: 1e12 },
  readUpToMs: 1e12,
  refused: ['not_utf8', 'no_format', 'malformed', 'too_many_fields'].map((reason) => ({ reason, ...REFUSED })),
  work: [3, 1_000, 1_000],
}));

/** What each partition is told, in order. Throws over a message that the topic would refuse. */
function told(...args: Parameters<typeof progressMessages>): ProgressMessage[][] {
  const partitions = Array.from({ length: PARTITIONS }, (): ProgressMessage[] => []);
  for (const { partition, value } of progressMessages(...args)) {
    expect(Buffer.byteLength(value!)).toBeLessThan(SILO_RECORD_BYTES / 2);
    const message = decodeMessage(Buffer.from(value!));
    if (message?.kind !== 'progress') throw new Error('no progress');
    partitions[partition]!.push(message);
  }
  return partitions;
}

describe('the messages of progress', () => {
  it('fit the topic with a thousand silos of four partitions and the longest names, and tell of each source once', () => {
    for (const messages of told(TIMES, watermarks, NOTHING, PARTITIONS)) {
      expect(messages.length).toBeGreaterThan(1);
      expect(messages.flatMap((message) => message.watermarks)).toEqual(watermarks);
      expect(messages.map(({ goesOn = false }) => goesOn)).toEqual(messages.map((_, at) => at < messages.length - 1));
      for (const message of messages) expect(message).toMatchObject(TIMES);
    }
  });

  it('fit it with dead letters of several kinds from all silos, and count each stream once, in the first partition', () => {
    const seen = tenants.map((tenant) => {
      return { tenant, entity: { kind: 'user' as const, value: 'é'.repeat(256) }, lastMs: 1, count: 1 };
    });
    const work = [{ step: 'batch', times: 3, seconds: 0.5 }];
    const [first, ...others] = told(TIMES, watermarks.slice(0, 2), { counts, seen, work }, PARTITIONS);
    expect(first!.flatMap((message) => message.counts)).toEqual(counts);
    expect(first!.flatMap((message) => message.seen)).toEqual(seen);
    expect(first!.flatMap((message) => message.work ?? [])).toEqual([['batch', 3, 0.5]]);
    expect(first!.at(-1)).toMatchObject({ watermarks: watermarks.slice(0, 2) });
    for (const messages of others) {
      expect(messages.map((message) => [message.watermarks.length, message.counts.length])).toEqual([[2, 0]]);
    }
  });

  it('are one a partition where there is little to tell, and where there is nothing', () => {
    for (const messages of told(TIMES, [], NOTHING, PARTITIONS)) {
      expect(messages).toEqual([expect.objectContaining({ ...TIMES, watermarks: [], counts: [], seen: [] })]);
    }
  });
});
