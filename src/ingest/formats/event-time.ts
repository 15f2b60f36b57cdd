import { type Event, type EventLogsource, type EventMark } from '../../event/event.js';
import { type FormatName } from './parsed-record.js';

/** A record's time may run ahead of its arrival by this much before it is clamped. */
export const MAX_AHEAD_MS = 5 * 60_000;
/** A record this much older than its arrival is marked. */
export const MAX_AGE_MS = 366 * 24 * 3_600_000;
/** Times before this (2000-01-01) come from unset clocks and are not used. */
const EARLIEST_MS = 946_684_800_000;

interface Draft {
  readonly format: FormatName;
  readonly logsource: EventLogsource | undefined;
  readonly fields: Record<string, unknown>;
  /** Undefined or NaN when the record has no usable time. */
  readonly timeMs: number | undefined;
  readonly claimedTenant?: string | undefined;
}

/** Whether a record's own time stands as it is, without a mark. */
export const isPlainTime = (timeMs: number, arrivalMs: number): boolean =>
  timeMs >= EARLIEST_MS && timeMs <= arrivalMs + MAX_AHEAD_MS && timeMs >= arrivalMs - MAX_AGE_MS;

/** Settles an event's time against its arrival. `isReplaced`: bytes that are no UTF-8 were replaced. */
export function finishEvent(draft: Draft, arrivalMs: number, isReplaced: boolean): Event {
  const { format, logsource, fields, timeMs: recordMs, claimedTenant } = draft;
  const isUsable = recordMs !== undefined && recordMs >= EARLIEST_MS;
  let timeMs = isUsable ? recordMs : arrivalMs;
  const timeSource = isUsable ? 'record' : 'arrival';
  let timeMark: EventMark | undefined;
  if (timeMs > arrivalMs + MAX_AHEAD_MS) {
    timeMs = arrivalMs + MAX_AHEAD_MS;
    timeMark = 'time_in_future';
  } else if (timeMs < arrivalMs - MAX_AGE_MS) {
    timeMark = 'time_in_past';
  }
  if (timeMark === undefined && !isReplaced && claimedTenant === undefined) {
    return { timeMs, timeSource, format, logsource, fields };
  }
  const marks: EventMark[] = [];
  if (timeMark !== undefined) marks.push(timeMark);
  if (isReplaced) marks.push('invalid_utf8');
  if (marks.length > 0) fields['silowatch.marks'] = marks;
  return {
    timeMs,
    timeSource,
    format,
    logsource,
    fields,
    ...(claimedTenant === undefined ? {} : { claimedTenant }),
    ...(marks.length === 0 ? {} : { marks }),
  };
}
