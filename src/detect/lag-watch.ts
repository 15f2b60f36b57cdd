import type { ReaderPosition } from '../platform/event-log/event-log.js';

/** A stream this far behind its log's end is an alert: windows close late, and so does every page. */
export const LAG_ALERT_SECONDS = 60;
/** While it lasts it is said again this often. */
const SAY_EVERY_MS = 60_000;

export interface Lag {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the next record to be handled. */
  readonly position: number;
  readonly records: number;
  readonly seconds: number;
}

interface Place {
  /** Arrival of the last record that was handled, or when nothing was left to read. */
  upToMs: number;
  saidMs: number;
}

/** Which source partitions have fallen behind. Reading is fair, so that a silo that floods falls behind alone, and is named. */
export class LagWatch {
  #places = new Map<string, Place>();

  /** Records up to this arrival were handled. */
  handled(topic: string, partition: number, arrivalMs: number): void {
    const place = this.#places.get(keyOf(topic, partition));
    if (place !== undefined) place.upToMs = Math.max(place.upToMs, arrivalMs);
  }

  /** Those of which it is time to say that they are behind. Partitions that are not read here any more are forgotten. */
  late(positions: readonly ReaderPosition[], nowMs: number): readonly Lag[] {
    const places = new Map<string, Place>();
    const late: Lag[] = [];
    for (const { topic, partition, position, highWatermark } of positions) {
      const key = keyOf(topic, partition);
      const place = this.#places.get(key) ?? { upToMs: nowMs, saidMs: -Infinity };
      places.set(key, place);
      const records = highWatermark - position;
      // Not after now, nor said after now: the clock may have been ahead.
      place.upToMs = records <= 0 ? nowMs : Math.min(place.upToMs, nowMs);
      const seconds = (nowMs - place.upToMs) / 1000;
      if (seconds < LAG_ALERT_SECONDS || Math.abs(nowMs - place.saidMs) < SAY_EVERY_MS) continue;
      place.saidMs = nowMs;
      late.push({ topic, partition, position, records, seconds });
    }
    this.#places = places;
    return late;
  }
}

const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`;
