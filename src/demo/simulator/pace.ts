/** Records that one ordinary action leaves behind, on average: some make an audit record besides their access line. */
const RECORDS_PER_ACTION = 1.25;
/** How often one person does something while at work. */
const ACTION_EVERY_MS = 5_600;
const FEWEST_PEOPLE = 8;

export interface Pace {
  /** Mean time between two actions in one silo, ms. */
  readonly meanMs: number;
  /** As many as it takes for that: more traffic means more people, not hastier ones. */
  readonly people: number;
}

/** The pace at which so many silos together make `rate` records a second. */
export function paceOf(rate: number, silos: number): Pace {
  const meanMs = (1_000 * RECORDS_PER_ACTION * silos) / rate;
  return { meanMs, people: Math.max(FEWEST_PEOPLE, Math.ceil(ACTION_EVERY_MS / meanMs)) };
}
