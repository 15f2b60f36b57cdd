import type { Group, HeldSignal } from '../../../src/correlate/group.js';
import { hold, isToHold, release } from '../../../src/correlate/held-signals.js';
import { Watermarks } from '../../../src/correlate/watermarks.js';
import { compileRules } from '../../../src/detect/rules.js';
import type { SentSignal } from '../../../src/detect/signal-message.js';
import type { Consumer } from '../../../src/sigma/index.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 2, 1, 9);

const CONSUMER = consumerOf(`title: a
id: aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa
name: a
status: stable
level: low
logsource: { product: silo, service: app }
detection: { selection: { action: a }, condition: selection }
---
title: many
id: dddddddd-2222-4222-8222-dddddddddddd
status: stable
level: low
correlation: { type: event_count, rules: [a], group-by: [ip], timespan: 5m, condition: { gte: 3 } }
`);

function consumerOf(text: string): Consumer {
  const { loaded } = compileRules([{ path: 'test.yml', text }]);
  const consumer = loaded.consumers.get('aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa')?.[0];
  if (consumer === undefined) throw new Error(JSON.stringify(loaded.faults));
  return consumer;
}

function signal(timeMs: number, detectedMs: number, step = 0, rawLength = 10): HeldSignal {
  return {
    origin: { incarnation: 1, source: 'silo.acme.audit/0', offset: timeMs, ordinal: 0 },
    layout: 1,
    tenant: 'acme',
    signal: { rule: 'a', timeMs, group: ['192.0.2.1'], consumer: CONSUMER.hash, ordinal: 0, entities: [] },
    samples: [
      {
        topic: 'silo.acme.audit',
        partition: 0,
        offset: timeMs,
        sha256: 'x',
        timeMs,
        raw: 'r'.repeat(rawLength),
        rule: 'a',
      },
    ],
    arrivalMs: detectedMs,
    detectedMs,
    isLate: false,
    recordId: undefined,
    step,
  };
}

function holding(signals: readonly HeldSignal[]): Group {
  let group: Group | undefined;
  for (const one of signals) group = hold(CONSUMER, group, one);
  if (group === undefined) throw new Error('a group holds something');
  return group;
}

const times = (signals: readonly SentSignal[] = []): number[] => signals.map(({ signal: { timeMs } }) => timeMs);

describe('what a group holds', () => {
  it('is what was detected more than two minutes after it happened, and all that comes while anything waits', () => {
    expect(isToHold(undefined, signal(START, START + 2 * MINUTE))).toBe(false);
    expect(isToHold(undefined, signal(START, START + 2 * MINUTE + 1))).toBe(true);
    expect(isToHold(holding([signal(START, START + HOUR)]), signal(START, START))).toBe(true);
  });

  it('is let go in the order in which it happened, as far as the clock has passed', () => {
    const group = holding([
      signal(START + 3, START + HOUR),
      signal(START + 1, START + HOUR + 5),
      signal(START + 2, START + HOUR),
    ]);
    const { ready, rest } = release(group, { clockMs: START + HOUR + 9, passedMs: START + HOUR, steps: 1 });
    expect(times(ready)).toEqual([]);
    const stepped = release(rest, { clockMs: START + HOUR + 20, passedMs: START + HOUR + 9, steps: 1 });
    expect(times(stepped.ready)).toEqual([START + 2, START + 3]);
    expect(times(stepped.rest.held)).toEqual([START + 1]);
  });

  it('waits once for each step below it', () => {
    let group = holding([signal(START, START + HOUR)]);
    const waits: number[] = [];
    for (let clockMs = START + HOUR + MINUTE; group.held !== undefined; clockMs += MINUTE) {
      waits.push(clockMs);
      group = release(group, { clockMs, passedMs: clockMs - 10_000, steps: 2 }).rest;
    }
    expect(waits).toHaveLength(3);
  });

  it('goes by how far the clock has passed, not by the event time that was kept somewhat before', () => {
    const watermarks = new Watermarks();
    // More was read at once than readings are kept, as after a partition stood still.
    for (let clockMs = START; clockMs <= START + MINUTE; clockMs += 2_000) {
      watermarks.tell({ clockMs, watermarks: [] }, clockMs);
    }
    watermarks.settle(START + 40_000);
    expect(watermarks.settled.clockMs).toBeLessThan(START + 40_000);
    const now = { clockMs: watermarks.clockMs, passedMs: watermarks.passedMs, steps: 0 };
    expect(times(release(holding([signal(START, START + 30_000)]), now).ready)).toEqual([START]);
  });

  it('is counted as it came beyond 256, the earliest first', () => {
    const signals = Array.from({ length: 300 }, (_, i) => signal(START + ((i * 7) % 300), START + HOUR));
    const { ready, rest } = release(holding(signals), { clockMs: START + HOUR, passedMs: 0, steps: 1 });
    expect(times(ready)).toEqual(Array.from({ length: 44 }, (_, i) => START + i));
    expect(rest.held).toHaveLength(256);
  });

  it('keeps the raw records of the first sixteen only', () => {
    const { held = [] } = holding(Array.from({ length: 20 }, (_, i) => signal(START + i, START + HOUR)));
    expect(held.filter(({ samples }) => samples[0]?.raw !== '')).toHaveLength(16);
  });

  it('may have been written before steps were counted', () => {
    const { step: _, ...old } = signal(START, START + HOUR);
    const group: Group = { ...holding([signal(START, START + HOUR)]), held: [old as HeldSignal] };
    const { ready } = release(group, { clockMs: START + 2 * HOUR, passedMs: START + HOUR, steps: 1 });
    expect(times(ready)).toEqual([START]);
  });
});
