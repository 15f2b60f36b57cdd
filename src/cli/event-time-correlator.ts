import {
  asksWhether,
  close,
  deadlineOf,
  step,
  type Consumer,
  type Correlation,
  type Firing,
  type GroupState,
  type Loaded,
  type Rule,
} from '../sigma/index.js';

/** An event may be this much older than the newest one and is still counted where it belongs. */
export const LATENESS_MS = 5 * 60_000;

type Fields = Readonly<Record<string, unknown>>;

export type OnFiring<Context> = (
  consumer: Consumer,
  group: readonly string[],
  firing: Firing,
  context: Context,
) => void;

interface Group {
  readonly consumer: Consumer;
  readonly key: string;
  readonly values: readonly string[];
  state: GroupState;
}

/** Groups whose windows need a look in the same stretch of event time lie in one bucket. */
const BUCKET_MS = 30_000;

/**
 * Correlation over a log that is read once, in memory and in event time; what the service does over its database, without
 * one. Groups are freed as the watermark passes them, so that memory follows what is going on, not how long the log is.
 */
export class EventTimeCorrelator<Context> {
  readonly #consumers: Loaded['consumers'];
  readonly #onFiring: OnFiring<Context>;
  readonly #groups = new Map<string, Group>();
  readonly #buckets = new Map<number, Group[]>();
  #newestMs = -Infinity;
  #nextBucket = Infinity;

  readonly #tellsAll: boolean;

  /** `tellsAll`: also what only feeds other correlations is told. */
  constructor(consumers: Loaded['consumers'], onFiring: OnFiring<Context>, tellsAll = false) {
    this.#consumers = consumers;
    this.#onFiring = onFiring;
    this.#tellsAll = tellsAll;
  }

  /** Event time has come to `timeMs`: decides windows that ended. */
  advance(timeMs: number, context: Context): void {
    if (timeMs <= this.#newestMs) return;
    this.#newestMs = timeMs;
    if (this.#nextBucket * BUCKET_MS <= timeMs - LATENESS_MS) this.#closeUntil(timeMs - LATENESS_MS, context);
  }

  /** The log is over: decides what ended by its last event. */
  finish(context: Context): void {
    if (Number.isFinite(this.#newestMs)) this.#closeUntil(this.#newestMs + BUCKET_MS, context, this.#newestMs);
  }

  /** A rule matched, or the matches of an event decided a correlation. */
  match(feeder: Pick<Rule | Correlation, 'id'>, timeMs: number, fields: Fields, context: Context): void {
    this.#feed(feeder.id, timeMs, fields, context, 0, true);
  }

  #feed(id: string, timeMs: number, fields: Fields, context: Context, depth: number, isOpening: boolean): void {
    for (const consumer of this.#consumers.get(id) ?? NO_CONSUMERS) {
      if (!isOpening && !asksWhether(consumer)) continue;
      const signal = consumer.signalOf(id, timeMs, fields);
      if (signal === undefined) continue;
      const key = `${consumer.hash}\0${signal.group.join('\0')}`;
      const known = this.#groups.get(key);
      const { state, firings } = step(consumer, known?.state, signal, this.#newestMs - LATENESS_MS);
      if (known === undefined) this.#open({ consumer, key, values: signal.group, state });
      else known.state = state;
      for (const firing of firings) this.#fire(consumer, signal.group, firing, context, depth);
    }
  }

  #fire(consumer: Consumer, group: readonly string[], firing: Firing, context: Context, depth: number): void {
    const { correlation } = consumer;
    if (correlation.alertsAlone || this.#tellsAll) this.#onFiring(consumer, group, firing, context);
    // The loader refuses circles; the bound guards this loop all the same.
    if (!consumer.isRelayed || depth > 16) return;
    this.#feed(correlation.id, firing.timeMs, consumer.fieldsOf(group), context, depth + 1, !firing.continues);
  }

  #open(group: Group): void {
    this.#groups.set(group.key, group);
    this.#schedule(group);
  }

  #schedule(group: Group): void {
    const deadlineMs = deadlineOf(group.consumer, group.state);
    if (deadlineMs === undefined) return;
    const bucket = Math.floor(deadlineMs / BUCKET_MS) + 1;
    const waiting = this.#buckets.get(bucket);
    if (waiting === undefined) this.#buckets.set(bucket, [group]);
    else waiting.push(group);
    if (bucket < this.#nextBucket) this.#nextBucket = bucket;
  }

  #closeUntil(endMs: number, context: Context, watermarkMs = endMs): void {
    const due = [...this.#buckets.keys()].filter((bucket) => bucket * BUCKET_MS <= endMs).sort((a, b) => a - b);
    for (const bucket of due) {
      const groups = this.#buckets.get(bucket) ?? [];
      this.#buckets.delete(bucket);
      for (const group of groups) this.#closeGroup(group, watermarkMs, context);
    }
    this.#nextBucket = Infinity;
    for (const bucket of this.#buckets.keys()) this.#nextBucket = Math.min(this.#nextBucket, bucket);
  }

  #closeGroup(group: Group, watermarkMs: number, context: Context): void {
    const deadlineMs = deadlineOf(group.consumer, group.state);
    if (deadlineMs !== undefined && deadlineMs <= watermarkMs) {
      const { state, firings } = close(group.consumer, group.state, watermarkMs);
      for (const firing of firings) this.#fire(group.consumer, group.values, firing, context, 0);
      if (state === undefined) {
        this.#groups.delete(group.key);
        return;
      }
      group.state = state;
    }
    this.#schedule(group);
  }
}

const NO_CONSUMERS: readonly Consumer[] = [];
