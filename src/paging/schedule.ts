/** Hours of a layer, in the schedule's local time; `to` at or before `from` reaches into the next day. Weekdays as in ISO 8601: 1 is Monday. */
export interface Restriction {
  readonly from: string;
  readonly to: string;
  readonly weekdays: readonly number[];
}

/** People who take turns. A turn begins on `startsOn` at `handoverAt`, local time, and every `turnDays` calendar days after. */
export interface Layer {
  readonly name: string;
  readonly staffIds: readonly string[];
  /** `2026-11-23` */
  readonly startsOn: string;
  /** `09:00` */
  readonly handoverAt: string;
  readonly turnDays: number;
  /** Empty: around the clock. */
  readonly restrictions: readonly Restriction[];
}

/** Somebody takes over for a while, whatever the layers say. A later override wins over an earlier one. */
export interface Override {
  readonly staffId: string;
  readonly from: Date;
  readonly to: Date;
}

export interface Schedule {
  readonly id: string;
  readonly name: string;
  /** IANA name. */
  readonly timeZone: string;
  /** A later layer covers the earlier ones. */
  readonly layers: readonly Layer[];
  readonly overrides: readonly Override[];
}

/** From `from` (inclusive) to `to` (exclusive) this person is on call. */
export interface Shift {
  readonly staffId: string;
  readonly from: Date;
  readonly to: Date;
}
