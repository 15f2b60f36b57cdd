import { WEBSERVER } from '../ingest/formats/access-fields.js';
import { COMBINED_STRETCHES, CombinedGlance } from '../ingest/formats/glance-combined.js';
import type { FormatSettings } from '../ingest/formats/parsed-record.js';
import { ENVELOPE_HEADER } from '../ingest/record-envelope.js';
import type { Entity } from './entity.js';
import { headerText, type LogRecord } from '../platform/event-log/event-log.js';
import type { Matcher, Skim } from '../sigma/index.js';
import type { WatchList } from './watch-list.js';

const NOBODY: readonly Entity[] = [];

/**
 * Most records are lines of an access log that no rule has to do with. They are seen to be that as bytes, and no event is made of them, which
 * costs a quarter. What these lines would give is held to what parsing and matching them gives by tests.
 */
export class PlainLines {
  readonly #glance = new CombinedGlance();
  readonly #skims = new WeakMap<Matcher, Skim>();

  /** The time of the event that the record is, when it is such a line; NaN when it has to be parsed and matched. */
  timeOf(record: LogRecord, settings: FormatSettings | undefined, matcher: Matcher): number {
    const { value, timestampMs } = record;
    if (value === null || ENVELOPE_HEADER in record.headers) return NaN;
    const format = headerText(record, 'format') ?? settings?.format ?? 'combined';
    if (format !== 'combined') return NaN;
    const timeMs = this.#glance.timeOf(value, timestampMs);
    if (Number.isNaN(timeMs) || this.#skimOf(matcher).mayMatch(value, this.#glance.stretches)) return NaN;
    return timeMs;
  }

  /** Which of the watched the record is about that `timeOf` looked at last. */
  watchedIn(value: Buffer, watched: WatchList): readonly Entity[] {
    const { peer, user } = this.#glance;
    const ip = watched.namedAt('ip', value, peer.start, peer.end);
    const named = user.start === user.end ? undefined : watched.namedAt('user', value, user.start, user.end);
    if (ip === undefined && named === undefined) return NOBODY;
    return [ip, named].filter((one) => one !== undefined);
  }

  #skimOf(matcher: Matcher): Skim {
    const known = this.#skims.get(matcher);
    if (known !== undefined) return known;
    const made = matcher.skim(WEBSERVER, COMBINED_STRETCHES);
    this.#skims.set(matcher, made);
    return made;
  }
}
