/** The kind of log an event comes from; each part left out means "unknown" (Sigma spec 2.1, Log source). */
export interface EventLogsource {
  readonly category?: string;
  readonly product?: string;
  readonly service?: string;
}

/**
 * What had to be done to a record so that it could be used at all: its time lay more than five minutes after its arrival
 * (clamped to that), or years before it (kept); bytes that are no UTF-8 were replaced by U+FFFD.
 */
export type EventMark = 'time_in_future' | 'time_in_past' | 'invalid_utf8';

/**
 * The field in which correlations over the fleet read which silo an event is of, so that they can count silos. The topic says it: a member of that name in
 * a record does not count.
 */
export const TENANT_FIELD = 'silowatch.tenant';

/** A log record in the form that rules read. */
export interface Event {
  /** Event time in epoch milliseconds, UTC. */
  readonly timeMs: number;
  /** `arrival` when the record itself had no usable time. */
  readonly timeSource: 'record' | 'arrival';
  /** Name of the format that parsed it, e.g. `combined`. */
  readonly format: string;
  readonly logsource: EventLogsource | undefined;
  /** JSON values under the taxonomy's field names; nested objects are reached by dotted names. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The tenant the record claims to be of, if it says so. A claim, never the truth: the topic decides. */
  readonly claimedTenant?: string;
  /** Absent for a record that was sound. Rules see the same list as the field `silowatch.marks`. */
  readonly marks?: readonly EventMark[];
}
