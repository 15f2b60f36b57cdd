import { StreamTally } from '../../../src/detect/stream-tally.js';
import type { DetectedBatch } from '../../../src/detect/detect-batch.js';
import { worstLags } from '../../../src/ingest/stream-lag.js';
import type { Source } from '../../../src/ingest/source.js';
import type { RecordBatch } from '../../../src/platform/event-log/event-log.js';

const source: Source = { tenant: 'acme', stream: 'access', incarnation: 1, settings: { zone: 'UTC' } };
const topic = 'silo.acme.access';
const position = (read: number, end: number, more: { heardAgoMs?: number; caughtUpMs?: number } = {}) => ({
  topic,
  partition: 0,
  position: read,
  highWatermark: end,
  heardAgoMs: more.heardAgoMs ?? 10,
  endSeenMs: 0,
  place: { source, arrivalMs: 0, caughtUpMs: more.caughtUpMs ?? 0 },
});
const batch = (timestampMs: number): RecordBatch => ({
  topic,
  partition: 0,
  records: [{ offset: 7, timestampMs, key: null, value: null, headers: {} }],
  highWatermark: 8,
  attempt: 1,
});
const TOOK = { matchSeconds: 0.002, sendSeconds: 0.001 };
const result = (refused: DetectedBatch['refused'] = new Map()): DetectedBatch => ({
  messages: [],
  records: 1,
  signalsMessages: 0,
  events: 1,
  latestMs: 0,
  lastEventMs: 900,
  refused,
  matches: new Map(),
  seen: new Map(),
});

it('tells a quiet stream once, then every ten seconds', () => {
  const tally = new StreamTally();
  const told = [0, 1, 2, 9, 10, 11, 20].map((second) => {
    tally.lookAt([position(5, 5)], second * 1000);
    return tally.take().length;
  });
  expect(told).toEqual([1, 0, 0, 0, 1, 0, 1]);
});

it('tells the first quiet second after a record, which ends the rate', () => {
  const tally = new StreamTally();
  tally.handled(source, batch(500), result(), TOOK);
  tally.lookAt([position(8, 8)], 1_000);
  expect(tally.take()).toEqual([expect.objectContaining({ events: 1, readUpToMs: 1_000 })]);
  tally.lookAt([position(8, 8)], 2_000);
  expect(tally.take()).toEqual([expect.objectContaining({ events: 0 })]);
  tally.lookAt([position(8, 8)], 3_000);
  expect(tally.take()).toEqual([]);
});

it('knows that nothing came only at the end of a log that answers', () => {
  const tally = new StreamTally();
  const upTo = (...positions: ReturnType<typeof position>[]): number | null | undefined => {
    tally.handled(source, batch(500), result(), TOOK);
    tally.lookAt(positions, 60_000);
    return tally.take()[0]?.readUpToMs;
  };
  expect(upTo(position(8, 8))).toBe(60_000);
  expect(upTo(position(8, 9))).toBeNull();
  expect(upTo(position(8, 8, { heardAgoMs: 30_000 }))).toBeNull();
  expect(upTo(position(8, 8), { ...position(3, 4), partition: 1 })).toBeNull();
});

it('counts the seconds behind from when the end was last reached, not from the record before', () => {
  const tally = new StreamTally();
  const [lag] = tally.lookAt([position(8, 20, { caughtUpMs: 3_599_000 })], 3_600_000);
  expect(lag).toEqual({ tenant: 'acme', stream: 'access', records: 12, seconds: 1 });
});

it('tells records that faults of ours put aside apart from those that cannot be read', () => {
  const tally = new StreamTally();
  const place = { format: 'none', count: 1, partition: 0, offset: 7, arrivalMs: 500 };
  const refused: DetectedBatch['refused'] = new Map([
    ['malformed none', { reason: 'malformed', ...place }],
    ['process_died none', { reason: 'process_died', ...place }],
  ]);
  tally.handled(source, batch(500), result(refused), TOOK);
  tally.handled(source, batch(500), result(refused), TOOK);
  const [counts] = tally.take();
  expect(counts).toMatchObject({ events: 2, deadLetters: 4, parseFailures: 2 });
  expect(counts?.refused?.map(({ reason, count }) => [reason, count])).toEqual([
    ['malformed', 2],
    ['process_died', 2],
  ]);
});

it('loses no count that could not be told', () => {
  const tally = new StreamTally();
  tally.handled(source, batch(500), result(), TOOK);
  const untold = tally.take();
  tally.handled(source, batch(900), result(), TOOK);
  tally.giveBack(untold);
  const work = [2, 4_000, 2_000];
  const arrivals = { firstMs: 500, lastMs: 900 };
  expect(tally.take()).toEqual([expect.objectContaining({ events: 2, arrivals, work })]);
});

it('tells that a stream was taken up, of one without a record too, and loses none of it', () => {
  const tally = new StreamTally();
  tally.takenUp(source);
  const untold = tally.take();
  expect(untold).toEqual([expect.objectContaining({ events: 0, rebalances: 1 })]);
  tally.takenUp(source);
  tally.giveBack(untold);
  const [counts] = tally.take();
  expect(counts?.rebalances).toBe(2);
  expect(counts).not.toHaveProperty('work');
});

it('picks the ten that are longest behind, and none that is not', () => {
  const lags = Array.from({ length: 3_000 }, (_, i) => ({
    tenant: `silo-${i}`,
    stream: 'access' as const,
    records: i % 2,
    seconds: i,
  }));
  expect(worstLags(lags, 10).map(({ seconds }) => seconds)).toEqual([
    2999, 2997, 2995, 2993, 2991, 2989, 2987, 2985, 2983, 2981,
  ]);
});
