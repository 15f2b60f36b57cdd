/** What a group remembers between signals; JSON-serialisable, to be kept under the consumer's hash. */
export interface GroupState {
  readonly v: 1;
  /** Signal times still needed, ascending. */
  readonly times: readonly number[];
  /** What belongs to the entry of `times` with the same index, where the kind of window needs it. */
  readonly values?: readonly string[];
  readonly numbers?: readonly number[];
  /** Recent episodes, flat, four numbers each: sequence, first match, last firing, matches so far. */
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
}
