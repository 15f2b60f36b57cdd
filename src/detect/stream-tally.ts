import { arrivalsOf, mergeArrivals } from '../ingest/arrivals.js';
import type { Source } from '../ingest/source.js';
import type { StreamLag } from '../ingest/stream-lag.js';
import { isParseFailure } from '../ingest/dead-letter.js';
import type { ReaderPosition, RecordBatch } from '../platform/event-log/event-log.js';
import type { DetectedBatch } from './detect-batch.js';
import type { StreamCounts } from './signal-message.js';

type Counts = { -readonly [K in keyof StreamCounts]: StreamCounts[K] };

/** A stream of which nothing new can be told is told this often, so that a thousand quiet silos cost little. */
const TELL_QUIET_EVERY_MS = 10_000;
/** Beyond this, what is known of the log's end is too old to say that nothing came. */
const HEARD_WITHIN_MS = 5_000;

/** One partition of a stream. */
interface Place {
  readonly source: Source;
  /** Arrival of the last record that was handled. */
  arrivalMs: number;
  /** When the log's end was last reached. */
  caughtUpMs: number;
}

/** What a batch took. */
export interface BatchTimes {
  /** To parse its records and match them. */
  readonly matchSeconds: number;
  /** Until the log acknowledged what came of it; 0 where nothing did. */
  readonly sendSeconds: number;
}

interface Told {
  atMs: number;
  isQuiet: boolean;
}

/** What this instance counts of each silo's streams between two tellings. */
export class StreamTally {
  #counts = new Map<string, Counts>();
  readonly #told = new Map<string, Told>();

  handled(source: Source, batch: RecordBatch, result: DetectedBatch, took: BatchTimes): void {
    const counts = this.#of(source);
    counts.events += result.events;
    for (const { reason, count } of result.refused.values()) {
      counts.deadLetters += count;
      if (isParseFailure(reason)) counts.parseFailures += count;
    }
    if (result.refused.size > 0) counts.refused = mergeRefused(counts.refused ?? [], [...result.refused.values()]);
    const [batches, matchUs, sendUs] = counts.work ?? [0, 0, 0];
    counts.work = [batches + 1, matchUs + microseconds(took.matchSeconds), sendUs + microseconds(took.sendSeconds)];
    if (result.lastEventMs !== null) counts.lastEventMs = Math.max(counts.lastEventMs ?? 0, result.lastEventMs);
    const arrivals = arrivalsOf(batch.records);
    if (arrivals !== undefined) counts.arrivals = mergeArrivals(counts.arrivals, arrivals);
  }

  /** The log shared partitions out anew, and some of the stream's came here. */
  takenUp(source: Source): void {
    const counts = this.#of(source);
    counts.rebalances = (counts.rebalances ?? 0) + 1;
  }

  /** Learns from the positions how far behind each stream is, and up to when it is known what came. */
  lookAt(positions: readonly (ReaderPosition & { readonly place: Place })[], nowMs: number): readonly StreamLag[] {
    const looks = new Map<string, { source: Source; records: number; seconds: number; isKnown: boolean }>();
    for (const { place, position, highWatermark, heardAgoMs } of positions) {
      const { source } = place;
      const key = keyOf(source);
      const look = looks.get(key) ?? { source, records: 0, seconds: 0, isKnown: true };
      looks.set(key, look);
      const records = Math.max(0, highWatermark - position);
      look.records += records;
      if (records > 0)
        look.seconds = Math.max(look.seconds, (nowMs - Math.max(place.arrivalMs, place.caughtUpMs)) / 1000);
      look.isKnown &&= records === 0 && heardAgoMs < HEARD_WITHIN_MS;
    }
    const lags: StreamLag[] = [];
    for (const [key, { source, records, seconds, isKnown }] of looks) {
      const { tenant, stream } = source;
      lags.push({ tenant, stream, records, seconds });
      if (!this.#isDue(key, records > 0, nowMs)) continue;
      const counts = this.#of(source);
      counts.lagRecords = records;
      counts.lagSeconds = seconds;
      counts.readUpToMs = isKnown ? nowMs : null;
    }
    return lags;
  }

  /** What is to be told now; the tally starts anew. */
  take(): readonly StreamCounts[] {
    const counts = [...this.#counts.values()];
    this.#counts = new Map();
    return counts;
  }

  /** Could not be told: it is told the next time. */
  giveBack(untold: readonly StreamCounts[]): void {
    for (const older of untold) {
      const key = keyOf(older);
      const newer = this.#counts.get(key);
      this.#counts.set(key, newer === undefined ? older : addCounts(older, newer));
    }
  }

  #isDue(key: string, isBehind: boolean, nowMs: number): boolean {
    const isBusy = isBehind || this.#counts.has(key);
    const told = this.#told.get(key);
    // The first quiet second is told too: it ends the rate.
    if (!isBusy && told?.isQuiet === true && Math.abs(nowMs - told.atMs) < TELL_QUIET_EVERY_MS) return false;
    this.#told.set(key, { atMs: nowMs, isQuiet: !isBusy });
    return true;
  }

  #of({ tenant, stream }: Pick<Source, 'tenant' | 'stream'>): Counts {
    const key = keyOf({ tenant, stream });
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const none = { events: 0, parseFailures: 0, deadLetters: 0, lastEventMs: null, lagRecords: 0, lagSeconds: 0 };
    const made: Counts = { tenant, stream, ...none };
    this.#counts.set(key, made);
    return made;
  }
}

/** What was counted in two stretches of one stream; how far behind it is, as of the later. */
export function addCounts(older: StreamCounts, newer: StreamCounts): StreamCounts {
  const arrivals =
    older.arrivals === undefined || newer.arrivals === undefined
      ? (older.arrivals ?? newer.arrivals)
      : mergeArrivals(older.arrivals, newer.arrivals);
  const work = addTimes(older.work, newer.work);
  const rebalances = (older.rebalances ?? 0) + (newer.rebalances ?? 0);
  const refused = mergeRefused(older.refused ?? [], newer.refused ?? []);
  return {
    ...newer,
    events: older.events + newer.events,
    deadLetters: older.deadLetters + newer.deadLetters,
    parseFailures: older.parseFailures + newer.parseFailures,
    lastEventMs: Math.max(older.lastEventMs ?? 0, newer.lastEventMs ?? 0) || null,
    ...(refused.length === 0 ? {} : { refused }),
    ...(arrivals === undefined ? {} : { arrivals }),
    ...(work === undefined ? {} : { work }),
    ...(rebalances === 0 ? {} : { rebalances }),
  };
}

function addTimes(older: StreamCounts['work'], newer: StreamCounts['work']): StreamCounts['work'] {
  if (older === undefined || newer === undefined) return older ?? newer;
  return [older[0] + newer[0], older[1] + newer[1], older[2] + newer[2]];
}

const microseconds = (seconds: number): number => Math.round(seconds * 1e6);

type Refused = NonNullable<StreamCounts['refused']>[number];

/** Adds up by reason and format; the place is that of the latest. */
function mergeRefused(older: readonly Refused[], newer: readonly Refused[]): Refused[] {
  const sums = new Map<string, Refused>();
  for (const one of [...older, ...newer]) {
    const key = `${one.reason} ${one.format}`;
    sums.set(key, { ...one, count: one.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()];
}

const keyOf = ({ tenant, stream }: Pick<Source, 'tenant' | 'stream'>): string => `${tenant} ${stream}`;
