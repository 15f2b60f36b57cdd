import fc from 'fast-check';
import { RelayClock } from '../../../src/correlate/relay-clock.js';

const PARTITIONS = 3;
const INSTANCES = ['one', 'two'] as const;
const SECOND = 1_000;

/** What lies in a partition of the model. */
type Message =
  | { readonly kind: 'signal'; readonly detectedMs: number; readonly feeds: boolean }
  | { readonly kind: 'progress'; readonly instance: string; readonly clockMs: number }
  | { readonly kind: 'relayed'; readonly partition: number; readonly heardMs: number };

type Logged = Message & { readonly loggedMs: number };

type Step =
  | { readonly kind: 'detect'; readonly to: number; readonly feeds: boolean }
  | { readonly kind: 'progress'; readonly instance: number }
  | { readonly kind: 'read'; readonly partition: number; readonly count: number }
  | { readonly kind: 'tell'; readonly partition: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('detect' as const), to: fc.nat(PARTITIONS - 1), feeds: fc.boolean() }),
    fc.record({ kind: fc.constant('progress' as const), instance: fc.nat(INSTANCES.length - 1) }),
    fc.record({ kind: fc.constant('read' as const), partition: fc.nat(PARTITIONS - 1), count: fc.nat(6) }),
    fc.record({ kind: fc.constant('tell' as const), partition: fc.nat(PARTITIONS - 1) }),
  ),
  { minLength: 30, maxLength: 120 },
);

/** Partitions that are read at any pace; what feeds sets off a signal in the next partition. */
class Model {
  readonly clocks = Array.from({ length: PARTITIONS }, () => new RelayClock(PARTITIONS));
  readonly #logs: Logged[][] = Array.from({ length: PARTITIONS }, () => []);
  readonly #read = Array.from({ length: PARTITIONS }, () => 0);
  readonly #settledMs = Array.from({ length: PARTITIONS }, () => 0);
  #nowMs = 1_000_000;

  do(step: Step): void {
    this.#nowMs += SECOND;
    if (step.kind === 'detect') this.#append(step.to, { kind: 'signal', detectedMs: this.#nowMs, feeds: step.feeds });
    if (step.kind === 'progress') this.#tellAll(INSTANCES[step.instance] ?? 'one');
    if (step.kind === 'read') for (let i = 0; i < step.count; i += 1) this.#readOne(step.partition);
    if (step.kind === 'tell') this.#tell(step.partition);
  }

  /** Everything is read, and everybody tells, until nothing new comes of it. */
  settle(): void {
    for (let round = 0; round < 6; round += 1) {
      this.#nowMs += 2 * SECOND;
      for (const instance of INSTANCES) this.#tellAll(instance);
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        while (this.#readOne(partition));
        this.#tell(partition);
      }
    }
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** When the oldest signal was detected that has yet to have an effect on this partition. */
  outstandingMs(partition: number): number {
    const reaches = (at: number, feeds: boolean): boolean =>
      at === partition || (feeds && (at + 1) % PARTITIONS === partition);
    return Math.min(
      Infinity,
      ...this.#logs.flatMap((log, at) =>
        log
          .slice(this.#read[at])
          .flatMap((one) => (one.kind === 'signal' && reaches(at, one.feeds) ? [one.detectedMs] : [])),
      ),
    );
  }

  #append(partition: number, message: Message): void {
    this.#logs[partition]?.push({ ...message, loggedMs: this.#nowMs });
  }

  #tellAll(instance: string): void {
    const clockMs = this.#nowMs;
    for (let partition = 0; partition < PARTITIONS; partition += 1)
      this.#append(partition, { kind: 'progress', instance, clockMs });
  }

  #tell(partition: number): void {
    const heardMs = this.#settledMs[partition] ?? 0;
    if (heardMs === 0) return;
    for (let to = 0; to < PARTITIONS; to += 1) this.#append(to, { kind: 'relayed', partition, heardMs });
  }

  #readOne(partition: number): boolean {
    const at = this.#read[partition] ?? 0;
    const message = this.#logs[partition]?.[at];
    const clock = this.clocks[partition];
    if (message === undefined || clock === undefined) return false;
    this.#read[partition] = at + 1;
    if (message.kind === 'progress') clock.heard(message.instance, message.clockMs, message.loggedMs);
    if (message.kind === 'relayed') clock.told(message.partition, message.heardMs, message.loggedMs);
    if (message.kind === 'signal' && message.feeds) {
      this.#append((partition + 1) % PARTITIONS, { ...message, feeds: false });
    }
    this.#settledMs[partition] = clock.heardMs;
    return true;
  }
}

describe('the clock of firings that are sent on', () => {
  it('never passes a signal whose effect is still on its way', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const model = new Model();
        for (const step of list) {
          model.do(step);
          for (const [partition, { passedMs }] of model.clocks.entries()) {
            expect(passedMs).toBeLessThan(model.outstandingMs(partition));
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('comes within seconds of now once everything is read', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const model = new Model();
        for (const step of list) model.do(step);
        model.settle();
        for (const { passedMs } of model.clocks) expect(model.nowMs - passedMs).toBeLessThanOrEqual(10 * SECOND);
      }),
    );
  });

  it('is not held back by an instance that is gone', () => {
    const clock = new RelayClock(1);
    clock.heard('gone', 1_000, 1_000);
    clock.heard('here', 100 * SECOND, 100 * SECOND);
    expect(clock.heardMs).toBe(100 * SECOND);
  });

  it('knows nothing while one partition has told nothing', () => {
    const clock = new RelayClock(2);
    clock.told(0, 9_000, 9_000);
    expect(clock.passedMs).toBe(0);
  });

  it('passes over partitions that there are no more', () => {
    const clock = new RelayClock(1);
    clock.told(1, 1, 1);
    expect(clock.passedMs).toBe(0);
    clock.told(0, 60 * SECOND, 60 * SECOND);
    expect(clock.passedMs).toBeGreaterThan(50 * SECOND);
  });

  it('begins anew where the log’s own clock was an hour ahead', () => {
    const clock = new RelayClock(1);
    const at = (ms: number): void => {
      clock.heard('one', ms, ms);
      clock.told(0, clock.heardMs, ms);
    };
    for (const second of [1, 3_600, 3_610]) at(second * SECOND);
    expect(clock.passedMs).toBe(3_605 * SECOND);
    at(5 * SECOND);
    expect(clock.passedMs).toBeLessThan(0);
    for (const second of [10, 11]) at(second * SECOND);
    expect(clock.passedMs).toBe(6 * SECOND);
  });
});
