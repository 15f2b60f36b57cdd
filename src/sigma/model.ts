/** One file as the caller read it; `path` is only used to name places. */
export interface RuleFile {
  readonly path: string;
  readonly text: string;
}

/** What is wrong with a rule file, in words its author can act on; line and column count from 1. */
export interface RuleFault {
  readonly code: string;
  readonly message: string;
  readonly at: { readonly file: string; readonly line: number; readonly column: number };
}

/** The kind of log a rule reads or an event came from, lower case (Sigma spec 2.1, Log Source). */
export interface Logsource {
  readonly category?: string;
  readonly product?: string;
  readonly service?: string;
}

export type Level = 'informational' | 'low' | 'medium' | 'high' | 'critical';
export type Status = 'stable' | 'test' | 'experimental' | 'deprecated' | 'unsupported';

/** What is matched: the fields may be nested, and may hold anything a log can make them hold. */
export interface MatchEvent {
  readonly logsource: Logsource | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What rules and correlations share. */
export interface Header {
  /** The rule's own id, or one derived from its title and log source when it has none. */
  readonly id: string;
  readonly name?: string;
  readonly title: string;
  readonly description?: string;
  readonly level: Level;
  readonly status: Status;
  readonly tags: readonly string[];
  readonly falsepositives: readonly string[];
  readonly file: string;
  /** SHA-256 over all that decides what it finds: detection, log source, filters, placeholders, own attributes. */
  readonly hash: string;
  /** Whether its matches become alerts of their own: no correlation names it, or one with `generate: true` does. */
  readonly alertsAlone: boolean;
  readonly silowatch: SilowatchAttributes;
}

export interface Rule extends Header {
  readonly kind: 'rule';
  readonly logsource: Logsource;
}

export type CorrelationType =
  | 'event_count'
  | 'value_count'
  | 'temporal'
  | 'temporal_ordered'
  | 'value_sum'
  | 'value_avg'
  | 'value_percentile'
  | 'value_median';

export interface Correlation extends Header {
  readonly kind: 'correlation';
  readonly type: CorrelationType;
  /** Ids of the rules and correlations that feed it. */
  readonly rules: readonly string[];
  readonly groupBy: readonly string[];
  readonly timespanMs: number;
}

/** The custom attribute `silowatch:` of a rule or correlation, validated and with defaults filled in. */
export interface SilowatchAttributes {
  readonly incident?: Incident;
  /** Ids of the promises to customers that a match would break. */
  readonly promise: readonly string[];
  /** The first thing a responder does. */
  readonly respond?: string;
  /** Whether groups are kept apart by tenant (the caller adds the tenant to the group key) or reach across tenants. */
  readonly scope: 'silo' | 'fleet';
  /** How long a group counts on into the same alert after it fired. */
  readonly suppressMs?: number;
  /** Of a correlation: the matches of one event decide it. */
  readonly within?: 'event';
}

export interface Incident {
  /** Names of event fields whose values are the alert's entities. */
  readonly entities: readonly string[];
  readonly groupingMs: number;
  readonly playbook?: string;
  readonly containment?: readonly string[];
}

/** Values for `%name%` in rules that use the modifier `expand`. */
export type Placeholders = Readonly<Record<string, readonly string[]>>;

/** Where an address is, in degrees; the looked-up fact travels inside the signal, so that a replay sees the same. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}
export type PlaceLookup = (address: string) => Place | undefined;

export interface LoadOptions {
  readonly placeholders?: Placeholders;
  /** Every rule is tried on every event, whatever its log source. */
  readonly ignoreLogsource?: boolean;
  /** Needed by rules with `silowatch.impossible_travel`, which are refused without it. */
  readonly placeOf?: PlaceLookup;
}

/** Which selections held, and the values of the event that made them hold. */
export interface Explanation {
  /** Fields of which a pattern read the beginning only, `*` for keywords; absent where everything was read. */
  readonly cut?: readonly string[];
  readonly selections: readonly {
    readonly name: string;
    readonly fields: readonly { readonly field: string; readonly value: string }[];
  }[];
}

/** One selection of a rule against an event: why it holds, or why not. */
export interface Diagnosis {
  readonly name: string;
  readonly isHeld: boolean;
  /** What was asked of which fields, and what they held: of a selection that does not hold, what was not met. */
  readonly items: readonly { readonly field: string; readonly asked: string; readonly found: string }[];
}

/** A part of a text that is the value of fields. */
export interface Stretch {
  readonly names: readonly string[];
  /** Whether this text, whose letters are lower case, could be part of it; what could not need not be sought. */
  readonly mayHold: (text: string) => boolean;
}

/** What can be told of an event before it is made. */
export interface Skim {
  /**
   * False: no rule matches an event with these fields. `stretches`: by twos where in `bytes`, which are UTF-8, each stretch begins and
   * ends; -1 for a field that the event has not.
   */
  mayMatch(bytes: Buffer, stretches: Int32Array): boolean;
}

export interface Matcher {
  /** How often, since loading, a pattern was given only the beginning of a value that is longer than it may read. */
  readonly cutValues: number;
  /** The rules that match, in load order; when none does, one shared empty array and no allocation of its own. */
  match(event: MatchEvent): readonly Rule[];
  /**
   * As `match`, for an event that is one JSON object in UTF-8, from `start` to `end` of `bytes`; only what candidates
   * read is parsed. The log source is the event's field `logsource` unless given. Undefined when it is no JSON object.
   */
  matchJson(bytes: Buffer, start: number, end: number, logsource?: Logsource): readonly Rule[] | undefined;
  /** A quick look at events of the log source whose fields are stretches of one text. */
  skim(logsource: Logsource, stretches: readonly Stretch[]): Skim;
  explain(rule: Rule, event: MatchEvent): Explanation;
  /** Each selection of the rule and the filters over it, in words, for somebody who wonders why the rule is silent. */
  diagnose(rule: Rule, event: MatchEvent): readonly Diagnosis[];
  /** Whether the rule is meant for events of this log source. */
  admits(rule: Rule, event: MatchEvent): boolean;
}
