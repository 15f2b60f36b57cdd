import type { Stream } from '../platform/event-log/topics.js';

/** How far the reading of a silo's stream is behind its log. */
export interface StreamLag {
  readonly tenant: string;
  readonly stream: Stream;
  readonly records: number;
  /** Since the log's end was last reached, or since the arrival of the last record that was read, whichever is later. */
  readonly seconds: number;
}

/** The streams that are furthest behind, the longest first; those that are not behind are left out. */
export function worstLags(lags: readonly StreamLag[], most: number): readonly StreamLag[] {
  return lags
    .filter(({ records }) => records > 0)
    .sort((a, b) => b.seconds - a.seconds || b.records - a.records || (a.tenant < b.tenant ? -1 : 1))
    .slice(0, most);
}
