/** The kind of log an event comes from; each part left out means "unknown" (Sigma spec 2.1, Log source). */
export interface EventLogsource {
  readonly category?: string;
  readonly product?: string;
  readonly service?: string;
}

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
}
