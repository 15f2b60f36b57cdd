import { heldToLog } from '../../../src/correlate/held-to-log.js';
import type { ProgressMessage, SignalsMessage, StreamCounts } from '../../../src/detect/signal-message.js';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

const counts = (readUpToMs?: number | null): StreamCounts => {
  const none = { events: 0, parseFailures: 0, deadLetters: 0, lastEventMs: null, lagRecords: 0, lagSeconds: 0 };
  return { tenant: 'a', stream: 'audit', ...none, ...(readUpToMs === undefined ? {} : { readUpToMs }) };
};
const progress = (aheadMs: number): ProgressMessage => ({
  v: 1,
  kind: 'progress',
  instance: 'one',
  sequence: 1,
  clockMs: NOW + aheadMs,
  sentMs: NOW + aheadMs - 2_000,
  watermarks: [['silo.a.audit/0', 'a', NOW + aheadMs - 60_000]],
  counts: [counts(NOW + aheadMs), counts(null), counts()],
  seen: [],
});

describe('what a message says of time', () => {
  it('is what it would be with a right clock where an instance’s is ahead', () => {
    expect(heldToLog(progress(HOUR), NOW)).toEqual(progress(0));
  });

  it('is left as it is where the clock is right, or behind the log’s', () => {
    for (const behindMs of [0, 5_000, HOUR]) expect(heldToLog(progress(-behindMs), NOW)).toEqual(progress(-behindMs));
  });

  it('lies no later than when the log took a signal, or what a partition tells others', () => {
    const signal = { timeMs: NOW - 60_000 } as SignalsMessage['signals'][number];
    const signals = { kind: 'signals', detectedMs: NOW + HOUR, isLate: true, signals: [signal] } as SignalsMessage;
    expect(heldToLog(signals, NOW)).toMatchObject({ detectedMs: NOW, isLate: false });
    const old = { ...signals, signals: [{ ...signal, timeMs: NOW - HOUR }] };
    expect(heldToLog(old, NOW)).toMatchObject({ detectedMs: NOW, isLate: true });
    expect(heldToLog({ ...signals, detectedMs: NOW - 5 }, NOW)).toMatchObject({ detectedMs: NOW - 5 });
    const clocks: [number, number][] = [
      [0, NOW + HOUR],
      [1, NOW - 5],
    ];
    expect(heldToLog({ v: 1, kind: 'relayed', clocks }, NOW)).toMatchObject({
      clocks: [
        [0, NOW],
        [1, NOW - 5],
      ],
    });
  });
});
