/**
 * What a group remembers between signals; JSON-serialisable, to be kept under the consumer's hash. Which version wrote it
 * says whoever keeps it: of a million groups this is a million times in memory.
 */
export interface GroupState {
  /** Times still needed, ascending; for ordered windows what `numbers` says. */
  readonly times: readonly number[];
  /** What belongs to the time with the same index: distinct values or rules. */
  readonly values?: readonly string[];
  /** Numbers of the kind of window: see its file. */
  readonly numbers?: readonly number[];
  /** Recent episodes, flat, `EPISODE` numbers each. */
  readonly episodes: readonly number[];
}

/** A group reached its condition. */
export interface Firing {
  /** Event time at which the condition came to hold. */
  readonly timeMs: number;
  /** Time of the earliest match counted into this episode. */
  readonly firstMs: number;
  /** Matches counted into this episode so far: it replaces, not adds to, what an earlier firing of the episode said. */
  readonly count: number;
  /** The same episode as an earlier firing: it counts on into the same alert. */
  readonly continues: boolean;
  /** Names the episode within its group: the event time of its opening firing, so that a replay gives the same. */
  readonly sequence: number;
  /** The group remembers as many values as it may and cannot tell new ones any more. */
  readonly reason?: 'saturated';
}

/** What one step makes of a group. */
export interface Stepped {
  readonly state: GroupState;
  readonly firings: readonly Firing[];
}

export const NO_FIRINGS: readonly Firing[] = Object.freeze([]);
export const NO_NUMBERS: readonly number[] = Object.freeze([]);

export const NEW_GROUP: GroupState = Object.freeze({ times: NO_NUMBERS, episodes: NO_NUMBERS });
