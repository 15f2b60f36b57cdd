import { BatchCorrelation } from '../../../src/correlate/correlate-batch.js';
import type { Group } from '../../../src/correlate/group.js';
import { TO_DEAD_LETTERS } from '../../../src/correlate/partition-memory.js';
import { decodeAside, type PutAside } from '../../../src/correlate/put-aside.js';
import { Watermarks } from '../../../src/correlate/watermarks.js';
import { groupKey } from '../../../src/detect/correlation-key.js';
import { compileRules, type Rules } from '../../../src/detect/rules.js';
import { decodeMessage, type SentSignal, signalsIn } from '../../../src/detect/signal-message.js';

const START = Date.UTC(2026, 2, 1, 9);
const MINUTE = 60_000;

const rule = (name: string, action: string): string => `title: ${name}
id: ${name.repeat(8)}-1111-4111-8111-${name.repeat(12)}
name: ${name}
status: stable
level: low
logsource: { product: silo, service: app }
detection: { selection: { action: ${action} }, condition: selection }
`;
const correlation = (name: string, body: string): string => `title: ${name}
id: ${name.repeat(8)}-2222-4222-8222-${name.repeat(12)}
name: c_${name}
status: stable
level: high
correlation:
  group-by: [ip]
  generate: false
${body}
`;

/** The consumers of one stretch of a partition, and what comes of the signals that they are fed. */
class Correlator {
  readonly alerts: string[] = [];
  readonly watermarks = new Watermarks();
  readonly aside: PutAside[] = [];
  readonly deadLetters: string[] = [];
  /** When all is detected; undefined: as it happens. */
  nowMs: number | undefined;
  /** Firings that are on their way, while they are held up. */
  #heldUp: SentSignal[] | undefined;
  readonly #rules: Rules;
  readonly #groups = new Map<string, Group>();
  #sequence = 0;

  constructor(...documents: readonly string[]) {
    this.#rules = compileRules([{ path: 'test.yml', text: documents.join('---\n') }]);
    expect(this.#rules.loaded.faults).toEqual([]);
  }

  /** A match of a rule, in a batch of its own, with all that it sets off. */
  match(name: string, timeMs: number, fields: Readonly<Record<string, unknown>> = {}, recordId?: string): void {
    const { id } = this.#rules.loaded.rules.find((one) => one.name === name)!;
    for (const consumer of this.#rules.loaded.consumers.get(id) ?? []) {
      const signal = consumer.signalOf(id, timeMs, { ip: '192.0.2.1', ...fields });
      if (signal === undefined) continue;
      const { value, ...rest } = signal;
      this.#take({
        origin: { incarnation: 1, source: 'silo.acme.audit/0', offset: (this.#sequence += 1), ordinal: 0 },
        layout: 1,
        tenant: 'acme',
        signal: {
          ...rest,
          consumer: consumer.hash,
          ordinal: 0,
          group: [...signal.group],
          entities: [],
          ...(value === undefined ? {} : { value }),
        },
        samples: [],
        arrivalMs: timeMs,
        detectedMs: this.nowMs ?? timeMs,
        isLate: false,
        recordId,
      });
    }
  }

  /** Firings come in later than the signals that follow, since their partition is read more slowly. */
  holdUp(): void {
    this.#heldUp = [];
  }

  letGo(): void {
    const late = this.#heldUp ?? [];
    this.#heldUp = undefined;
    for (const sent of late) this.#take(sent);
  }

  /** Signals that wait to be counted. */
  get held(): number {
    return [...this.#groups.values()].reduce((sum, { held = [] }) => sum + held.length, 0);
  }

  /** Time goes by and nothing comes. */
  wait(untilMs: number, clockMs = untilMs): void {
    this.watermarks.tell({ clockMs, watermarks: [['silo.acme.audit/0', 'acme', untilMs]] }, clockMs);
    const work = new BatchCorrelation({ ...CONTEXT, watermarks: this.watermarks }, (key) => this.#groups.get(key));
    for (const [key, group] of this.#groups) {
      const consumer = this.#rules.byHash.get(group.consumer)!;
      work.close(key, { consumer, rules: this.#rules }, group);
    }
    this.#keep(work);
  }

  /** Makes counting the signal of this time fail, which a group holds. */
  spoil(timeMs: number): void {
    const filter = (): never => {
      throw new Error('a bug');
    };
    for (const [key, group] of this.#groups) {
      const held = group.held?.map((sent) =>
        sent.signal.timeMs === timeMs
          ? { ...sent, signal: { ...sent.signal, entities: Object.assign([], { filter }) } }
          : sent,
      );
      if (held !== undefined) this.#groups.set(key, { ...group, held });
    }
  }

  #take(message: SentSignal): void {
    const consumer = this.#rules.byHash.get(message.signal.consumer)!;
    const key = groupKey({ consumer: consumer.hash, tenant: message.tenant, group: message.signal.group });
    const work = new BatchCorrelation({ ...CONTEXT, watermarks: this.watermarks }, (known) => this.#groups.get(known));
    work.take(key, { consumer, rules: this.#rules }, message);
    this.#keep(work);
  }

  #keep(work: BatchCorrelation): void {
    for (const [key, { group }] of work.changed) {
      if (group === undefined) this.#groups.delete(key);
      else this.#groups.set(key, group);
    }
    this.alerts.push(...[...work.drafts.values()].map(({ ruleTitle }) => ruleTitle));
    this.aside.push(...work.aside);
    for (const { message, targetPartition } of work.outbox) {
      if (targetPartition === TO_DEAD_LETTERS) {
        this.deadLetters.push(message);
        continue;
      }
      const relayed = decodeMessage(Buffer.from(message));
      if (relayed?.kind !== 'signals') throw new Error('not a firing');
      for (const sent of signalsIn(relayed)) {
        if (this.#heldUp === undefined) this.#take(sent);
        else this.#heldUp.push(sent);
      }
    }
  }
}

const CONTEXT = { partition: 0, signalsPartitions: 1, watermarks: new Watermarks(), outboxSequence: 0 };

const failed = rule('a', 'session.fail');
const succeeded = rule('b', 'session.login');
const many = correlation('d', '  type: event_count\n  rules: [a]\n  timespan: 5m\n  condition: { gte: 3 }');

describe('audit records that a shipper sends again', () => {
  const countsTo = (most: number): string =>
    correlation('g', `  type: event_count\n  rules: [a]\n  timespan: 10m\n  condition: { gte: ${most} }`);

  it.each([
    [100, 70],
    [5, 1_500],
    [5_000, 3_000],
  ])('count once where %d are counted to and %d came', (most, sent) => {
    const correlator = new Correlator(failed, countsTo(most));
    const send = (): void => {
      for (let i = 0; i < sent; i += 1) correlator.match('a', START + i, {}, `id-${i}`);
    };
    send();
    const alerts = [...correlator.alerts];
    expect(alerts.length > 0).toBe(sent >= most);
    send();
    expect(correlator.alerts).toEqual(alerts);
    for (let i = 0; i < most; i += 1) correlator.match('a', START + MINUTE + i, {}, `more-${i}`);
    expect(correlator.alerts.length).toBeGreaterThan(alerts.length);
  });
});

describe('a correlation that others name', () => {
  it('still stands for what asks whether it was there, as long as it counts on', () => {
    const guessed = correlation('e', '  type: temporal_ordered\n  rules: [c_d, b]\n  timespan: 10m');
    const correlator = new Correlator(failed, succeeded, many, guessed);
    // Guessing that began long before the window of the outer correlation, and never paused.
    for (let minute = 0; minute <= 60; minute += 1) correlator.match('a', START + minute * MINUTE);
    expect(correlator.alerts.filter((title) => title === 'e')).toEqual([]);
    correlator.match('b', START + 61 * MINUTE);
    expect(correlator.alerts.filter((title) => title === 'e')).toEqual(['e']);
  });

  it('is one for what counts it, however long it counts on', () => {
    const twice = correlation('f', '  type: event_count\n  rules: [c_d]\n  timespan: 2h\n  condition: { gte: 2 }');
    const correlator = new Correlator(failed, many, twice);
    for (let minute = 0; minute <= 60; minute += 1) correlator.match('a', START + minute * MINUTE);
    expect(correlator.alerts.filter((title) => title === 'f')).toEqual([]);
    for (let minute = 90; minute <= 95; minute += 1) correlator.match('a', START + minute * MINUTE);
    expect(correlator.alerts.filter((title) => title === 'f')).toContain('f');
  });
});

describe('a correlation that another one feeds, while a backlog longer than its span is read', () => {
  const HOUR = 60 * MINUTE;
  const NOW = START + 10 * HOUR;

  it.each([
    'type: temporal\n  rules: [c_d, b]\n  timespan: 10m',
    'type: temporal_ordered\n  rules: [c_d, b]\n  timespan: 10m',
    'type: event_count\n  rules: [c_d, b]\n  timespan: 10m\n  condition: { gte: 2 }',
  ])('finds what it would have found live, though signals of hours later came in before the firing: %s', (kind) => {
    const correlator = new Correlator(failed, succeeded, many, correlation('e', `  ${kind}`));
    correlator.nowMs = NOW;
    correlator.holdUp();
    for (let minute = 0; minute < 3; minute += 1) correlator.match('a', START + minute * MINUTE);
    for (const hours of [0, 1, 2, 3]) correlator.match('b', START + 4 * MINUTE + hours * HOUR);
    correlator.wait(START + 4 * HOUR, NOW + 1_000);
    correlator.letGo();
    correlator.wait(START + 5 * HOUR, NOW + 10_000);
    expect(correlator.alerts).toEqual([]);
    correlator.watermarks.settle(NOW + 5_000);
    correlator.wait(START + 5 * HOUR, NOW + 20_000);
    expect(correlator.alerts).toEqual(['e']);
    expect(correlator.held).toBe(0);
  });

  it('says what did not come, once everything is in that could have come', () => {
    const unanswered = `${correlation('e', '  type: temporal\n  rules: [b, c_d]\n  timespan: 10m').trimEnd()}
silowatch: { absence: { expected: c_d } }
`;
    const correlator = new Correlator(failed, succeeded, many, unanswered);
    correlator.nowMs = NOW;
    correlator.holdUp();
    correlator.match('b', START);
    correlator.match('b', START + 2 * HOUR);
    for (let minute = 1; minute < 4; minute += 1) correlator.match('a', START + minute * MINUTE);
    correlator.wait(START + 3 * HOUR, NOW + 10_000);
    expect(correlator.alerts).toEqual([]);
    correlator.letGo();
    correlator.watermarks.settle(NOW + 10_000);
    correlator.wait(START + 4 * HOUR, NOW + HOUR);
    correlator.watermarks.settle(NOW + HOUR);
    correlator.wait(START + 4 * HOUR, NOW + 2 * HOUR);
    // The first was answered; the second was not.
    expect(correlator.alerts).toEqual(['e']);
  });

  it('counts a flood beyond what it holds, the earliest first', () => {
    const often = correlation('e', '  type: event_count\n  rules: [c_d, b]\n  timespan: 10m\n  condition: { gte: 2 }');
    const correlator = new Correlator(failed, succeeded, many, often);
    correlator.nowMs = NOW;
    for (let i = 0; i < 1_000; i += 1) correlator.match('b', START + i);
    expect(correlator.held).toBeLessThanOrEqual(257);
    expect(correlator.alerts).toContain('e');
  });

  it('puts aside what cannot be counted when its time has come, and counts the others', () => {
    const often = correlation('e', '  type: event_count\n  rules: [c_d, b]\n  timespan: 10m\n  condition: { gte: 2 }');
    const correlator = new Correlator(failed, succeeded, many, often);
    correlator.nowMs = NOW;
    for (const minute of [1, 2, 3]) correlator.match('b', START + minute * MINUTE, { u: `u${minute}` });
    correlator.wait(START + HOUR, NOW);
    correlator.watermarks.settle(NOW);
    correlator.spoil(START + 2 * MINUTE);
    correlator.wait(START + HOUR, NOW + 1_000);
    expect([correlator.held, correlator.alerts.filter((title) => title === 'e')]).toEqual([0, ['e']]);
    expect(correlator.aside.map(({ sent }) => sent.signal.timeMs)).toEqual([START + 2 * MINUTE]);
    const letter = decodeAside(correlator.deadLetters[0]!);
    expect(letter).toMatchObject({ topic: 'silowatch.dead-letters', headers: { reason: 'processing_failed' } });
    const replayed = decodeMessage(Buffer.from(letter.value ?? ''));
    expect(replayed).toMatchObject({ origin: { source: 'put-aside/0/1' }, signals: [{ timeMs: START + 2 * MINUTE }] });
  });

  it('takes what comes as it happens at once', () => {
    const guessed = correlation('e', '  type: temporal\n  rules: [c_d, b]\n  timespan: 10m');
    const correlator = new Correlator(failed, succeeded, many, guessed);
    for (let minute = 0; minute < 3; minute += 1) correlator.match('a', START + minute * MINUTE);
    correlator.match('b', START + 3 * MINUTE);
    expect(correlator.alerts).toEqual(['e']);
  });
});

describe('something that is due', () => {
  const missing = `${correlation('d', '  type: temporal\n  rules: [a, b]\n  timespan: 10m').trimEnd()}
silowatch: { absence: { expected: b } }
`;

  it('raises the alert when time went by, with no further event', () => {
    const correlator = new Correlator(failed, succeeded, missing);
    correlator.match('a', START);
    correlator.wait(START + 9 * MINUTE);
    expect(correlator.alerts).toEqual([]);
    correlator.wait(START + 30 * MINUTE);
    expect(correlator.alerts).toEqual(['d']);
  });

  it('is known to have come when it was read before what it answers', () => {
    const correlator = new Correlator(failed, succeeded, missing);
    correlator.match('b', START + MINUTE);
    correlator.match('a', START);
    correlator.wait(START + 30 * MINUTE);
    expect(correlator.alerts).toEqual([]);
  });
});

describe('what remembers values', () => {
  it('says in the alert that its memory is full, since from then on it sees nothing new', () => {
    const novel = `${correlation('d', '  type: value_count\n  rules: [a]\n  timespan: 1d\n  condition: { gte: 1, field: u }').trimEnd()}
silowatch: { suppress: 1s, new_terms: { learn: 1m, cap: 2 } }
`;
    const correlator = new Correlator(failed, novel);
    for (const [minute, u] of ['x', 'y', 'z', 'w'].entries()) correlator.match('a', START + minute * MINUTE, { u });
    expect(correlator.alerts).toEqual(['d', 'd: too many values to tell new ones any more']);
  });
});
