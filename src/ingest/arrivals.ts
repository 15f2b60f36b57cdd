import type { LogRecord } from '../platform/event-log/event-log.js';

/** Stretches without a record that are at least so long are told, since habits are learned from them. */
export const GAP_MS = 2 * 60_000;

/** When records of a stream reached its log, by the log's own clock. */
export interface Arrivals {
  readonly firstMs: number;
  readonly lastMs: number;
  /** The longest stretch between two of them, from and to; undefined where none lasted `GAP_MS`. */
  readonly gap?: [startMs: number, endMs: number] | undefined;
}

/** Undefined for no records. */
export function arrivalsOf(records: readonly LogRecord[]): Arrivals | undefined {
  const [first] = records;
  if (first === undefined) return undefined;
  let lastMs = first.timestampMs;
  let [start, longestMs] = [0, GAP_MS - 1];
  for (const { timestampMs } of records) {
    if (timestampMs - lastMs > longestMs) [start, longestMs] = [lastMs, timestampMs - lastMs];
    if (timestampMs > lastMs) lastMs = timestampMs;
  }
  return { firstMs: first.timestampMs, lastMs, gap: start === 0 ? undefined : [start, start + longestMs] };
}

/** Of two stretches of one stream, the earlier one given first where they do not overlap. */
export function mergeArrivals(earlier: Arrivals | undefined, later: Arrivals): Arrivals {
  if (earlier === undefined) return later;
  const between: Arrivals['gap'] =
    later.firstMs - earlier.lastMs >= GAP_MS ? [earlier.lastMs, later.firstMs] : undefined;
  return {
    firstMs: Math.min(earlier.firstMs, later.firstMs),
    lastMs: Math.max(earlier.lastMs, later.lastMs),
    gap: longer(longer(earlier.gap, between), later.gap),
  };
}

const longer = (one: Arrivals['gap'], other: Arrivals['gap']): Arrivals['gap'] => {
  if (one === undefined || other === undefined) return one ?? other;
  return other[1] - other[0] > one[1] - one[0] ? other : one;
};
